using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Kernel;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore verify</c>: which pages are damaged, and what they contained.</summary>
internal static class VerifyView
{
    /// <summary>Maximum number of pages of one range to examine.</summary>
    private const ulong MaxPages = 16_384;

    /// <summary>Maximum number of ranges to show as text: a dump that was cut may have thousands.</summary>
    private const int MaxShown = 20;

    /// <summary>Number of pages after which no further range is examined for the summary.</summary>
    private const long MaxTotal = 65_536;

    /// <summary>Maximum number of uses of one range to name, the most frequent first.</summary>
    private const int MaxUses = 6;

    public static void Text(Context context, Vmcore vmcore, VerificationResult result)
    {
        Dump dump = vmcore.Dump;
        PageUse? use = UseOf(vmcore, result);
        TextWriter output = context.Output;
        output.WriteLine(
            $"{Counted.Of(result.Counts.Present, "page")} read, {result.Counts.Excluded} excluded by dump level, " +
                $"{result.Counts.Damaged} damaged");
        if (DumpLoss.Of(result) is { } loss)
            output.WriteLine(Printable.Escape($"lost: {loss.Text(dump)}"));
        if (result.Damaged.Count > MaxShown)
            output.WriteLine("they contained: " + Printable.Escape(string.Join(", ", Totals(use, result.Damaged))));
        foreach (DamagedRange range in result.Damaged.Take(MaxShown))
        {
            output.WriteLine($"  PFN 0x{range.First}..0x{new Pfn(range.End.Value - 1)}: {Printable.Escape(Reason(dump, range.Why))}");
            output.WriteLine("      contained: " + Printable.Escape(string.Join(", ", Hits(use, range).Select(Named))));
        }
        if (result.Damaged.Count > MaxShown || result.RangesLeftOut > 0)
            output.WriteLine($"  and {Counted.Of(Math.Max(0, result.Damaged.Count - MaxShown) + result.RangesLeftOut, "more range")}" +
                " (--json lists them)");
        if (dump.Incomplete)
            output.WriteLine("the program that wrote the dump marked it as incomplete");
        (string Name, string Status, MemoryState?)[] lacking = [.. vmcore.Layers.Where(l => l.Status != "ok")];
        if (lacking.Length == 0)
            return;
        output.WriteLine("Pages have no checksum: wrong bytes in a page are noticed only by what reads them. Not readable:");
        foreach ((string name, string status, _) in lacking)
            output.WriteLine($"  {name}: {Printable.Escape(status)}");
    }

    public static void Json(TextWriter output, Vmcore vmcore, VerificationResult result) =>
        UnreadText.Json(output, vmcore, "kdt.vmcore.verify/1", json =>
    {
        json.WriteStartObject("pages");
        json.WriteNumber("read", result.Counts.Present);
        json.WriteNumber("excluded", result.Counts.Excluded);
        json.WriteNumber("damaged", result.Counts.Damaged);
        json.WriteEndObject();
        json.WriteBoolean("incomplete", vmcore.Dump.Incomplete);
        DumpLoss.Of(result)?.Json(json, vmcore.Dump);
        PageUse? use = UseOf(vmcore, result);
        json.WriteStartArray("damaged");
        foreach (DamagedRange range in result.Damaged)
        {
            json.WriteStartObject();
            json.WriteString("firstPfn", $"0x{range.First}");
            json.WriteString("endPfn", $"0x{range.End}");
            json.WriteString("why", range.Why.ToString());
            json.WriteStartArray("held");
            foreach ((string what, long pages) in Hits(use, range))
            {
                json.WriteStartObject();
                json.WriteString("what", what);
                json.WriteNumber("pages", pages);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNumber("rangesLeftOut", result.RangesLeftOut);
        InfoView.Layers(json, vmcore);
    });

    /// <summary>The name of the dump stands in the command; that of one of several files does not.</summary>
    private static string Reason(Dump dump, Damage why) =>
        why.Input == dump.Name ? $"{why}"[(dump.Name.Length + 2)..] : $"{why}";

    private static string Named((string What, long Pages) hit) => hit.Pages == 1 ? hit.What : $"{hit.What} ({hit.Pages} pages)";

    private static IEnumerable<string> Totals(PageUse? use, IReadOnlyList<DamagedRange> ranges)
    {
        Dictionary<string, long> totals = new(StringComparer.Ordinal);
        long looked = 0;
        foreach (DamagedRange range in ranges.TakeWhile(_ => looked < MaxTotal))
        {
            looked += (long)(range.End.Value - range.First.Value);
            foreach ((string what, long pages) in Hits(use, range))
                totals[what] = totals.GetValueOrDefault(what) + pages;
        }
        return totals.OrderByDescending(t => t.Value).ThenBy(t => t.Key, StringComparer.Ordinal).Take(2 * MaxUses)
            .Select(t => Named((t.Key, t.Value)));
    }

    private static PageUse? UseOf(Vmcore vmcore, VerificationResult result) =>
        result.Damaged.Count > 0 && vmcore.Base.Value is not null ? new PageUse(vmcore, vmcore.Tasks.Value) : null;

    private static (string What, long Pages)[] Hits(PageUse? use, DamagedRange range)
    {
        Dictionary<string, long> counts = new(StringComparer.Ordinal);
        ulong end = Math.Min(range.End.Value, range.First.Value + MaxPages);
        for (ulong pfn = range.First.Value; pfn < end; pfn++)
        {
            string what = use?.Of(new Pfn(pfn)) ?? PageUse.Unknown;
            counts[what] = counts.GetValueOrDefault(what) + 1;
        }
        return [.. counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal).Take(MaxUses)
            .Select(c => (c.Key, c.Value))];
    }
}
