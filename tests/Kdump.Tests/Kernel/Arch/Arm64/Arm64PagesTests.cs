using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Formats.Elf;
using Kdump.Kernel.Arch.Arm64;
using Kdump.Kernel.Memory;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Kernel.Arch.Arm64;

public sealed class Arm64PagesTests
{
    [Theory]
    [InlineData(12, 39, false, 0x8_7654_3000UL)]
    [InlineData(12, 48, false, 0xFFFF_8765_4000UL)]
    [InlineData(12, 52, true, 0xE_3456_789A_B000UL)]
    [InlineData(14, 36, false, 0x8_7654_4000UL)]
    [InlineData(14, 47, false, 0x8_7654_4000UL)]
    [InlineData(14, 48, false, 0xFFFF_8765_4000UL)]
    [InlineData(14, 52, true, 0xE_3456_789A_C000UL)]
    [InlineData(16, 42, false, 0x8_7655_0000UL)]
    [InlineData(16, 48, false, 0xE_3456_7890_0000UL)]
    [InlineData(16, 52, false, 0xE_3456_7890_0000UL)]
    public void A_page_is_found_with_every_granule_and_every_number_of_address_bits(int shift, int bits, bool lpa2, ulong physical)
    {
        Arm64TablesBuilder tables = new(shift, bits, lpa2);
        ulong lowest = unchecked(0 - (1UL << bits)), page = 1UL << shift, middle = lowest + (1UL << (bits - 1)) + 5 * page;
        tables.Map(lowest, physical);
        tables.Map(middle, physical + page);
        tables.Map(unchecked(0 - page), physical + 2 * page);
        Arm64Pages pages = Pages(tables, shift, bits, lpa2);
        Assert.Equal((MemoryState.Present, physical + 0x123), At(pages, lowest + 0x123));
        Assert.Equal((MemoryState.Present, physical + page + page - 1), At(pages, middle + page - 1));
        Assert.Equal((MemoryState.Present, physical + 2 * page + 8), At(pages, unchecked(0 - page) + 8));
        Assert.Equal(MemoryState.Unmapped, At(pages, middle + page).State);
        Assert.Equal(MemoryState.Unmapped, At(pages, unchecked(lowest - 1)).State);
        Assert.Equal(MemoryState.Unmapped, At(pages, (1UL << bits - 1) | 0x123).State);
    }

