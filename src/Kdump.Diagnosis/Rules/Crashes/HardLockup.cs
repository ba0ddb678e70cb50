using Kdump.Diagnosis.Crashes;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>
/// A CPU took no interrupt for too long: kernel/watchdog_perf.c, kernel/watchdog_buddy.c; or it did not answer another CPU's call.
/// </summary>
public sealed class HardLockup : Rule
{
    public override string Id => "hard-lockup";

    public override Entry Entry => new("hard-lockup", "a CPU took no interrupt for too long")
    {
        Area = Area.Crashing,
        Signature =
        [
            "NMI watchdog: Watchdog detected hard LOCKUP on cpu …",
            "csd: … non-responsive CSD lock",
        ],
        Cause = "Interrupts are off: a lock that is waited for so, firmware (SMM), or hardware.",
        Origin = "kernel/watchdog_perf.c, kernel/smp.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts) => CrashFindings.Of(Id, facts, crash =>
        new Finding(Id,
            $"{(crash.Context.Cpu is { } cpu ? $"CPU {cpu}" : "a CPU")} {CrashFindings.HowStuck(crash, "was stuck with interrupts off")}",
            crash.Panicked ? Severity.Critical : Severity.Error, crash.Confidence,
            CrashFindings.General(crash,
                "It loops with interrupts off, waits for a spinlock, or firmware holds it (a system management interrupt has no stack).") +
                CrashFindings.Where(crash))
        {
            Fixes = CrashFindings.Look(crash).ToArray(),
        });
}
