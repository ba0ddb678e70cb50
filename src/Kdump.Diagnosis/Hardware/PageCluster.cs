using System.Globalization;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Hardware;

/// <summary>
/// Pages that went bad near each other: neighbours in the address are neighbours on a DIMM. A run of neighbours within a moment is
/// something else: software took them out of use.
/// </summary>
public sealed class PageCluster
{
    /// <summary>The most pages between two of one cluster: 16 MiB.</summary>
    private const ulong Near = 4096;

    /// <summary>Pages of a run, and seconds between two of them.</summary>
    private const int Run = 3;

    private const double Moment = 0.01;

    private readonly List<(ulong Page, Source Source)> pages = [];

    public ulong First => pages[0].Page;

    public ulong Last => pages[^1].Page;

    public int Count => pages.Count;

    public IEnumerable<Source> Evidence => pages.Select(p => p.Source).OrderBy(s => s.Line);

    /// <summary>The subject that rules use for it.</summary>
    public string Subject => $"near-0x{First << 12:x}";

    public bool Holds(ulong page) => pages.Exists(p => p.Page == page);

    /// <summary>True if every page follows the one before it, and all came at once.</summary>
    public bool IsRun
    {
        get
        {
            if (Count < Run || Last - First != (ulong)Count - 1)
                return false;
            double?[] times = [.. pages.OrderBy(p => p.Source.Line).Select(p => KernelLine.Parse(p.Source.Text).Time)];
            return times.Zip(times.Skip(1)).All(t => t is { First: { } a, Second: { } b } && b >= a && b - a < Moment);
        }
    }

    /// <summary>Poisoned pages, and addresses at which bad data was met, of one input each.</summary>
    public static IReadOnlyList<PageCluster> From(Facts facts, IReadOnlyList<MceGroup> groups)
    {
        IEnumerable<(ulong Page, Source Source)> poisoned = facts.Of<PoisonedPage>()
            .Select(p => (Page: PageOf(p.Pfn), p.Source)).Where(p => p.Page is not null).Select(p => (p.Page!.Value, p.Source));
        IEnumerable<(ulong, Source)> met = facts.Of<PoisonMet>().Select(p => (p.Address >> 12, p.Source));
        IEnumerable<(ulong, Source)> consumed = groups.Where(g => g.First.Record is { ConsumedPoison: true, Addr: > 0xfff })
            .Select(g => (g.First.Record.Addr!.Value >> 12, g.First.Record.Sources[0]));
        var clusters = new List<PageCluster>();
        foreach ((ulong page, Source source) in poisoned.Concat(met).Concat(consumed).DistinctBy(p => p.Item1)
            .OrderBy(p => p.Item2.Input, StringComparer.Ordinal).ThenBy(p => p.Item1))
        {
            PageCluster? last = clusters.Count > 0 ? clusters[^1] : null;
            if (last is null || last.pages[0].Source.Input != source.Input || page - last.Last > Near)
                clusters.Add(last = new PageCluster());
            last.pages.Add((page, source));
        }
        return clusters;
    }

    public static ulong? PageOf(string pfn) =>
        ulong.TryParse(pfn.StartsWith("0x", StringComparison.Ordinal) ? pfn.AsSpan(2) : pfn, NumberStyles.AllowHexSpecifier,
            CultureInfo.InvariantCulture, out ulong page) && page < 1UL << 52 ? page : null;
}