    [Theory]
    [InlineData(12, 48, 1, 21)]
    [InlineData(12, 48, 2, 30)]
    [InlineData(14, 47, 1, 25)]
    [InlineData(16, 48, 1, 29)]
    public void A_block_takes_the_rest_of_the_address(int shift, int bits, int level, int size)
    {
        Arm64TablesBuilder tables = new(shift, bits);
        ulong at = unchecked(0 - (1UL << bits)) + (3UL << size);
        tables.Map(at, 5UL << size, level);
        Arm64Pages pages = Pages(tables, shift, bits, false);
        Assert.Equal((MemoryState.Present, (5UL << size) + (1UL << size) - 1), At(pages, at + (1UL << size) - 1));
        PageTableStep last = pages.Explain(new VirtualAddress(at))[^1];
        Assert.Equal(1UL << size, last.PageBytes);
        Assert.StartsWith("BLOCK", last.Flags, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tag_in_the_highest_byte_is_no_part_of_an_address()
    {
        Arm64TablesBuilder tables = new(12, 48);
        tables.Map(0xFFFF_0000_1234_5000, 0x77_7000);
        Arm64Pages pages = Pages(tables, 12, 48, false);
        Assert.Equal((MemoryState.Present, 0x77_7018UL), At(pages, 0xF3FF_0000_1234_5018));
        Assert.Equal((MemoryState.Present, 0x77_7018UL), At(pages, 0x2AFF_0000_1234_5018));
        Assert.Equal(MemoryState.Unmapped, At(pages, 0xFF7F_0000_1234_5018).State);
        Assert.Equal(MemoryState.Unmapped, At(pages, 0xDEAD_0000_0000_0122).State);
    }

    [Fact]
    public void The_last_level_has_pages_and_no_blocks()
    {
        Arm64TablesBuilder tables = new(12, 48);
        tables.Map(0xFFFF_0000_1234_5000, 0x77_7000, flags: 0x701);
        Assert.Equal(MemoryState.Unmapped, At(Pages(tables, 12, 48, false), 0xFFFF_0000_1234_5000).State);
    }

    [Fact]
    public void Tables_that_point_at_themselves_end()
    {
        Arm64TablesBuilder tables = new(12, 48);
        for (ulong i = 0; i < 512; i++)
            tables.Write(tables.Root + 8 * i, tables.Root | 3);
        Arm64Pages pages = Pages(tables, 12, 48, false);
        Assert.Equal((MemoryState.Present, tables.Root + 0x42), At(pages, 0xFFFF_0000_0000_0042));
        Assert.Single(pages.Tables(1000));
    }

    [Fact]
    public void A_table_that_was_excluded_is_not_an_unmapped_address()
    {
        Arm64TablesBuilder tables = new(12, 48);
        tables.Map(0xFFFF_0000_1234_5000, 0x77_7000);
        FakeDump dump = new(tables.Frames, null);
        dump.Missing[tables.Tables[1] >> 12] = PageState.Excluded;
        Arm64Pages pages = new(new PhysicalMemory(dump), new PhysicalAddress(tables.Root), new TableFormat(12, 48));
        Assert.Equal(MemoryState.Excluded, At(pages, 0xFFFF_0000_1234_5000).State);
        Assert.Equal(MemoryState.Unmapped, At(pages, 0xFFFF_F000_0000_0000).State);
    }

    [Theory]
    [InlineData(4096, 52, 12, 5, 52, true)]
    [InlineData(4096, 52, 16, 4, 48, false)]
    [InlineData(4096, 48, 16, 4, 48, false)]
    [InlineData(4096, 39, 25, 3, 39, false)]
    [InlineData(16384, 52, 12, 4, 52, true)]
    [InlineData(16384, 52, 17, 3, 47, false)]
    [InlineData(65536, 52, 16, 3, 52, false)]
    [InlineData(65536, 48, 16, 3, 48, false)]
    [InlineData(65536, 42, 22, 2, 42, false)]
    public void VMCOREINFO_tells_the_form_of_the_tables(int page, int built, int t1sz, int levels, int bits, bool lpa2)
    {
        Keys keys = Info($"PAGESIZE={page}\nNUMBER(VA_BITS)={built}\nNUMBER(TCR_EL1_T1SZ)=0x{t1sz:x}\n");
        TableFormat format = TableFormat.Of(keys, "fake", 4096);
        Assert.Equal((levels, bits, lpa2), (format.Levels, format.AddressBits, format.Lpa2));
    }

    [Theory]
    [InlineData("PAGESIZE=8192\nNUMBER(VA_BITS)=48\n", "PAGESIZE")]
    [InlineData("PAGESIZE=4096\n", "NUMBER(VA_BITS)")]
    [InlineData("PAGESIZE=4096\nNUMBER(VA_BITS)=57\n", "NUMBER(VA_BITS)")]
    [InlineData("PAGESIZE=4096\nNUMBER(VA_BITS)=48\nNUMBER(TCR_EL1_T1SZ)=0x40\n", "NUMBER(VA_BITS)")]
    public void Numbers_that_arm64_does_not_have_are_named(string info, string field) =>
        Assert.Equal(field, Assert.Throws<InputException>(() => TableFormat.Of(Info(info), "fake", 4096)).Field);

    /// <summary>Without a single table: the root is excluded.</summary>
    [Theory]
    [InlineData("48", 0xFFFF_8000_1000_0000UL, 0xFFFF_0000_0000_2000UL)]
    [InlineData("48", 0xFFFF_0000_1000_0000UL, 0xFFFF_8000_0000_2000UL)]
    [InlineData("39", 0xFFFF_FFC0_1000_0000UL, 0xFFFF_FF80_0000_2000UL)]
    public void Image_and_linear_map_are_computed_where_tables_are_missing_before_and_after_the_flip(string bits, ulong image,
        ulong linear)
    {
        FakeDump dump = new(new() { [0x40_000] = new byte[4096] }, null);
        dump.Missing[0x40_001] = PageState.Excluded;
        Arm64Memory memory = Arm64Memory.Open(new PhysicalMemory(dump), Info($"PAGESIZE=4096\nNUMBER(VA_BITS)={bits}\n" +
            $"SYMBOL(swapper_pg_dir)={image + 0x1000:x}\nSYMBOL(_stext)={image:x}\nNUMBER(kimage_voffset)=0x{image - 0x4000_0000:x}\n" +
            "NUMBER(PHYS_OFFSET)=0x40000000\n"));
        Assert.Equal(MemoryState.Present, memory.Translate(new VirtualAddress(image + 0x10), out PhysicalAddress at));
        Assert.Equal(0x4000_0010UL, at.Value);
        Assert.Equal(MemoryState.Present, memory.Translate(new VirtualAddress(linear), out at));
        Assert.Equal(0x4000_2000UL, at.Value);
        Assert.Equal(linear - 0x4000_2000, memory.DirectMap);
        Assert.Equal(MemoryState.Excluded, memory.Translate(new VirtualAddress(image + 0x7000_0000), out _));
    }

    private static Keys Info(string text) => new(VmcoreInfo.Parse(System.Text.Encoding.ASCII.GetBytes(text)));

    private static Arm64Pages Pages(Arm64TablesBuilder tables, int shift, int bits, bool lpa2) =>
        new(new PhysicalMemory(new FakeDump(tables.Frames, null)), new PhysicalAddress(tables.Root), new TableFormat(shift, bits, lpa2));

    private static (MemoryState State, ulong Physical) At(Arm64Pages pages, ulong address) =>
        (pages.Translate(new VirtualAddress(address), out PhysicalAddress at), at.Value);
}
