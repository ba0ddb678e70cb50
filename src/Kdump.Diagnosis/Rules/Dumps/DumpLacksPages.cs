using Kdump.Diagnosis.Evidence.Dumps;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>
/// The dump lacks what no dump level is meant to leave out: levels name zero, cache, user and free pages, and the kernel's own data is none
/// of these. A makedumpfile older than the kernel mistakes one kind of page for another.
/// </summary>
public sealed class DumpLacksPages : Rule
{
    public override string Id => "dump-lacks-pages";

    public override Entry Entry => new("dump-lacks-pages", "the kernel's own pages were left out of the dump")
    {
        Area = Area.Writing,
        Signature = ["excluded pages where the kernel's own structures must be"],
        Cause = "A makedumpfile that is older than the kernel mistakes one kind of page for another, and ends with success.",
        Fixes = [new("Put a makedumpfile that knows this kernel into the kdump image"),
            new("Until then leave out zero pages only: core_collector makedumpfile -l -d 1", Risk: "the dump is larger")],
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
                $"{(first.Level is { } level ? $"Level {level}" : "What was left out")} is to spare zero, cache, user and free pages. " +
                    $"Its writer took pages of the kernel for such: it does not know this kernel's struct page. What is missing is " +
                    $"missing for every reader.")
            {
                Subject = dump.Key,
                Evidence = [.. dump.Take(4).Select(g => g.Source)],
                Fixes = [new Fix("Put a makedumpfile that knows this kernel into the kdump image"),
                    new Fix("Until then leave out zero pages only", "core_collector makedumpfile -l -d 1", Risk: "the dump is larger")],
            };
        }
    }
}
