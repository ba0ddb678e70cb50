using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Structs;

namespace Kdump.Tests.Kernel.Structs;

public sealed class PageCacheTests
{
    private const ulong Vmemmap = 0xFFFF_EA00_0000_0000, Direct = 0xFFFF_8880_0000_0000;
    private const int PageBytes = 64, IndexAt = 32, ShiftAt = 0, SlotsAt = 8;
    private readonly KernelBuilder kernel = new();
    private readonly VirtualAddress mapping;

    public PageCacheTests()
    {
        BtfBuilder t = kernel.Types;
        int u8 = t.Int("char", 1), u64 = t.Int("long", 8), pointer = t.Pointer(0);
        t.Struct("page", PageBytes, ("flags", u64, 0), ("index", u64, IndexAt));
        int array = t.Struct("xarray", 16, ("xa_head", pointer, 8));
        t.Struct("xa_node", SlotsAt + 64 * 8, ("shift", u8, ShiftAt), ("slots", t.Array(pointer, 64), SlotsAt));
        t.Struct("address_space", 32, ("i_pages", array, 8));
        kernel.Memory.U64(kernel.Data("vmemmap_base", 8), Vmemmap).U64(kernel.Data("page_offset_base", 8), Direct);
        mapping = kernel.Memory.Allocate(32);
    }

    [Fact]
    public void A_page_is_found_by_its_index_through_two_levels()
    {
        VirtualAddress root = Node(6), leaf = Node(0);
        Head(root.Value | 2);
        Slot(root, 2, leaf.Value | 2);
        Slot(leaf, 5, Page(0x123, 2 * 64 + 5));
        Assert.Equal(new Pfn(0x123), Find(2 * 64 + 5));
        Assert.Null(Find(2 * 64 + 6));
        Assert.Null(Find(64 * 64));
    }

    [Fact]
    public void A_page_inside_a_folio_is_found_through_its_sibling()
    {
        VirtualAddress leaf = Node(0);
        Head(leaf.Value | 2);
        Slot(leaf, 4, Page(0x200, 4));
        for (ulong i = 5; i < 8; i++)
            Slot(leaf, (int)i, 4 << 2 | 2);
        Assert.Equal(new Pfn(0x203), Find(7));
    }

    [Fact]
    public void The_only_page_of_a_small_file_stands_in_the_head_itself()
    {
        Head(Page(0x300, 0));
        Assert.Equal((new Pfn(0x300), null), (Find(0), Find(1)));
    }

    [Fact]
    public void A_page_that_was_swapped_or_reclaimed_is_not_in_memory()
    {
        VirtualAddress leaf = Node(0);
        Head(leaf.Value | 2);
        Slot(leaf, 1, 0x1235);
        Assert.Null(Find(1));
    }

    [Fact]
    public void A_node_that_names_itself_ends()
    {
        VirtualAddress node = Node(6);
        Head(node.Value | 2);
        Slot(node, 0, node.Value | 2);
        Assert.Null(Find(0));
    }

    private VirtualAddress Node(byte shift)
    {
        VirtualAddress at = kernel.Memory.Allocate(SlotsAt + 64 * 8);
        kernel.Memory.Write(at + ShiftAt, [shift]);
        return at;
    }

    private void Head(ulong entry) => kernel.Memory.U64(mapping + 16, entry);

    private void Slot(VirtualAddress node, int slot, ulong entry) => kernel.Memory.U64(node + SlotsAt + 8 * slot, entry);

    private ulong Page(ulong pfn, ulong index)
    {
        VirtualAddress at = new(Vmemmap + pfn * PageBytes);
        kernel.Memory.Write(at, new byte[PageBytes]).U64(at + IndexAt, index);
        return at.Value;
    }

    private Pfn? Find(ulong index)
    {
        using Vmcore vmcore = kernel.Open();
        return new PageCache(vmcore, new PageMap(vmcore), vmcore.At("address_space", mapping)).Find(index);
    }
}
