using Kdump.Diagnosis.Crashes.Clues;

namespace Kdump.Diagnosis.Crashes;

/// <summary>Which reports only follow from an earlier one of the same boot.</summary>
internal static class Consequences
{
    private const double SoonSeconds = 5;
    private const int SoonLines = 300;

    /// <summary>Seconds between reports of one stall: watchdogs look every few seconds, RCU after 21 or 60.</summary>
    private const double SameStall = 120;

    private static readonly string[] Lockups = ["soft-lockup", "hard-lockup", "hung-task", "rcu-stall", "csd-lockup", "workqueue-lockup"];

    /// <summary>The kernel went on after these: a later report need not follow from them.</summary>
    private static readonly string[] Harmless =
        ["warning", "lockdep", "refcount", "ubsan", "kcsan", "memory-leak", "atomic-sleep", "unwinder", "reference-leak", "reboot",
        "other"];

    public static Crash? CauseOf(Crash crash, List<Crash> all)
    {
        // While a CPU was not run at all its workers, grace periods and waiters stood still with it, whoever was reported first.
        if (Lockups.Contains(crash.Kind) && all.Find(c => c.Boot == crash.Boot && StoodStill(c) && SoonEither(c, crash)) is { } still)
        {
            if (!StoodStill(crash))
                return still.ConsequenceOf ?? still;
            if (still == crash)
                return null;
        }
        // Who waits for a lock of the kernel follows from who holds it, whoever was reported first.
        if (crash.Awaited is { } lockOf && all.Find(c => c != crash && c.Boot == crash.Boot && Holds(c, lockOf.Name)) is { } holder)
            return holder.ConsequenceOf ?? holder;
        foreach (Crash earlier in all)
        {
            if (earlier.Order >= crash.Order)
                break;
            if (earlier.Boot != crash.Boot || (Harmless.Contains(earlier.Kind) && !Announces(earlier, crash)))
                continue;
            bool lockup = Lockups.Contains(crash.Kind);
            if (earlier.Awaited is { } waited && Holds(crash, waited.Name))
                continue;
            // Who waits for the other CPUs follows from the one that does not come, not the other way round.
            if (lockup && Lockups.Contains(earlier.Kind) && WaitsForOthers(earlier))
                continue;
            // A CPU or task that died holding locks makes others wait, for as long as the machine runs.
            if (lockup && (!Lockups.Contains(earlier.Kind) || Soon(earlier, crash, 300)))
                return earlier.ConsequenceOf ?? earlier;
            bool same = crash.Context.Pid is not null && crash.Context.Pid == earlier.Context.Pid &&
                crash.Context.Comm == earlier.Context.Comm;
            bool damaged = crash.Context.Tainted?.Contains('D') == true;
            if (!lockup && (same || damaged || crash.Kind is "lockdep" or "panic" or "oops") && Soon(earlier, crash, SoonSeconds))
                return earlier.ConsequenceOf ?? earlier;
        }
        return WaitsForOthers(crash) ? all.Find(c => c != crash && c.Boot == crash.Boot && c.Kind is ("soft-lockup" or "hard-lockup") &&
            !WaitsForOthers(c) && Soon(crash, c, 60)) : null;
    }

    /// <summary>A fortified function first warns, then stops the task (lib/string_helpers.c __fortify_panic()).</summary>
    private static bool Announces(Crash warning, Crash stopped) => warning.Context.Pid is { } pid &&
        pid == stopped.Context.Pid && stopped.Kind is "kernel-bug" or "invalid-opcode" && IsOverflow(warning) && IsOverflow(stopped);

    private static bool IsOverflow(Crash crash) => crash.Clues.Any(c => c.Meaning == FortifiedCall.Meaning);

    private static bool Holds(Crash crash, string name) => crash.Kind == "hung-task" && Awaited.MayHold(crash.Frames, name);

    private static bool StoodStill(Crash crash) => crash.Clues.Any(c => c.Meaning == "not-run");

    private static bool SoonEither(Crash one, Crash other) => Soon(one, other, SameStall) && Soon(other, one, SameStall);

    private static bool WaitsForOthers(Crash crash) => crash.Clues.Any(c => c.Meaning == "waits-for-cpu");

    private static bool Soon(Crash earlier, Crash later, double seconds) =>
        earlier.Time is double a && later.Time is double b ? b - a <= seconds : Math.Abs(later.FirstLine - earlier.LastLine) <= SoonLines;
}
