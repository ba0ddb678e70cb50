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

    public override IEnumerable<Opinion> Judge(Facts facts) => CrashFindings.Of(Id, facts, (crash, group) =>
        new Finding(Id, $"{Who(crash, group)} {CrashFindings.HowStuck(crash, Several(group) is null ? "was stuck" : "were stuck")}",
            crash.Panicked ? Severity.Critical : Severity.Error, crash.Confidence,
            CrashFindings.General(crash,
                "The CPU did not reschedule for longer than the watchdog allows (20 s, unless kernel.watchdog_thresh is set): " +
                    "it loops, or it spins on a lock that is not released. " +
                    "In a virtual machine the host may not have run it.") +
                Longest(crash, facts) + Together(group) + CrashFindings.Where(crash))
        {
            Fixes = CrashFindings.Look(crash).ToArray(),
        });

    private static string Who(Crash crash, IReadOnlyList<Crash> group)
    {
        const int Named = 4;
        if (Several(group) is { } cpus)
        {
            string more = cpus.Length > Named ? " …" : "";
            return $"{Counted.Of(cpus.Length, "CPU")} ({string.Join(", ", cpus.Take(Named))}{more})";
        }
        return crash.Context.Cpu is { } cpu ? $"CPU {cpu}" : "a CPU";
    }

    /// <summary>The CPUs of reports that name no function: all that is known of them is that they stood. Null where it is one.</summary>
    private static int[]? Several(IReadOnlyList<Crash> group)
    {
        int[] cpus = [.. group.Where(c => c.Function is null).Select(c => c.Context.Cpu).OfType<int>().Distinct().Order()];
        return cpus.Length > 1 && group.All(c => c.Clues.Count == 0) ? cpus : null;
    }

    /// <summary>Different programs that stand at one moment: they have in common what is below them.</summary>
    private static string Together(IReadOnlyList<Crash> group) => Several(group) is null || group.Select(c => c.Context.Comm)
        .Distinct(StringComparer.Ordinal).ToArray() is [not null] ? ""
        : "What ran on them is hardly at fault: they stood for something common, a lock of the kernel, a disk, or, in a virtual machine, " +
            "a host that gave it no CPU time (all CPUs of the host given to it, or more). ";

    /// <summary>The longest time that the watchdog measured, over all reports of this finding.</summary>
    private static string Longest(Crash crash, Facts facts)
    {
        int[] seconds = [.. facts.Of<Crash>().Where(c => CrashFindings.KeyOf(c) == CrashFindings.KeyOf(crash))
            .Select(c => Stalls.SecondsOf(c.Source.Text)).OfType<int>()];
        return seconds.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture,
            $"The watchdog measured {seconds.Max()} s{(seconds.Length > 1 ? $" at the most, in {seconds.Length} reports" : "")}. ");
    }
}
