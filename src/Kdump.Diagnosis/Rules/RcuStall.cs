using Kdump.Diagnosis.Crashes;

namespace Kdump.Diagnosis.Rules;

/// <summary>A grace period did not end, because a CPU or task did not pass through a quiescent state: kernel/rcu/tree_stall.h.</summary>
public sealed class RcuStall : Rule
{
    public override string Id => "rcu-stall";

    public override IEnumerable<Opinion> Judge(Facts facts) => CrashFindings.Of(Id, facts, crash =>
        new Finding(Id, $"RCU stalled{(crash.Function is null ? "" : $" in {crash.Function}")}", crash.Panicked ? Severity.Critical : Severity.Error, crash.Confidence * 0.9,
            "A CPU looped in the kernel, was kept away by real-time tasks, or a hypervisor did not run it. " + CrashFindings.Where(crash))
        {
            CausedBy = ["hard-lockup"],
            Fixes = CrashFindings.Look(crash).ToArray(),
        });
}
