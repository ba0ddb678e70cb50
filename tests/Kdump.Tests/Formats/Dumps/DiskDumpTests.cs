using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Formats.Dumps;

public sealed class DiskDumpTests
{
    [Fact]
    public void Pages_of_every_compression_in_one_dump_come_back()
    {
        DiskDumpBuilder builder = new();
        uint[] kinds = [PageCompression.Raw, PageCompression.Zlib, PageCompression.Lzo, PageCompression.Snappy, PageCompression.Zstd];
        for (int i = 0; i < 50; i++)
            builder.Page(i * 2, kinds[i % kinds.Length]);
        using Dump dump = DumpBytes.Open(builder.Build());
        for (int i = 0; i < 50; i++)
            Assert.Equal(DiskDumpBuilder.Content(i * 2), dump.Page((ulong)i * 2));
        Assert.Empty(dump.Damages);
    }

    [Theory]
    [InlineData(true, false, 6, "x86_64")]
    [InlineData(true, true, 6, "s390x")]
    [InlineData(true, true, 3, "ppc64")]
    [InlineData(false, false, 6, "i686")]
    [InlineData(false, true, 5, "ppc")]
    [InlineData(true, false, 0, "x86_64")]
    [InlineData(true, false, 1, "")]
    [InlineData(false, false, 4, "")]
    public void Word_size_and_byte_order_are_told_from_the_header(bool is64, bool bigEndian, int version, string machine)
    {
        DiskDumpBuilder builder = new() { Is64 = is64, BigEndian = bigEndian, Version = version, Machine = machine };
        using Dump dump = DumpBytes.Open(builder.Page(5, PageCompression.Zlib).Page(99).Build());
        Assert.Equal((is64, bigEndian), (dump.Info.Is64Bit, dump.Info.BigEndian));
        Assert.Equal(("6.1.0-test", 1_700_000_000L, 2), (dump.Info.Release, dump.Info.Timestamp, dump.Info.Cpus));
        Assert.Equal(version >= 1 ? 31 : null, dump.Info.DumpLevel);
        Assert.Equal(new Pfn(100), dump.MaxPfn);
        Assert.Equal(DiskDumpBuilder.Content(5), dump.Page(5));
        Assert.Equal(DiskDumpBuilder.Content(99), dump.Page(99));
    }

