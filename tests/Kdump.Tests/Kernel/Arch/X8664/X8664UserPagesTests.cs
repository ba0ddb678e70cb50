using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Kernel.Arch.X8664;
using Kdump.Kernel.Memory;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Kernel.Arch.X8664;

public sealed class X8664UserPagesTests : IDisposable
{
    private const ulong Mask = 0x000F_FFFF_FFFF_F000, Address = 0x7F12_3456_7000;
    private readonly Dictionary<ulong, byte[]> frames = [];
    private readonly FakeDump dump;

    public X8664UserPagesTests()
    {
        for (ulong i = 1; i <= 5; i++)
            frames[i] = new byte[4096];
        dump = new FakeDump(frames, null);
        Entry(1, 39, 2UL << 12 | 7);
        Entry(2, 30, 3UL << 12 | 7);
        Entry(3, 21, 4UL << 12 | 7);
    }

    public void Dispose() => dump.Dispose();

    [Fact]
    public void A_present_page_has_its_frame()
    {
        Entry(4, 12, 0x8000_0000_0000_0000 | 0x77UL << 12 | 0x67);
        Assert.Equal(new UserPage(UserPageKind.Present, new PhysicalAddress(0x7_7123), 4096), At(Address + 0x123));
    }

    [Fact]
    public void A_page_without_access_has_its_frame_inverted()
    {
        // Linux keeps the frame of a PROT_NONE entry inverted: bit 8 stands and bit 0 does not.
        Entry(4, 12, (~(0x77UL << 12) & Mask) | 0x100);
        Assert.Equal(new UserPage(UserPageKind.NoAccess, new PhysicalAddress(0x7_7000), 4096), At(Address));
    }

    [Fact]
    public void A_swap_entry_has_its_device_and_its_inverted_offset()
    {
        // __swp_entry(2, 0x1234): the offset inverted in bits 9 to 58, the type in bits 59 to 63.
        Entry(4, 12, ~0x1234UL << 14 >> 5 | 2UL << 59);
        Assert.Equal(new UserPage(UserPageKind.Swapped, default, 4096, 2, 0x1234), At(Address));
    }

    [Fact]
    public void A_migration_entry_is_no_page_and_no_swap()
    {
        Entry(4, 12, ~0x77UL << 14 >> 5 | 29UL << 59);
        Assert.Equal(UserPageKind.Special, At(Address).Kind);
    }

    [Fact]
    public void A_huge_page_covers_two_megabytes_and_keeps_the_offset()
    {
        Entry(3, 21, 0x4000_0000UL | 0xE7);
        Assert.Equal(new UserPage(UserPageKind.Present, new PhysicalAddress(0x4000_0000 | (Address & 0x1F_FFFF)), 2 << 20), At(Address));
    }

    [Fact]
    public void A_hole_is_as_large_as_the_table_that_is_not_there()
    {
        Assert.Equal((UserPageKind.None, 4096UL), (At(Address).Kind, At(Address).Bytes));
        Assert.Equal((UserPageKind.None, 1UL << 39), (At(0x1000).Kind, At(0x1000).Bytes));
    }

    [Fact]
    public void A_table_that_was_left_out_is_missing_and_never_empty()
    {
        dump.Missing[3] = PageState.Excluded;
        Assert.Equal(new UserPage(UserPageKind.Missing, default, 2 << 20, State: MemoryState.Excluded),
            At(Address) with { Bytes = 2 << 20 });
    }

    [Fact]
    public void A_walk_gives_each_entry_once_and_large_holes_in_one_piece()
    {
        Entry(4, 12, 0x77UL << 12 | 7);
        (VirtualAddress At, UserPage Page)[] all = [.. Pages().Walk(new VirtualAddress(Address - 0x1000), new VirtualAddress(1UL << 47))];
        Assert.Equal([UserPageKind.None, UserPageKind.Present, UserPageKind.None], all.Take(3).Select(e => e.Page.Kind));
        // The rest of the table of 512 entries, of 512 tables twice, and of the half of the address space.
        Assert.InRange(all.Length, 4, 4 * 512);
        Assert.Equal(all.Length, all.Select(e => e.At).Distinct().Count());
    }

    [Fact]
    public void Five_levels_have_one_table_more()
    {
        frames[9] = new byte[4096];
        Entry(9, 48, 1UL << 12 | 7);
        Entry(4, 12, 0x77UL << 12 | 7);
        UserPages pages = new X8664UserPages(new PhysicalMemory(dump), new PhysicalAddress(9 << 12), fiveLevels: true, Mask);
        Assert.Equal(UserPageKind.Present, pages.At(new VirtualAddress(Address)).Kind);
    }

    private UserPage At(ulong address) => Pages().At(new VirtualAddress(address));

    private X8664UserPages Pages() => new(new PhysicalMemory(dump), new PhysicalAddress(1 << 12), fiveLevels: false, Mask);

    private void Entry(ulong table, int shift, ulong value) =>
        BinaryPrimitives.WriteUInt64LittleEndian(frames[table].AsSpan((int)(8 * (Address >> shift & 0x1FF))), value);
}
