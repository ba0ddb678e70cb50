using Kdump.Diagnosis.Crashes;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>A CPU ran kernel code for too long without letting other tasks run: kernel/watchdog.c.</summary>
public sealed class SoftLockup : Rule
{
    public override string Id => "soft-lockup";

    public override Entry Entry => new("soft-lockup", "a CPU ran kernel code too long without a pause")
    {
        Area = Area.Crashing,
        Signature = ["watchdog: BUG: soft lockup - CPU#… stuck for …s! […:…]"],
        Cause = "A loop, a lock held by somebody who does not run, or a virtual machine that was not given its CPU.",
        Origin = "kernel/watchdog.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts) => CrashFindings.Of(Id, facts, crash =>
        new Finding(Id, $"{(crash.Context.Cpu is { } cpu ? $"CPU {cpu}" : "a CPU")} {CrashFindings.HowStuck(crash, "was stuck")}",
            crash.Panicked ? Severity.Critical : Severity.Error, crash.Confidence,
            CrashFindings.General(crash,
                "A CPU that does not schedule for 20 s loops, or waits for a lock that its holder does not give back.") +
                CrashFindings.Where(crash))
        {
            Fixes = CrashFindings.Look(crash).ToArray(),
        });
}