    [Theory]
    [InlineData("i686", false, false)]
    [InlineData("armv7l", true, false)]
    [InlineData("mips", true, true)]
    public void Offsets_of_32_bit_sub_headers_are_found_packed_and_aligned(string machine, bool aligned, bool bigEndian)
    {
        DiskDumpBuilder builder = new()
        {
            Is64 = false, BigEndian = bigEndian, Machine = machine, AlignedOffsets = aligned,
                VmcoreInfo = "OSRELEASE=6.1.0-arm\nPAGESIZE=4096",
            Notes = new NotesBuilder(bigEndian).Add("CORE", 1, new byte[20]).VmcoreInfo("OSRELEASE=6.1.0-note\n").ToArray(),
                MaxMapnr = 40_000,
        };
        using Dump dump = DumpBytes.Open(builder.Page(39_999).Build());
        Assert.Equal("6.1.0-note", dump.VmcoreInfo?.OsRelease);
        Assert.Equal(new Pfn(40_000), dump.MaxPfn);
        Assert.Equal(DiskDumpBuilder.Content(39_999), dump.Page(39_999));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void A_dump_of_no_frames_at_all_still_tells_its_machine(bool is64, bool bigEndian)
    {
        DiskDumpBuilder builder = new() { Is64 = is64, BigEndian = bigEndian, Machine = is64 ? "x86_64" : "ppc", MaxMapnr = 0 };
        using Dump dump = DumpBytes.Open(builder.Build());
        Assert.Equal((is64, bigEndian, "6.1.0-test"), (dump.Info.Is64Bit, dump.Info.BigEndian, dump.Info.Release));
        Assert.Equal(default, dump.Count());
        Assert.Null(dump.NextRun(default));
    }

    [Fact]
    public void A_page_of_64_KiB_is_a_page()
    {
        using Dump dump = DumpBytes.Open(
            new DiskDumpBuilder { BlockSize = 65536, Machine = "aarch64" }.Page(7, PageCompression.Zlib).Build());
        Assert.Equal(65536, dump.PageSize);
        Assert.Equal(DiskDumpBuilder.Content(7, 65536), dump.Page(7));
    }

    [Fact]
    public void Present_excluded_and_absent_frames_are_told_apart()
    {
        using Dump dump = DumpBytes.Open(new DiskDumpBuilder().Page(1).Excluded(2).Build());
        Assert.Equal(PageState.Absent, dump.TryPage(0));
        Assert.Equal(PageState.Present, dump.State(new Pfn(1)));
        Assert.Equal(PageState.Excluded, dump.TryPage(2));
        Assert.Equal(PageState.Absent, dump.TryPage(100));
        Assert.Equal(PageState.Absent, dump.TryPage(ulong.MaxValue));
        Assert.Equal(new PageCounts(1, 1, 98, 0), dump.Count());
    }

    [Fact]
    public void An_excluded_page_leaves_the_buffer_alone()
    {
        using Dump dump = DumpBytes.Open(new DiskDumpBuilder().Page(1).Excluded(2).Build());
        byte[] page = new byte[4096];
        page.AsSpan().Fill(0xAA);
        dump.ReadPage(new Pfn(2), page);
        Assert.DoesNotContain(page, b => b != 0xAA);
    }

    [Fact]
    public void The_only_bitmap_of_an_old_diskdump_is_that_of_the_pages()
    {
        using Dump dump = DumpBytes.Open(
            new DiskDumpBuilder { Signature = "DISKDUMP", Version = 0, OneBitmap = true, MaxMapnr = 32768 }.Page(3).Build());
        Assert.Equal("diskdump v0", dump.Format);
        Assert.Equal(DiskDumpBuilder.Content(3), dump.Page(3));
        Assert.Equal(PageState.Absent, dump.State(new Pfn(4)));
    }

    [Fact]
    public void The_rank_of_a_frame_is_right_far_into_a_large_bitmap()
    {
        DiskDumpBuilder builder = new() { MaxMapnr = 1_500_000 };
        Random random = new(1);
        SortedSet<long> pfns = [0, 65535, 65536, 524287, 524288, 1_499_999];
        while (pfns.Count < 300)
            pfns.Add(random.NextInt64(1_500_000));
        foreach (long pfn in pfns)
            builder.Page(pfn);
        using Dump dump = DumpBytes.Open(builder.Build());
        foreach (long pfn in pfns.Reverse())
            Assert.Equal(DiskDumpBuilder.Content(pfn), dump.Page((ulong)pfn));
        List<long> walked = [];
        for (Pfn? at = dump.NextRun(default)?.First; at is { } p; at = dump.NextRun(new Pfn(p.Value + 1))?.First)
            walked.Add((long)p.Value);
        Assert.Equal(pfns, walked);
        Assert.Equal(300, dump.Count().Present);
    }

    [Fact]
    public void Opening_reads_neither_bitmap_nor_pages()
    {
        DiskDumpBuilder builder = new() { MaxMapnr = 50_000_000 };
        MemorySource source = new(builder.Page(49_999_999, PageCompression.Zlib).Build());
        using Dump dump = DumpFormats.Open([source]);
        Assert.True(source.BytesRead < 16 * 1024, $"{source.BytesRead} bytes read");
    }

    [Fact]
    public void A_page_that_was_lost_is_damaged_and_never_zero()
    {
        DiskDumpBuilder builder = new DiskDumpBuilder { Status = 8 | 1 }.Page(1).Page(2);
        builder.Build();
        using Dump dump = DumpBytes.Open(builder.Patch(builder.Layout.Descriptors + 24, new byte[24]).Build());
        Assert.True(dump.Incomplete);
        Assert.Equal(["zlib"], dump.Info.Compression);
        Assert.Equal(PageState.Damaged, dump.TryPage(2));
        Assert.Contains("page_desc.offset", dump.Why(2));
        Assert.Equal(PageState.Present, dump.TryPage(1));
    }

    [Fact]
    public void A_truncated_page_descriptor_names_the_field_and_the_offset()
    {
        DiskDumpBuilder builder = new DiskDumpBuilder().Page(1).Page(2);
        builder.Build();
        byte[] cut = builder.Build()[..(builder.Layout.Descriptors + 30)];
        using Dump dump = DumpBytes.Open(cut);
        Assert.Equal(PageState.Damaged, dump.TryPage(2));
        Assert.StartsWith($"vmcore: page_desc at 0x{builder.Layout.Descriptors + 24:x}: ", dump.Why(2));
    }

    [Theory]
    [InlineData(8, 0xffff_ffffu, "page_desc.size")]
    [InlineData(8, 4097u, "page_desc.size")]
    [InlineData(8, 0u, "are not a page of 4096")]
    [InlineData(8, 4095u, "are not a page of 4096")]
    [InlineData(0, 100u, "lies inside the headers")]
    [InlineData(0, 0x7fff_ffffu, "past the end of the input")]
    [InlineData(4, 0xffff_ffffu, "page_desc.offset")]
    [InlineData(12, 3u, "more than one compression")]
    [InlineData(12, 1u, "zlib")]
    [InlineData(12, 2u, "lzo")]
    [InlineData(12, 4u, "snappy")]
    [InlineData(12, 0x20u, "zstd")]
    public void A_descriptor_that_lies_costs_its_own_page(int field, uint value, string why)
    {
        DiskDumpBuilder builder = new DiskDumpBuilder().Page(1).Page(2).Page(3);
        builder.Build();
        using Dump dump = DumpBytes.Open(builder.Patch(builder.Layout.Descriptors + 24 + field, BitConverter.GetBytes(value)).Build());
        Assert.Equal(PageState.Damaged, dump.TryPage(2));
        Assert.Contains(why, dump.Why(2));
        Assert.Equal(DiskDumpBuilder.Content(1), dump.Page(1));
        Assert.Equal(DiskDumpBuilder.Content(3), dump.Page(3));
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MaxValue - 4096)]
    [InlineData(1L << 62)]
    public void A_descriptor_that_points_to_the_end_of_the_world_costs_its_own_page(long offset)
    {
        DiskDumpBuilder builder = new DiskDumpBuilder().Page(1, PageCompression.Zlib).Page(2);
        builder.Build();
        byte[] file = builder.Patch(builder.Layout.Descriptors, BitConverter.GetBytes(offset)).Build();
        // Flattened, the input can be as long as the offset claims.
        byte[] flattened = new FlattenedBuilder().Record(0, file).Record(long.MaxValue - 1, "x"u8).End();
        foreach (byte[] input in (byte[][])[file, flattened])
        {
            using Dump dump = DumpBytes.Open(input);
            Assert.Equal(PageState.Damaged, dump.TryPage(1));
            Assert.NotNull(dump.Why(1));
            Assert.Equal(DiskDumpBuilder.Content(2), dump.Page(2));
            Assert.Equal(1, Verification.Run(dump, 1).Counts.Damaged);
        }
    }

