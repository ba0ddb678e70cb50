using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>The dump was written: what else failed in that boot did not keep it from its job.</summary>
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
        Cause = "All is well.",
        Origin = "kdump-utils dracut/99kdumpbase/kdump.sh, makedumpfile",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        DumpProgress? saved = facts.Of<DumpProgress>().LastOrDefault(IsSaved);
        if (saved is null || facts.Of<DumpProgress>().Any(p => p.Boot == saved.Boot && p.Step is DumpStep.SaveFailed or DumpStep.NoSpace))
            yield break;
        yield return new Finding(Id, "the dump was written", Severity.Info, 0.95,
            "The program that copies the memory said that it was done.") { Evidence = [saved.Source] };
    }

    /// <summary>The kernel's life in which something happened is one that wrote its dump.</summary>
    public static bool In(Boot? boot, Facts facts) => boot is not null && facts.Of<DumpProgress>().Any(p => p.Boot == boot && IsSaved(p));

    private static bool IsSaved(DumpProgress p) => p.Step == DumpStep.Saved && p.MayBeCapture;
}
