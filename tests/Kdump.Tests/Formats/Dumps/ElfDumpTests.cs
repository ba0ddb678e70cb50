using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Formats.Dumps;

public sealed class ElfDumpTests
{
    private static byte[] Bytes(int length, int seed)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    [Theory]
    [InlineData(true, false, 62, "x86_64")]
    [InlineData(false, false, 3, "i686")]
    [InlineData(true, true, 22, "s390x")]
    [InlineData(false, true, 20, "ppc")]
    public void Both_classes_and_byte_orders_are_read(bool is64, bool bigEndian, int machine, string name)
    {
        byte[] memory = Bytes(8192, 1);
        ElfBuilder builder = new()
        {
            Is64 = is64, BigEndian = bigEndian, Machine = (ushort)machine,
                Notes = new NotesBuilder(bigEndian).VmcoreInfo("OSRELEASE=6.1\nPAGESIZE=4096\n").ToArray(),
        };
        using Dump dump = DumpBytes.Open(builder.Load(0x2000, memory).Build());
        Assert.Equal((name, "6.1"), (dump.Info.Machine, dump.Info.Release));
        Assert.Equal(memory, (byte[])[.. dump.Page(2), .. dump.Page(3)]);
        Assert.Equal(new PageCounts(2, 0, 2, 0), dump.Count());
    }

    [Fact]
    public void The_count_of_more_than_65534_segments_is_found_in_section_0()
    {
        ElfBuilder builder = new() { ExtendedCount = true };
        for (int i = 0; i < 70_000; i++)
            builder.Load((ulong)i * 0x2000, i == 69_999 ? Bytes(4096, 5) : [], memorySize: 4096);
        using ElfDump dump = (ElfDump)DumpBytes.Open(builder.Build());
        Assert.Equal(70_000, dump.Segments.Count);
        Assert.Equal(Bytes(4096, 5), dump.Page(69_999 * 2));
        Assert.Equal(PageState.Excluded, dump.State(new Pfn(69_998 * 2)));
    }

    [Fact]
    public void The_tail_that_is_not_in_the_file_was_excluded()
    {
        using Dump dump = DumpBytes.Open(new ElfBuilder().Load(0, Bytes(4096, 1), memorySize: 3 * 4096).Build());
        Assert.Equal(PageState.Present, dump.TryPage(0));
        Assert.Equal(PageState.Excluded, dump.TryPage(1));
        Assert.Equal(PageState.Excluded, dump.TryPage(2));
        Assert.Equal(PageState.Absent, dump.TryPage(3));
    }

    [Fact]
    public void A_page_of_which_the_file_holds_a_part_is_that_part_and_zeros()
    {
        // As libkdumpfile's tests elf-le, elf-be and elf-partial have it: 16 bytes of a page of 4096. What is left out goes by whole pages.
        byte[] part = Bytes(16, 1);
        using Dump dump = DumpBytes.Open(new ElfBuilder().Load(0, part, memorySize: 8192).Build());
        Assert.Equal((byte[])[.. part, .. new byte[4080]], dump.Page(0));
        Assert.Equal(PageState.Excluded, dump.TryPage(1));
        Assert.Equal(new PageCounts(1, 1, 0, 0), dump.Count());
        Assert.Equal((0UL, 1UL), (dump.NextRun(new Pfn(0))!.Value.First.Value, dump.NextRun(new Pfn(0))!.Value.End.Value));
        Assert.Null(dump.NextRun(new Pfn(1)));
    }

    [Fact]
    public void Where_RAM_ends_inside_a_page_the_rest_is_zero()
    {
        byte[] memory = Bytes(0xc00, 2);
        using Dump dump = DumpBytes.Open(new ElfBuilder().Load(0x9f000, memory).Build());
        byte[] page = dump.Page(0x9f);
        Assert.Equal(memory, page[..0xc00]);
        Assert.DoesNotContain(page[0xc00..], b => b != 0);
        Assert.Equal(new PageCounts(1, 0, 0x9f, 0), dump.Count());
    }

    [Fact]
    public void A_page_in_two_segments_is_put_together()
    {
        byte[] a = Bytes(0x800, 3), b = Bytes(0x1000, 4);
        using Dump dump = DumpBytes.Open(new ElfBuilder().Load(0x1000, a).Load(0x1800, b).Build());
        Assert.Equal((byte[])[.. a, .. b[..0x800]], dump.Page(1));
    }

