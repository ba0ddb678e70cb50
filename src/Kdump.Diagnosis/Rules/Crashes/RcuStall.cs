using Kdump.Diagnosis.Crashes;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>A grace period did not end because a CPU or task did not pass through a quiescent state: kernel/rcu/tree_stall.h.</summary>
public sealed class RcuStall : Rule
{
    public override string Id => "rcu-stall";

    public override Entry Entry => new("rcu-stall", "an RCU grace period did not end")
    {
        Area = Area.Crashing,
        Signature =
        [
            "rcu: INFO: rcu_… self-detected stall on CPU",
            "rcu: INFO: rcu_… detected stalls on CPUs/tasks:",
        ],
        Cause = "A CPU loops in the kernel, interrupts never end, or the grace-period thread gets no CPU time.",
        Origin = "kernel/rcu/tree_stall.h",
    };

    public override IEnumerable<Opinion> Judge(Facts facts) => CrashFindings.Of(Id, facts, crash =>
        new Finding(Id, $"RCU stalled{Place(crash)}", crash.Panicked ? Severity.Critical
            : Severity.Error, crash.Confidence * 0.9,
            (crash.Clues.Any(c => c.Meaning is "ran-all-the-time" or "interrupts-off") ? "" : CrashFindings.General(crash,
                "A CPU looped in the kernel, real-time tasks used all its time, or a hypervisor did not run it.")) +
                    CrashFindings.Where(crash))
        {
            CausedBy = ["hard-lockup"],
            Fixes = [.. CrashFindings.Look(crash), .. crash.Frames.Count > 0 ? Array.Empty<Fix>() :
                [new Fix("The report has no stack: get those of all CPUs when it happens again", "echo l > /proc/sysrq-trigger; dmesg")]],
        });

    /// <summary>Where the CPU was that is waited for; else what it ran.</summary>
    private static string Place(Crash crash)
    {
        if (crash.Function is not null)
            return CrashFindings.Stuck(crash);
        string cpu = crash.Context.Cpu is { } number ? $" on CPU {number}" : "";
        if (crash.Clues.Any(c => c.Meaning == "interrupts-off"))
        {
            return $": CPU {crash.Context.Cpu} ran with its interrupts off" +
                (crash.Frames.FirstOrDefault(f => f.Reliable) is { Name: not null } at ? $" in {at.Function}" : "");
        }
        if (crash.Clues.Any(c => c.Meaning == "no-ticks"))
            return (crash.Clues.FirstOrDefault(c => c.Meaning == "no-ticks")?.Cpu ?? (crash.Context.Pid is 0 ? crash.Context.Cpu : null))
                is { } still ? $": CPU {still} got no timer ticks" : ": a CPU got no timer ticks";
        // Another CPU noticed it, or none is waited for: whose stack is shown first is not certain.
        if (!crash.Source.Text.Contains("self-detected", StringComparison.Ordinal) && !Listed(crash))
            cpu = crash.Clues.FirstOrDefault(c => c.Cpu is not null)?.Cpu is { } awaited ? $", waiting for CPU {awaited}" : "";
        return crash.Clues.Any(c => c.Meaning == "work-item") && crash.Context.Workqueue?.Split(' ') is [_, { Length: > 0 } work, ..]
            ? $"{cpu} while it ran the work item {work}" : cpu;
    }

    /// <summary><c>{ 4-.... }</c>, until 4.0 <c>{ 4}</c>.</summary>
    private static bool Listed(Crash crash) => crash.Context.Cpu is { } cpu && (crash.Source.Text.Contains($"{{ {cpu}-",
        StringComparison.Ordinal) || crash.Source.Text.Contains($"{{ {cpu}}}", StringComparison.Ordinal));
}
