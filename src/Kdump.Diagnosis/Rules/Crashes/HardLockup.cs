using Kdump.Diagnosis.Crashes;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>
/// A CPU did not handle interrupts for too long (kernel/watchdog_perf.c, kernel/watchdog_buddy.c), or did not answer a call of another CPU.
/// </summary>
public sealed class HardLockup : Rule
{
    public override string Id => "hard-lockup";

    public override Entry Entry => new("hard-lockup", "a CPU did not handle interrupts for too long")
    {
        Area = Area.Crashing,
        Signature =
        [
            "NMI watchdog: Watchdog detected hard LOCKUP on cpu …",
            "csd: … non-responsive CSD lock",
        ],
        Cause = "Interrupts were off: the CPU spun on a lock, was in firmware (SMM), or the hardware failed.",
        Origin = "kernel/watchdog_perf.c, kernel/smp.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts) => CrashFindings.Of(Id, facts, crash =>
        new Finding(Id,
            $"{(crash.Context.Cpu is { } cpu ? $"CPU {cpu}" : "a CPU")} {CrashFindings.HowStuck(crash,
                // Its silence is all that is known: the host may not have run it.
                crash.Kind == "csd-lockup" ? "did not answer another CPU" : "was stuck with interrupts off")}",
            crash.Panicked ? Severity.Critical : Severity.Error, crash.Confidence,
            CrashFindings.General(crash,
                "It loops with interrupts off, spins on a spinlock, or is in firmware (a system management interrupt has no stack).") +
                CrashFindings.Where(crash))
        {
            Fixes = CrashFindings.Look(crash).ToArray(),
        });
}
