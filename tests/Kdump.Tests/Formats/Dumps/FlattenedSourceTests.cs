using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Formats.Dumps;

public sealed class FlattenedSourceTests
{
    private static byte[] Read(byte[] flattened, long offset, int count)
    {
        using FlattenedSource source = FlattenedSource.Open(new MemorySource(flattened));
        return source.ReadUpTo(offset, count);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(4096)]
    [InlineData(100_000)]
    public void A_file_in_shuffled_records_reads_as_it_was(int recordSize)
    {
        byte[] plain = new byte[50_000];
        new Random(3).NextBytes(plain);
        byte[] flattened = FlattenedBuilder.Of(plain, recordSize);
        Assert.Equal(plain, Read(flattened, 0, 60_000));
        Assert.Equal(plain[12_345..23_456], Read(flattened, 12_345, 23_456 - 12_345));
    }

    [Fact]
    public void A_later_record_wins_where_records_overlap()
    {
        byte[] flattened = new FlattenedBuilder().Record(0, "aaaaaaaaaa"u8).Record(3, "bbbb"u8).Record(5, "c"u8).Record(8, "dddd"u8).End();
        Assert.Equal("aaabbcbadddd"u8.ToArray(), Read(flattened, 0, 100));
    }

    [Fact]
    public void A_hole_of_a_whole_file_is_zero()
    {
        byte[] flattened = new FlattenedBuilder().Record(2, "ab"u8).Record(6, "c"u8).End();
        Assert.Equal([0, 0, (byte)'a', (byte)'b', 0, 0, (byte)'c'], Read(flattened, 0, 100));
    }

    [Fact]
    public void A_hole_of_a_cut_file_is_unknown_and_ends_the_read()
    {
        byte[] flattened = new FlattenedBuilder().Record(0, "ab"u8).Record(6, "c"u8).Cut();
        Assert.Equal("ab"u8.ToArray(), Read(flattened, 0, 100));
        Assert.Equal("c"u8.ToArray(), Read(flattened, 6, 100));
        using FlattenedSource source = FlattenedSource.Open(new MemorySource(flattened));
        Assert.Contains("end mark", Assert.Single(source.Damages).Reason);
    }

    [Fact]
    public void A_record_that_is_cut_keeps_what_it_has()
    {
        byte[] flattened = new FlattenedBuilder().Record(0, "abc"u8, size: 1000).Cut();
        Assert.Equal("abc"u8.ToArray(), Read(flattened, 0, 2000));
    }

    [Theory]
    [InlineData(-2, 10)]
    [InlineData(long.MinValue, 10)]
    [InlineData(0, -1)]
    [InlineData(0, long.MinValue)]
    [InlineData(long.MaxValue, 1)]
    [InlineData(1, long.MaxValue)]
    public void Offsets_and_sizes_that_cannot_be_end_the_walk(long offset, long size)
    {
        byte[] flattened = new FlattenedBuilder().Record(0, "good"u8).Record(offset, "evil"u8, size).Record(4, "lost"u8).End();
        using FlattenedSource source = FlattenedSource.Open(new MemorySource(flattened));
        Assert.Contains("are invalid", Assert.Single(source.Damages).Reason);
        Assert.Equal("good"u8.ToArray(), source.ReadUpTo(0, 100));
    }

    [Fact]
    public void Hundreds_of_thousands_of_overlapping_records_are_searched_not_scanned()
    {
        FlattenedBuilder builder = new();
        byte[] expected = new byte[200_010];
        for (int i = 0; i < 200_000; i++)
        {
            byte[] data = BitConverter.GetBytes(i);
            builder.Record(i, data);
            data.CopyTo(expected, i);
        }
        using FlattenedSource source = FlattenedSource.Open(new MemorySource(builder.End()));
        Assert.Equal(200_003, source.Length);
        byte[] one = new byte[1];
        for (int at = 0; at < 200_003; at += 7)
        {
            Assert.Equal(1, source.Read(at, one));
            Assert.Equal(expected[at], one[0]);
        }
    }

    [Fact]
    public void Records_nested_in_one_another_stay_quick()
    {
        // Each record inside all earlier ones: the worst case for a walk that keeps them all open.
        FlattenedBuilder builder = new();
        for (int i = 0; i < 3000; i++)
            builder.Record(i, new byte[6001 - 2 * i]);
        using FlattenedSource source = FlattenedSource.Open(new MemorySource(builder.End()));
        Assert.Equal(6001, source.ReadUpTo(0, 10_000).Length);
    }

    [Fact]
    public void A_dump_that_claims_a_huge_hole_opens_and_verifies_at_once()
    {
        byte[] plain = new DiskDumpBuilder().Page(1).Patch(436, BitConverter.GetBytes(0x0100_0000))
            .Patch(4096 + 96, BitConverter.GetBytes(1L << 38)).Build();
        byte[] flattened = new FlattenedBuilder().Record(0, plain).Record(1L << 60, "x"u8).End();
        using Dump dump = DumpBytes.Open(flattened);
        _ = dump.Count();
        Assert.Equal(PageState.Absent, dump.State(new Pfn(1UL << 37)));
        _ = Verification.Run(dump, 1);
    }

    [Fact]
    public void Both_kinds_of_dump_are_read_inside()
    {
        using Dump elf = DumpBytes.Open(FlattenedBuilder.Of(new ElfBuilder().Load(0x1000, DiskDumpBuilder.Content(1)).Build(), 777));
        Assert.Equal("flattened ELF", elf.Format);
        Assert.Equal(DiskDumpBuilder.Content(1), elf.Page(1));
        using Dump kdump = DumpBytes.Open(FlattenedBuilder.Of(new DiskDumpBuilder().Page(9, PageCompression.Lzo).Build(), 777));
        Assert.Equal("flattened kdump-compressed v6", kdump.Format);
        Assert.Equal(DiskDumpBuilder.Content(9), kdump.Page(9));
    }

    [Theory]
    [InlineData(23, "type")]
    [InlineData(31, "version")]
    public void Another_type_or_version_is_refused_by_name(int at, string field)
    {
        byte[] flattened = FlattenedBuilder.Of(new byte[100], 100);
        flattened[at] = 9;
        Assert.Equal(field, DumpBytes.Refused(flattened).Field);
    }
}
