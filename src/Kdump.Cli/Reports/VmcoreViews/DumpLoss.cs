using System.Text.Json;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary>What a dump has lost, in one line, and how much of its memory can still be read.</summary>
/// <param name="Pages">Number of lost pages; of a sample, the number of those that cannot be read.</param>
/// <param name="Kept">Number of the others.</param>
/// <param name="Sampled">Only a sample of the pages was tried.</param>
/// <param name="Why">The reason for the first lost page; null if the format does not know it.</param>
internal sealed record DumpLoss(long Pages, long Kept, bool Sampled, string? Why)
{
    /// <summary>
    /// By bitmaps and segments alone, and where these are whole by a sample of the pages: a kdump-compressed file that was cut still has
    /// its bitmaps. Null if nothing is lost.
    /// </summary>
    public static DumpLoss? Of(Dump dump)
    {
        PageCounts pages = dump.Count();
        if (pages.Damaged > 0)
            return new(pages.Damaged, pages.Present, Sampled: false, First(dump) is { } first ? dump.DamageOf(first)?.Reason : null);
        PageSample sample;
        try
        {
            sample = PageSample.Of(dump);
        }
        catch (InputException)
        {
            // No page can be read here, for want of a library: every layer tells that, and nothing is known of the file.
            return null;
        }
        return sample.Unreadable == 0 ? null : new(sample.Unreadable, sample.Looked - sample.Unreadable, Sampled: true,
            sample.First is { } torn ? dump.DamageOf(torn)?.Reason : null);
    }

    /// <summary>The same after every page was read; null if nothing is lost.</summary>
    public static DumpLoss? Of(VerificationResult result) => result.Counts.Damaged == 0 ? null
        : new(result.Counts.Damaged, result.Counts.Present, Sampled: false, result.Damaged is [var first, ..] ? first.Why.Reason : null);

    public string Text(Dump dump)
    {
        long all = Pages + Kept, size = dump.PageSize;
        if (Sampled)
            return $"{Pages} of {Counted.Of(all, "page")} that were tried cannot be read{(Why is null ? "" : $" (the first: {Why})")}: " +
                $"the file is truncated or damaged; about {Kept * 100 / all} % of its pages can still be read: " +
                $"kdt vmcore verify {ShellWord.Path(dump.Name)} counts them";
        return $"{Pages} of {Counted.Of(all, "page")} that should be in this file ({Bytes(Pages * size)}); " +
            $"{Bytes(Kept * size)} of memory can still be read{(Why is null ? "" : $"; the first lost page: {Why}")}";
    }

    public void Json(Utf8JsonWriter json, Dump dump)
    {
        json.WriteStartObject("lost");
        json.WriteNumber("pages", Pages);
        json.WriteNumber("readablePages", Kept);
        json.WriteBoolean("sampled", Sampled);
        if (!Sampled)
        {
            json.WriteNumber("bytes", Pages * dump.PageSize);
            json.WriteNumber("readableBytes", Kept * dump.PageSize);
        }
        json.WriteString("why", Why);
        json.WriteEndObject();
    }

    private static Pfn? First(Dump dump)
    {
        for (Pfn pfn = new(0); dump.NextRun(pfn) is { } run; pfn = run.End)
            if (run.State == PageState.Damaged)
                return run.First;
        return null;
    }

    private static string Bytes(long bytes) => bytes switch
    {
        >= 10L << 30 => $"{bytes >> 30} GiB",
        >= 1 << 20 => $"{bytes >> 20} MiB",
        _ => $"{bytes >> 10} KiB",
    };
}