    [Fact]
    public void Frames_past_a_cut_bitmap_are_damaged_and_those_before_it_are_not()
    {
        // The second bitmap alone is 3 blocks; the file ends inside its second block, so no descriptor is left either.
        DiskDumpBuilder builder = new() { MaxMapnr = 90_000 };
        byte[] whole = builder.Page(1).Excluded(2).Build();
        using Dump dump = DumpBytes.Open(whole[..(builder.Layout.Bitmaps + 4 * 4096)]);
        Assert.Equal(PageState.Excluded, dump.State(new Pfn(2)));
        Assert.Equal(PageState.Damaged, dump.TryPage(1));
        Assert.Equal(PageState.Damaged, dump.State(new Pfn(80_000)));
        Assert.Contains("cut", dump.Why(80_000));
        PageCounts counts = dump.Count();
        Assert.Equal((1, 1, 90_000 - 32768), (counts.Present, counts.Excluded, counts.Damaged));
    }

    [Fact]
    public void A_bitmap_of_terabytes_that_is_not_there_costs_nothing()
    {
        // 2^38 frames, all past the end of the file.
        DiskDumpBuilder builder = new DiskDumpBuilder().Page(1)
            .Patch(436, BitConverter.GetBytes(0x0100_0000)).Patch(4096 + 96, BitConverter.GetBytes(1L << 38));
        using Dump dump = DumpBytes.Open(builder.Build());
        Assert.Equal(PageState.Damaged, dump.State(new Pfn(1UL << 37)));
        VerificationResult result = Verification.Run(dump, threads: 2);
        Assert.True(result.Counts.Damaged > 1L << 37);
        Assert.InRange(result.Damaged.Count, 1, 100);
    }

    [Fact]
    public void More_frames_than_the_bitmaps_hold_are_a_damage_and_cut_to_what_they_hold()
    {
        using Dump dump = DumpBytes.Open(new DiskDumpBuilder().Page(1).Patch(4096 + 96, BitConverter.GetBytes(long.MaxValue)).Build());
        Assert.Equal(new Pfn(32768), dump.MaxPfn);
        Assert.Contains(dump.Damages, d => d.Field == "max_mapnr");
        Assert.Equal(DiskDumpBuilder.Content(1), dump.Page(1));
    }

    [Fact]
    public void VMCOREINFO_of_version_3_becomes_a_note()
    {
        using Dump dump = DumpBytes.Open(
            new DiskDumpBuilder { Version = 3, VmcoreInfo = "OSRELEASE=2.6.32\nPAGESIZE=4096\n" }.Page(1).Build());
        Assert.Equal("2.6.32", dump.VmcoreInfo?.OsRelease);
        Assert.Equal("VMCOREINFO", Assert.Single(dump.ElfNotes).Name);
    }

