using Kdump.Diagnosis.Catalogue.Failures;
using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>The dump was written: other failures in that boot did not prevent it.</summary>
public sealed class DumpSaved : Rule
{
    public override string Id => "dump-saved";

    public override Entry Entry => new("dump-saved", "the dump was written")
    {
        Area = Area.Writing,
        Signature =
        [
            "saving vmcore complete",
            "The dumpfile is saved to …",
        ],
        Cause = "Nothing is wrong.",
        Origin = "kdump-utils dracut/99kdumpbase/kdump.sh, makedumpfile",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        DumpProgress? saved = facts.Of<DumpProgress>().LastOrDefault(IsSaved);
        if (saved is null || facts.Of<DumpProgress>().Any(p => p.Boot == saved.Boot && p.Step == DumpStep.NoSpace) ||
            Saving.Failures(facts).Any(f => f.Boot == saved.Boot && f.Source.Order > saved.Source.Order))
        {
            if (saved is null && Listed(facts) is { } listed)
                yield return listed;
            yield break;
        }
        DumpProgress? begun = facts.Of<DumpProgress>().LastOrDefault(p => p.Step == DumpStep.Saving && p.Boot == saved.Boot &&
            p.Source.Order <= saved.Source.Order && Place(p.Source.Plain) is not null);
        string? place = Place(saved.Source.Plain) ?? (begun is null ? null : Place(begun.Source.Plain));
        FailureSeen? newer = facts.Of<FailureSeen>().FirstOrDefault(f => !f.Excused && f.Boot == saved.Boot &&
            ReferenceEquals(f.Failure, MakedumpfileBehindKernel.Entry));
        yield return new Finding(Id, "the dump was written", Severity.Info, 0.95,
            "The program that copies the memory reported success." + (newer is null ? "" : " makedumpfile is older than the kernel and " +
                "does not know its version: usually such a dump is complete, but pages may be missing or too many.") +
                (place is null ? "" : $" The dump is in {place}" +
                (begun is null ? "."
                    : ", a path as the crash kernel saw it: path in the settings is relative to the target's own root, " +
                "and what the running system mounts over it (Btrfs subvolumes, /sysroot) hides it there.")))
        {
            Evidence = new[] { saved.Source, begun?.Source, newer?.Source }.Known(),
            Fixes = newer is null ? [] : [new Fix("See whether the dump has holes; use a newer makedumpfile for the next one",
                "kdt vmcore verify vmcore; makedumpfile -v; uname -r")],
        };
    }

    /// <summary>No line tells that a dump was written, and a listing shows one beside the report of a crash.</summary>
    private Finding? Listed(Facts facts)
    {
        DumpProgress? listed = facts.Of<DumpProgress>().LastOrDefault(p => p.Step == DumpStep.Listed);
        if (listed is null || Saving.Failures(facts).Count > 0 || facts.Of<DumpProgress>().Any(p => p.Step is DumpStep.NoSpace or
            DumpStep.LeftUnfinished))
            return null;
        return new Finding(Id, "a dump is there: a listing shows it under the name of a complete one", Severity.Info, 0.85,
            "Its writer gives it this name only when it has finished. Which crash it is of, its date tells.")
        {
            Evidence = [listed.Source],
            Fixes = [new Fix("See what is in it", "kdt vmcore info vmcore; kdt vmcore report vmcore")],
        };
    }

    /// <summary>The text before the path; each entry ends with the path's first slash.</summary>
    private static readonly string[] Places = [" saved to /", "saved vmcore in /", "saving to /"];

    /// <summary><c>saving to /data//127.0.0.1-…</c>, <c>The dumpfile is saved to …</c></summary>
    private static string? Place(string line)
    {
        foreach (string before in Places)
        {
            int at = line.IndexOf(before, StringComparison.Ordinal);
            if (at >= 0)
                return line[(at + before.Length - 1)..].Split(' ')[0].TrimEnd('.');
        }
        return null;
    }

    /// <summary>True if the boot in which something happened wrote its dump.</summary>
    public static bool In(Boot? boot, Facts facts) => boot is not null && facts.Of<DumpProgress>().Any(p => p.Boot == boot && IsSaved(p));

    private static bool IsSaved(DumpProgress p) => p.Step == DumpStep.Saved && p.MayBeCapture;
}
