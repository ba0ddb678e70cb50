using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;

namespace Kdump.Tests.Formats.Dumps;

/// <summary>
/// Dumps that kernels, makedumpfile and QEMU wrote. KDUMP_SAME_DUMPS names dumps of one memory, separated by blanks, the parts of a split
/// one joined by commas: the first is a plain copy of /proc/vmcore, the others are what makedumpfile made of it.
/// </summary>
public sealed class RealDumpTests
{
    private static string[][] Dumps => [.. (Environment.GetEnvironmentVariable("KDUMP_SAME_DUMPS") ?? "")
        .Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(d => d.Split(','))];

    [SameDumpsFact]
    public void Every_page_of_every_dump_is_the_page_of_the_plain_copy()
    {
        using Dump reference = DumpFormats.Open(Dumps[0]);
        byte[] expected = new byte[reference.PageSize], page = new byte[reference.PageSize];
        foreach (string[] paths in Dumps[1..])
        {
            using Dump dump = DumpFormats.Open(paths);
            Assert.Equal(reference.PageSize, dump.PageSize);
            Assert.Equal(reference.VmcoreInfo?.Text, dump.VmcoreInfo?.Text);
            for (ulong pfn = 0; pfn < reference.MaxPfn.Value; pfn++)
            {
                PageState theirs = reference.ReadPage(new Pfn(pfn), expected), ours = dump.ReadPage(new Pfn(pfn), page);
                Assert.Equal(ours, dump.State(new Pfn(pfn)) is PageState.Present ? ours : dump.State(new Pfn(pfn)));
                if (ours == PageState.Present)
                    Assert.True(theirs == PageState.Present && page.AsSpan().SequenceEqual(expected), $"{dump.Name}: page {pfn:x} differs");
                else if (theirs == PageState.Absent)
                    Assert.Equal(PageState.Absent, ours);
            }
        }
    }

    [SameDumpsFact]
    public void Verifying_and_reading_page_by_page_count_the_same()
    {
        foreach (string[] paths in Dumps)
        {
            using Dump dump = DumpFormats.Open(paths);
            byte[] page = new byte[dump.PageSize];
            long[] counts = new long[4];
            for (ulong pfn = 0; pfn < dump.MaxPfn.Value; pfn++)
                counts[(int)dump.ReadPage(new Pfn(pfn), page)]++;
            Assert.Equal(new PageCounts(counts[0], counts[1], counts[2], counts[3]), Verification.Run(dump, 2).Counts);
        }
    }

    private sealed class SameDumpsFactAttribute : FactAttribute
    {
        public SameDumpsFactAttribute()
        {
            if (Dumps.Length < 2)
                Skip = "needs KDUMP_SAME_DUMPS: a plain copy of /proc/vmcore and what makedumpfile made of it (tests/lab makes such dumps)";
        }
    }
}
