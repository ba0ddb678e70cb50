using System.Globalization;
using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Crashes.Clues;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>A CPU ran kernel code for too long without letting other tasks run: kernel/watchdog.c.</summary>
public sealed class SoftLockup : Rule
{
    public override string Id => "soft-lockup";

    public override Entry Entry => new("soft-lockup", "a CPU ran kernel code for too long without rescheduling")
    {
        Area = Area.Crashing,
        Signature = ["watchdog: BUG: soft lockup - CPU#… stuck for …s! […:…]"],
        Cause = "A loop, a lock whose holder is not running, or a virtual machine whose CPU the host did not run.",
        Origin = "kernel/watchdog.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts) => CrashFindings.Of(Id, facts, crash =>
        new Finding(Id, $"{(crash.Context.Cpu is { } cpu ? $"CPU {cpu}" : "a CPU")} {CrashFindings.HowStuck(crash, "was stuck")}",
            crash.Panicked ? Severity.Critical : Severity.Error, crash.Confidence,
            CrashFindings.General(crash,
                "The CPU did not reschedule for longer than the watchdog allows (20 s, unless kernel.watchdog_thresh is set): " +
                    "it loops, or it spins on a lock that is not released. " +
                    "In a virtual machine the host may not have run it.") +
                Longest(crash, facts) + CrashFindings.Where(crash))
        {
            Fixes = CrashFindings.Look(crash).ToArray(),
        });

    /// <summary>The longest time that the watchdog measured, over all reports of this finding.</summary>
    private static string Longest(Crash crash, Facts facts)
    {
        int[] seconds = [.. facts.Of<Crash>().Where(c => CrashFindings.KeyOf(c) == CrashFindings.KeyOf(crash))
            .Select(c => Stalls.SecondsOf(c.Source.Text)).OfType<int>()];
        return seconds.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture,
            $"The watchdog measured {seconds.Max()} s{(seconds.Length > 1 ? $" at the most, in {seconds.Length} reports" : "")}. ");
    }
}