    [Fact]
    public void Bytes_in_the_file_win_over_bytes_left_out_and_those_over_bytes_cut_off()
    {
        byte[] memory = Bytes(4096, 5), other = Bytes(4096, 6);
        using Dump dump = DumpBytes.Open(new ElfBuilder()
            .Load(0, [], memorySize: 0x4000)
            .Load(0x1000, memory)
            .Load(0x1000, other)
            .Load(0x3000, [], memorySize: 0x2000, offset: 1 << 30, fileSize: 0x2000)
            .Build());
        Assert.Equal(PageState.Excluded, dump.State(new Pfn(0)));
        Assert.Equal(memory, dump.Page(1));
        Assert.Equal(PageState.Excluded, dump.State(new Pfn(3)));
        Assert.Equal(PageState.Damaged, dump.TryPage(4));
        Assert.Contains("past the end of the file", dump.Why(4));
    }

    [Fact]
    public void A_cut_file_keeps_the_pages_before_the_cut()
    {
        byte[] file = new ElfBuilder().Load(0, Bytes(0x4000, 7)).Build();
        using Dump dump = DumpBytes.Open(file[..^0x1800]);
        Assert.Equal(Bytes(0x4000, 7)[..0x1000], dump.Page(0));
        Assert.Equal(PageState.Present, dump.State(new Pfn(1)));
        Assert.Equal(PageState.Damaged, dump.TryPage(2));
        Assert.Equal(PageState.Damaged, dump.TryPage(3));
        Assert.Equal(new PageCounts(2, 0, 0, 2), dump.Count());
        VerificationResult result = Verification.Run(dump, 1);
        Assert.Equal(new DamagedRange(new Pfn(2), new Pfn(4), result.Damaged[0].Why), Assert.Single(result.Damaged));
    }

    [Fact]
    public void The_flag_of_an_incomplete_dump_is_seen()
    {
        using Dump dump = DumpBytes.Open(new ElfBuilder { Flags = 1 }.Load(0, Bytes(4096, 1)).Build());
        Assert.True(dump.Incomplete);
    }

    [Fact]
    public void The_page_size_is_VMCOREINFO_s_when_it_can_be()
    {
        static int Size(string text) =>
            DumpBytes.Open(new ElfBuilder { Notes = new NotesBuilder().VmcoreInfo(text).ToArray() }.Load(0, new byte[65536]).Build())
            .PageSize;
        Assert.Equal(65536, Size("PAGESIZE=65536\n"));
        Assert.Equal(4096, Size("PAGESIZE=4097\n"));
        Assert.Equal(4096, Size("PAGESIZE=-4096\n"));
    }

    [Fact]
    public void Segments_past_the_address_space_are_a_damage_each()
    {
        using Dump dump = DumpBytes.Open(new ElfBuilder()
            .Load(ulong.MaxValue - 4095, Bytes(4096, 1)).Load(0, Bytes(4096, 2), memorySize: ulong.MaxValue).Load(0x1000, Bytes(4096, 3))
                .Build());
        Assert.Equal(2, dump.Damages.Count);
        Assert.Equal(Bytes(4096, 3), dump.Page(1));
    }

    [Theory]
    [InlineData(1, "object file")]
    [InlineData(2, "vmlinux")]
    [InlineData(3, "vmlinux")]
    [InlineData(9, "no core dump")]
    public void An_ELF_file_that_is_no_core_is_called_what_it_is(int type, string words) =>
        Assert.Contains(words, DumpBytes.Refused(new ElfBuilder { Type = (ushort)type }.Load(0, new byte[16]).Build()).Message);

    [Fact]
    public void The_core_of_a_process_is_refused() =>
        Assert.Contains("user process", DumpBytes.Refused(
            new ElfBuilder { Notes = new NotesBuilder().Add("CORE", 1, new byte[336]).Add("CORE", 6, new byte[16]).ToArray() }
                .Load(0, new byte[4096]).Build()).Message);

    [Fact]
    public void The_memory_of_a_Xen_host_is_read_with_a_warning()
    {
        using Dump dump = DumpBytes.Open(
            new ElfBuilder { Notes = new NotesBuilder().Add("Xen", 0x1000001, new byte[80]).ToArray() }.Load(0, new byte[4096]).Build());
        Assert.Contains("machine address", Assert.Single(dump.Damages).Reason);
    }

    [Fact]
    public void A_core_without_memory_is_refused() =>
        Assert.Contains("no memory", DumpBytes.Refused(new ElfBuilder { Notes = new byte[4] }.Build()).Message);

    [Fact]
    public void Two_ELF_files_are_no_split_set()
    {
        byte[] file = new ElfBuilder().Load(0, new byte[4096]).Build();
        Assert.Contains("an ELF dump is one file", DumpBytes.Refused(file, file).Message);
    }
}
