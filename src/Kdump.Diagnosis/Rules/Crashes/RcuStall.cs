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
        new Finding(Id, $"RCU stalled{(crash.Function is null ? "" : $" in {crash.Function}")}", crash.Panicked ? Severity.Critical
            : Severity.Error, crash.Confidence * 0.9,
            CrashFindings.General(crash,
                "A CPU looped in the kernel, real-time tasks used all its time, or a hypervisor did not run it.") +
                    CrashFindings.Where(crash))
        {
            CausedBy = ["hard-lockup"],
            Fixes = [.. CrashFindings.Look(crash), .. crash.Frames.Count > 0 ? Array.Empty<Fix>() :
                [new Fix("The report has no stack: get those of all CPUs when it happens again", "echo l > /proc/sysrq-trigger; dmesg")]],
        });
}
