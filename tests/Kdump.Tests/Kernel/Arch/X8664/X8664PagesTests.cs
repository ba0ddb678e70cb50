using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Kernel.Arch.X8664;
using Kdump.Kernel.Memory;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Kernel.Arch.X8664;

public sealed class X8664PagesTests
{
    private readonly Dictionary<ulong, byte[]> frames = [];

    [Fact]
    public void A_4_KiB_page_is_found_through_four_tables()
    {
        Entry(1, 511, 2);
        Entry(2, 510, 3);
        Entry(3, 8, 4);
        Entry(4, 1, 0x77);
        Assert.Equal((MemoryState.Present, 0x77_123UL), Translate(0xFFFF_FFFF_8100_1123));
    }

    [Fact]
    public void A_fifth_level_is_walked_when_the_kernel_has_one()
    {
        Entry(1, 511, 2);
        Entry(2, 511, 3);
        Entry(3, 510, 4);
        Entry(4, 8, 5);
        Entry(5, 1, 0x77);
        Assert.Equal((MemoryState.Present, 0x77_123UL), Translate(0xFFFF_FFFF_8100_1123, fiveLevels: true));
        Entry(1, 256, 6);
        Entry(6, 0, 7);
        Entry(7, 0, 8, large: true);
        Assert.Equal(MemoryState.Present, Translate(0xFF00_0000_0000_0000, fiveLevels: true).State);
        Assert.Equal(MemoryState.Unmapped, Translate(0xFF00_0000_0000_0000).State);
    }

    [Theory]
    [InlineData(2, 0x4000_0000UL, 0x7FFF_FFFFUL)]
    [InlineData(3, 0x4000_0000UL, 0x401F_FFFFUL)]
    public void A_large_page_takes_the_rest_of_the_address(int level, ulong first, ulong last)
    {
        Entry(1, 272, 2);
        Entry(2, 0, level == 2 ? 0x4_0000UL : 3, large: level == 2);
        Entry(3, 0, 0x4_0000, large: true);
        Assert.Equal((MemoryState.Present, first), Translate(0xFFFF_8800_0000_0000));
        Assert.Equal((MemoryState.Present, last), Translate(0xFFFF_8800_0000_0000 + last - first));
    }

    [Fact]
    public void The_encryption_bit_is_no_part_of_an_address()
    {
        const ulong c = 1UL << 47;
        Entry(1, 272, 2 | c >> 12);
        Entry(2, 0, 3 | c >> 12);
        Entry(3, 0, 0x200 | c >> 12, large: true);
        Assert.Equal((MemoryState.Present, 0x20_0042UL), Translate(0xFFFF_8800_0000_0042, sme: c));
        Assert.Equal(MemoryState.Absent, Translate(0xFFFF_8800_0000_0042).State);
    }

    [Fact]
    public void Tables_that_point_at_themselves_end()
    {
        for (ulong i = 0; i < 512; i++)
            Entry(1, i, 1);
        Assert.Equal((MemoryState.Present, 0x1042UL), Translate(0xFFFF_8800_0000_0042));
    }

    [Fact]
    public void A_table_that_was_excluded_is_not_an_unmapped_address()
    {
        Entry(1, 272, 2);
        FakeDump dump = new(frames, null);
        dump.Missing[2] = PageState.Excluded;
        X8664Pages pages = new(new PhysicalMemory(dump), new PhysicalAddress(0x1000), false);
        Assert.Equal(MemoryState.Excluded, pages.Translate(new VirtualAddress(0xFFFF_8800_0000_0000), out _));
        Assert.Equal(MemoryState.Unmapped, pages.Translate(new VirtualAddress(0xFFFF_9000_0000_0000), out _));
    }

    [Fact]
    public void An_address_that_is_not_canonical_is_unmapped()
    {
        for (ulong i = 0; i < 512; i++)
            Entry(1, i, 1);
        Assert.Equal(MemoryState.Unmapped, Translate(0x0000_8000_0000_0000).State);
    }

    [Fact]
    public void A_translation_is_remembered_with_its_own_page_only()
    {
        Entry(1, 272, 2);
        Entry(2, 0, 3);
        Entry(3, 0, 4);
        Entry(4, 0, 0x50);
        Entry(4, 1, 0x90);
        X8664Pages pages = new(new PhysicalMemory(new FakeDump(frames, null)), new PhysicalAddress(0x1000), false);
        for (int again = 0; again < 2; again++)
        {
            pages.Translate(new VirtualAddress(0xFFFF_8800_0000_0FFF), out PhysicalAddress first);
            pages.Translate(new VirtualAddress(0xFFFF_8800_0000_1000), out PhysicalAddress second);
            Assert.Equal((0x50_FFFUL, 0x90_000UL), (first.Value, second.Value));
            Assert.Equal(MemoryState.Unmapped, pages.Translate(new VirtualAddress(0), out _));
        }
    }

    private void Entry(ulong table, ulong index, ulong frame, bool large = false)
    {
        if (!frames.TryGetValue(table, out byte[]? page))
            frames[table] = page = new byte[4096];
        BinaryPrimitives.WriteUInt64LittleEndian(page.AsSpan((int)(8 * index)), frame << 12 | (large ? 0x83UL : 3UL));
    }

    private (MemoryState State, ulong Address) Translate(ulong address, bool fiveLevels = false, ulong sme = 0)
    {
        X8664Pages pages = new(new PhysicalMemory(new FakeDump(frames, null)), new PhysicalAddress(0x1000), fiveLevels, sme);
        MemoryState state = pages.Translate(new VirtualAddress(address), out PhysicalAddress result);
        return (state, result.Value);
    }
}
