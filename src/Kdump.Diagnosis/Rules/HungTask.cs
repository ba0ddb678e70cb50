using Kdump.Diagnosis.Crashes;

namespace Kdump.Diagnosis.Rules;

/// <summary>A task waited without end: kernel/hung_task.c. The task is a victim; who holds what it waits for is to blame.</summary>
public sealed class HungTask : Rule
{
    public override string Id => "hung-task";

    public override IEnumerable<Opinion> Judge(Facts facts) => CrashFindings.Of(Id, facts, crash =>
        new Finding(Id, $"{(crash.Context.Comm is { } comm ? $"the task {comm}" : "a task")} hung{(crash.Function is null ? "" : $" in {crash.Function}")}",
            crash.Panicked ? Severity.Critical : Severity.Error, crash.Confidence * 0.9,
            "It waits for a lock or for I/O that never ends; the trace shows who waits, not who holds. " + CrashFindings.Where(crash))
        {
            CausedBy = ["aer-uncorrectable", "iommu-fault"],
            Fixes = [new Fix("Get all blocked tasks and held locks when it happens again", "echo w > /proc/sysrq-trigger; echo d > /proc/sysrq-trigger")],
        });
}
