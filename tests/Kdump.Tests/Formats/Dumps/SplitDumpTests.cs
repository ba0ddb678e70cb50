using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Formats.Dumps;

public sealed class SplitDumpTests
{
    private static byte[] Part(long start, long end, string release = "x86_64", long maxMapnr = 100)
    {
        DiskDumpBuilder builder = new() { Split = (start, end), Machine = release, MaxMapnr = maxMapnr };
        for (int pfn = 10; pfn < 90; pfn += 3)
            builder.Page(pfn, PageCompression.Zlib);
        return builder.Excluded(11).Build();
    }

    [Fact]
    public void Parts_in_any_order_and_flattened_or_not_are_one_dump()
    {
        using Dump dump = DumpBytes.Open(Part(60, 100), FlattenedBuilder.Of(Part(0, 33), 1000), Part(33, 60));
        for (int pfn = 10; pfn < 90; pfn += 3)
            Assert.Equal(DiskDumpBuilder.Content(pfn), dump.Page((ulong)pfn));
        Assert.Equal(PageState.Excluded, dump.State(new Pfn(11)));
        Assert.Equal("flattened kdump-compressed v6, split (3 parts)", dump.Format);
        Assert.Equal(new PageCounts(27, 1, 72, 0), dump.Count());
        Assert.Empty(dump.Damages);
    }

    [Fact]
    public void Frames_of_a_missing_part_are_damaged_and_the_gap_is_named()
    {
        using Dump dump = DumpBytes.Open(Part(60, 100), Part(0, 33));
        Assert.Contains(dump.Damages, d => d.Reason == "the part with frames 0x21 to 0x3c was not given");
        Assert.Equal(PageState.Damaged, dump.TryPage(34));
        Assert.Contains("not given", dump.Why(34));
        Assert.Equal(PageState.Absent, dump.State(new Pfn(35)));
        Assert.Equal(PageState.Excluded, dump.State(new Pfn(11)));
        PageCounts counts = dump.Count();
        VerificationResult read = Verification.Run(dump, 2);
        Assert.Equal(counts, read.Counts);
        Assert.Equal(9, counts.Damaged);
    }

    [Fact]
    public void One_part_alone_opens()
    {
        using Dump dump = DumpBytes.Open(Part(33, 60));
        Assert.Equal(DiskDumpBuilder.Content(34), dump.Page(34));
        Assert.Equal(PageState.Damaged, dump.TryPage(10));
        Assert.Equal(2, dump.Damages.Count);
    }

    [Fact]
    public void Parts_of_different_dumps_are_refused()
    {
        Assert.Contains("utsname", DumpBytes.Refused(Part(0, 33), Part(33, 100, "aarch64")).Message);
        Assert.Contains("max_mapnr", DumpBytes.Refused(Part(0, 33), Part(33, 100, maxMapnr: 90)).Message);
        Assert.Contains("whole dump", DumpBytes.Refused(Part(0, 33), new DiskDumpBuilder().Page(1).Build()).Message);
    }

    [Fact]
    public void A_part_that_is_given_twice_is_refused() =>
        Assert.Contains("part of the dump", DumpBytes.Refused(Part(0, 33), Part(33, 100), Part(0, 33)).Message);

    [Fact]
    public void Parts_that_are_empty_may_be_several()
    {
        using Dump dump = DumpBytes.Open(Part(0, 100), Part(100, 100), Part(100, 100));
        for (int pfn = 10; pfn < 90; pfn += 3)
            Assert.Equal(DiskDumpBuilder.Content(pfn), dump.Page((ulong)pfn));
        Assert.Empty(dump.Damages);
    }

    [Fact]
    public void Parts_that_overlap_are_a_damage_and_both_stay_readable()
    {
        using Dump dump = DumpBytes.Open(Part(0, 60), Part(33, 100));
        Assert.Contains(dump.Damages, d => d.Field == "start_pfn");
        for (int pfn = 10; pfn < 90; pfn += 3)
            Assert.Equal(DiskDumpBuilder.Content(pfn), dump.Page((ulong)pfn));
    }

    [Fact]
    public void A_range_that_ends_before_it_starts_is_refused() =>
        Assert.Contains("start_pfn", DumpBytes.Refused(Part(60, 33)).Message);
}
