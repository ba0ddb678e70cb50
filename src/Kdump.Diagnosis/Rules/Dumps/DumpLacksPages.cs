using Kdump.Diagnosis.Evidence.Dumps;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>
/// The dump lacks pages that no dump level should exclude: levels exclude zero, cache, user and free pages, never the kernel's own
/// data. A makedumpfile older than the kernel misclassifies pages.
/// </summary>
public sealed class DumpLacksPages : Rule
{
    public override string Id => "dump-lacks-pages";

    public override Entry Entry => new("dump-lacks-pages", "the kernel's own pages were left out of the dump")
    {
        Area = Area.Writing,
        Signature = ["excluded pages where the kernel's own structures must be"],
        Cause = "A makedumpfile older than the kernel misclassifies pages, and still reports success.",
        Fixes = [new("Put a makedumpfile that supports this kernel into the kdump image"),
            new("Until then exclude only zero pages: core_collector makedumpfile -l -d 1", Risk: "the dump is larger")],
        Kernels = "6.2, 6.3, 6.6, 6.9, 6.10, 6.12 and 7.1 each needed a newer makedumpfile",
        Origin = "makedumpfile commits f50c015, bad2a7c, 985e575, 9661c1d, 72c3414, 446c4f6",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (IGrouping<string, DumpGap> dump in facts.Of<DumpGap>().GroupBy(g => g.Source.Input, StringComparer.Ordinal))
        {
            DumpGap first = dump.First();
            string what = string.Join(", ", dump.Select(g => g.What).Distinct(StringComparer.Ordinal));
            yield return new Finding(Id, $"the kernel's own pages were left out of the dump: {what}", Severity.Warning,
                first.Level is null or 0 ? 0.7 : 0.9,
                $"{(first.Level is { } level ? $"Level {level}" : "A dump level")} should exclude only zero, cache, user and free pages, " +
                    "but makedumpfile also excluded kernel pages because it does not know this kernel's struct page. " +
                    "No tool can recover them.")
            {
                Subject = dump.Key,
                Evidence = [.. dump.Take(4).Select(g => g.Source)],
                Fixes = [new Fix("Put a makedumpfile that supports this kernel into the kdump image"),
                    new Fix("Until then exclude only zero pages", "core_collector makedumpfile -l -d 1", Risk: "the dump is larger")],
            };
        }
    }
}
