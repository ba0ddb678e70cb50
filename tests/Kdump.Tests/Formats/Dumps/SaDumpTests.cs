using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Formats.Dumps;

/// <summary>Stand-alone dumps of Fujitsu's firmware. The writer follows makedumpfile's headers, and makedumpfile and crash read what it
/// writes (see the commit).</summary>
public sealed class SaDumpTests
{
    private static SaDumpBuilder Made(uint version = 1)
    {
        var made = new SaDumpBuilder(40_000) { Version = version };
        foreach (int frame in (int[])[0, 1, 7, 8, 9, 15, 16, 255, 32_767, 32_768, 39_999])
            made.Page(frame, PageOf(frame));
        return made.Ram(2).Ram(33_000);
    }

    private static byte[] PageOf(int frame) => [.. Enumerable.Range(0, 4096).Select(i => unchecked((byte)(frame + i * 3 + i / 256)))];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_partition_and_its_copy_give_their_pages(uint version)
    {
        foreach (byte[] file in (byte[][])[Made(version).Partition(), Made(version).Copy()])
        {
            using Dump dump = DumpBytes.Open(file);
            Assert.Equal("sadump", dump.Format);
            Assert.Empty(dump.Damages);
            Assert.False(dump.Incomplete);
            Assert.Equal(new Pfn(40_000), dump.MaxPfn);
            Assert.Equal("x86_64", dump.Info.Machine);
            Assert.Equal(DateTimeOffset.Parse("2024-02-29T11:34:56Z", null).ToUnixTimeSeconds(), dump.Info.Timestamp);
            foreach (int frame in (int[])[0, 1, 7, 8, 9, 15, 16, 255, 32_767, 32_768, 39_999])
                Assert.Equal(PageOf(frame), dump.Page((ulong)frame));
            Assert.Equal(PageState.Excluded, dump.TryPage(2));
            Assert.Equal(PageState.Excluded, dump.TryPage(33_000));
            Assert.Equal(PageState.Absent, dump.TryPage(3));
            Assert.Equal(PageState.Absent, dump.TryPage(40_000));
            Assert.Equal(new PageCounts(11, 2, 40_000 - 13, 0), dump.Count());
            DumpBytes.Exercise(dump);
        }
    }

    [Fact]
    public void The_disks_of_a_set_are_one_dump_in_any_order()
    {
        byte[][] disks = Made().Set(4, 5, 2);
        using Dump dump = DumpBytes.Open(disks[2], disks[0], disks[1]);
        Assert.Equal("sadump, disk set (3 of 3 disks)", dump.Format);
        Assert.Empty(dump.Damages);
        foreach (int frame in (int[])[0, 8, 9, 16, 32_767, 32_768, 39_999])
            Assert.Equal(PageOf(frame), dump.Page((ulong)frame));
        Assert.Equal(3, dump.Info.Parts.Count);
    }

    [Fact]
    public void Without_its_last_disk_a_set_lacks_those_pages_and_says_so()
    {
        byte[][] disks = Made().Set(4, 5, 2);
        using Dump dump = DumpBytes.Open(disks[0], disks[1]);
        Assert.Contains("2 of 3 disks are given", Assert.Single(dump.Damages).ToString());
        Assert.True(dump.Incomplete);
        Assert.Equal(PageOf(32_767), dump.Page(32_767));
        Assert.Equal(PageState.Damaged, dump.TryPage(32_768));
        Assert.NotNull(dump.Why(32_768));
        Assert.Equal(new PageCounts(9, 2, 40_000 - 13, 2), dump.Count());
    }

    [Fact]
    public void Disks_that_are_not_of_one_set_are_refused()
    {
        byte[][] disks = Made().Set(4, 7);
        Assert.Contains("the first one", DumpBytes.Refused(disks[1]).Message);
        Assert.Contains("no further disk", DumpBytes.Refused(disks[0], disks[0]).Message);
        Assert.Contains("no further disk", DumpBytes.Refused(Made().Partition(), disks[1]).Message);
        byte[][] gap = Made().Set(4, 5, 2);
        Assert.Contains("disk 2 is missing", DumpBytes.Refused(gap[0], gap[2]).Message);
        disks[1][90]++;
        Assert.Contains("another system", DumpBytes.Refused(disks).Message);
    }

    [Fact]
    public void A_dump_cut_anywhere_gives_what_is_left()
    {
        byte[] whole = Made().Copy();
        for (int length = 1; length < whole.Length; length += 509)
        {
            byte[] cut = whole[..length];
            try
            {
                using Dump dump = DumpBytes.Open(cut);
                DumpBytes.Exercise(dump);
                Assert.True(dump.Incomplete || dump.Count().Damaged > 0);
            }
            catch (InputException e)
            {
                Assert.True(length < 3 * 4096, e.Message);
            }
        }
    }

    [Fact]
    public void A_partition_without_a_dump_says_so()
    {
        byte[] empty = Made().Partition();
        empty.AsSpan(4096, 8).Clear();
        Assert.Contains("no dump was written here", DumpBytes.Refused(empty).Message);
    }

    [Fact]
    public void Headers_that_lie_are_told()
    {
        byte[] file = Made().Partition();
        file[168 + 400] ^= 1;
        using (Dump dump = DumpBytes.Open(file))
            Assert.Equal("magicnum", Assert.Single(dump.Damages).Field);
        byte[] many = Made().Partition();
        many.AsSpan(4096 + 88, 8).Fill(0xff);
        using (Dump dump = DumpBytes.Open(many))
        {
            Assert.Equal("max_mapnr", Assert.Single(dump.Damages).Field);
            DumpBytes.Exercise(dump);
        }
        byte[] block = Made().Partition();
        block[4096 + 40] = 1;
        Assert.Equal("block_size", DumpBytes.Refused(block).Field);
    }
}
