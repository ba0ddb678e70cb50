using Kdump.Formats.Bytes;
using Kdump.Kernel.Arch.Arm64;
using Kdump.Kernel.Memory;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Kernel.Arch.Arm64;

/// <summary>Entries without the valid bit, as arch/arm64/include/asm/pgtable.h encodes them before v5.19, before v6.11 and since.</summary>
public sealed class Arm64UserPagesTests
{
    private const ulong Address = 0x5555_1234_5000;

    public static TheoryData<Arm64UserPages.SwapForm, int> Forms => new()
    {
        { new(58, 2, 6, 8), 12 }, { new(58, 3, 5, 8), 12 }, { new(11, 6, 5, 12), 12 }, { new(58, 3, 5, 8), 14 }, { new(11, 6, 5, 12), 16 },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_swap_entry_has_its_device_and_its_offset(Arm64UserPages.SwapForm form, int shift)
    {
        UserPage page = At(form, shift, 5UL << form.TypeShift | 0x12_3456UL << form.OffsetShift);
        Assert.Equal((UserPageKind.Swapped, 5, 0x12_3456UL), (page.Kind, page.SwapType, page.SwapOffset));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_migration_entry_is_no_page_and_no_swap(Arm64UserPages.SwapForm form, int shift) =>
        Assert.Equal(UserPageKind.Special, At(form, shift, 29UL << form.TypeShift | 0x77UL << form.OffsetShift).Kind);

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_page_without_access_keeps_its_frame(Arm64UserPages.SwapForm form, int shift)
    {
        UserPage page = At(form, shift, 0x77_0000UL | 1UL << form.NoAccessBit);
        Assert.Equal((UserPageKind.NoAccess, 0x77_0000UL, 1UL << shift), (page.Kind, page.Physical.Value, page.Bytes));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_present_page_has_its_frame_and_a_hole_is_as_large_as_its_table(Arm64UserPages.SwapForm form, int shift)
    {
        Assert.Equal(new UserPage(UserPageKind.Present, new PhysicalAddress(0x77_0000), 1UL << shift), At(form, shift, 0x77_0000 | 0xF43));
        Assert.Equal((UserPageKind.None, 1UL << shift), At(form, shift, 0) is var hole ? (hole.Kind, hole.Bytes) : default);
    }

    private static UserPage At(Arm64UserPages.SwapForm form, int shift, ulong entry)
    {
        Arm64TablesBuilder tables = new(shift, 48);
        ulong page = Address & ~0UL << shift;
        tables.Map(page, 0x77_0000);
        tables.Write(tables.Tables[^1] + (page >> shift & ((1UL << (shift - 3)) - 1)) * 8, entry);
        return new Arm64UserPages(new PhysicalMemory(new FakeDump(tables.Frames, null)), new PhysicalAddress(tables.Root),
            new TableFormat(shift, 48), form).At(new VirtualAddress(page));
    }
}