    [Fact]
    public void Notes_that_are_not_in_the_file_are_a_damage_and_the_pages_stay()
    {
        DiskDumpBuilder builder = new() { Notes = new NotesBuilder().VmcoreInfo("OSRELEASE=1\n").ToArray() };
        using Dump dump = DumpBytes.Open(builder.Page(1).Patch(4096 + 56, BitConverter.GetBytes(ulong.MaxValue)).Build());
        Assert.Contains(dump.Damages, d => d.Field == "size_note");
        Assert.Null(dump.VmcoreInfo);
        Assert.Equal(DiskDumpBuilder.Content(1), dump.Page(1));
    }

    [Fact]
    public void The_one_zero_page_of_many_frames_is_read_from_the_file_once()
    {
        DiskDumpBuilder builder = new() { MaxMapnr = 1000 };
        byte[] zero = new byte[4096];
        for (int i = 0; i < 1000; i++)
            builder.Stored(i, zero, PageCompression.Raw);
        MemorySource source = new(builder.Build());
        using Dump dump = DumpFormats.Open([source]);
        dump.Kept(0);
        dump.Kept(999);
        long before = source.BytesRead;
        for (ulong i = 0; i < 1000; i++)
            Assert.DoesNotContain(dump.Kept(i), b => b != 0);
        Assert.True(source.BytesRead - before < 1000 * 24 + 8192, $"{source.BytesRead - before} bytes read");
    }

    [Fact]
    public void More_pages_than_the_cache_holds_come_back_all()
    {
        DiskDumpBuilder builder = new() { MaxMapnr = 3000, BlockSize = 65536, Machine = "aarch64" };
        byte[][] stored = [.. Enumerable.Range(0, 40)
            .Select(i => PageCompression.Compress(PageCompression.Lzo, DiskDumpBuilder.Content(i, 65536)))];
        for (int i = 0; i < 3000; i++)
            builder.Stored(i, (byte[])stored[i % 40].Clone(), PageCompression.Lzo);
        using Dump dump = DumpBytes.Open(builder.Build());
        for (int round = 0; round < 2; round++)
        {
            for (int i = 0; i < 3000; i++)
                Assert.Equal((byte)(i % 40), dump.Kept((ulong)i)[^1]);
        }
    }

    [Fact]
    public void Threads_that_count_the_same_bitmap_at_once_agree()
    {
        DiskDumpBuilder builder = new() { MaxMapnr = 40_000_000 };
        for (int i = 0; i < 40; i++)
            builder.Page(i * 1_000_000L);
        byte[] file = builder.Build();
        for (int round = 0; round < 30; round++)
        {
            using Dump dump = DumpBytes.Open(file);
            using Barrier start = new(4);
            int wrong = 0;
            Thread[] threads = [.. Enumerable.Range(0, 4).Select(t => new Thread(() =>
            {
                byte[] page = new byte[4096];
                start.SignalAndWait();
                for (int i = 39 - t; i >= 0; i -= 4)
                {
                    try
                    {
                        if (dump.ReadPage(new Pfn((ulong)i * 1_000_000), page) != PageState.Present ||
                            page[^1] != (byte)(i * 1_000_000L & 0xff))
                            Interlocked.Increment(ref wrong);
                    }
                    catch (OverflowException)
                    {
                        Interlocked.Increment(ref wrong);
                    }
                }
            }))];
            Array.ForEach(threads, t => t.Start());
            Array.ForEach(threads, t => t.Join());
            Assert.Equal(0, wrong);
        }
    }

    [Fact]
    public void Many_threads_read_the_same_pages()
    {
        DiskDumpBuilder builder = new() { MaxMapnr = 2000 };
        for (int i = 0; i < 2000; i++)
            builder.Page(i, i % 2 == 0 ? PageCompression.Zlib : PageCompression.Lzo);
        using Dump dump = DumpBytes.Open(builder.Build());
        byte[][] expected = [.. Enumerable.Range(0, 2000).Select(i => DiskDumpBuilder.Content(i))];
        int wrong = 0;
        Thread[] threads = [.. Enumerable.Range(0, 8).Select(t => new Thread(() =>
        {
            byte[] page = new byte[4096];
            Random random = new(t);
            for (int i = 0; i < 3000; i++)
            {
                int pfn = random.Next(2000);
                if (dump.ReadPage(new Pfn((ulong)pfn), page) != PageState.Present || !page.AsSpan().SequenceEqual(expected[pfn]))
                    Interlocked.Increment(ref wrong);
            }
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        Assert.Equal(0, wrong);
    }
}
