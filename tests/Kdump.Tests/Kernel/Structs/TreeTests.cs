using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;

namespace Kdump.Tests.Kernel.Structs;

public sealed class TreeTests
{
    private readonly KernelBuilder kernel = new();
    private readonly List<Damage> damages = [];
    private readonly VirtualAddress tree;

    public TreeTests()
    {
        int pointer = kernel.Types.Pointer(0), u8 = kernel.Types.Int("unsigned char", 1), u64 = kernel.Types.Int("unsigned long", 8);
        kernel.Types.Struct("maple_tree", 16, ("ma_root", pointer, 8));
        int range = kernel.Types.Struct("maple_range_64", 256, ("parent", pointer, 0), ("pivot", kernel.Types.Array(u64, 15), 8),
            ("slot", kernel.Types.Array(pointer, 16), 128));
        int allocated = kernel.Types.Struct("maple_arange_64", 248, ("parent", pointer, 0), ("pivot", kernel.Types.Array(u64, 9), 8),
            ("slot", kernel.Types.Array(pointer, 10), 80));
        kernel.Types.Union("maple_node", 256, ("mr64", range, 0), ("ma64", allocated, 0));
        kernel.Types.Struct("xarray", 16, ("xa_head", pointer, 8));
        kernel.Types.Struct("xa_node", 40 + 512, ("shift", u8, 0), ("slots", kernel.Types.Array(pointer, 64), 40));
        tree = kernel.Data("tree", 16);
    }

    [Fact]
    public void A_maple_tree_gives_its_entries_with_their_indices()
    {
        VirtualAddress leaf1 = Node(), leaf2 = Node(), root = Node();
        Leaf(leaf1, (0, 0x1000), (1, 0x1100), (9, 0));
        Leaf(leaf2, (10, 0x2000), (20, 0), (21, 0x2100));
        kernel.Memory.U64(root + 8, 9).U64(root + 80, leaf1.Value | 1 << 3).U64(root + 88, leaf2.Value | 1 << 3);
        Root(root.Value | 3 << 3 | 2);
        Assert.Equal([(0UL, 0x1000UL), (1, 0x1100), (10, 0x2000), (21, 0x2100)], Walk(MapleTree.Walk));
        Assert.Empty(damages);
    }

    [Fact]
    public void A_full_leaf_has_its_last_entry_up_to_the_nodes_own_end()
    {
        VirtualAddress leaf = Node();
        Leaf(leaf, [.. Enumerable.Range(0, 15).Select(i => ((ulong)i, (ulong)(0x1000 + 16 * i)))]);
        kernel.Memory.U64(leaf + 128 + 15 * 8, 0x9990);
        Root(leaf.Value | 1 << 3 | 2);
        Assert.Equal((15UL, 0x9990UL), Walk(MapleTree.Walk)[^1]);
    }

    [Fact]
    public void A_maple_node_that_holds_itself_ends_with_damage()
    {
        VirtualAddress root = Node();
        for (int i = 0; i < 10; i++)
            kernel.Memory.U64(root + 8 + 8 * i, (ulong)i).U64(root + 80 + 8 * i, root.Value | 3 << 3);
        Root(root.Value | 3 << 3 | 2);
        Walk(MapleTree.Walk);
        Assert.Contains("no tree", damages[^1].Reason);
    }

    [Fact]
    public void An_XArray_gives_its_entries_with_their_indices()
    {
        VirtualAddress low = kernel.Memory.Allocate(552), high = kernel.Memory.Allocate(552), root = kernel.Memory.Allocate(552);
        kernel.Memory.Write(root, [6]).U64(root + 40, low.Value | 2).U64(root + 40 + 8 * 3, high.Value | 2);
        kernel.Memory.U64(low + 40 + 8 * 5, 0x5000).U64(high + 40, 0x6000);
        Root(root.Value | 2);
        Assert.Equal([(5UL, 0x5000UL), (192, 0x6000)], Walk(XArray.Walk));
        Assert.Empty(damages);
    }

    [Fact]
    public void An_XArray_node_that_holds_itself_is_damage_once()
    {
        VirtualAddress root = kernel.Memory.Allocate(552);
        kernel.Memory.Write(root, [6]).U64(root + 40, root.Value | 2).U64(root + 48, 0x7000);
        Root(root.Value | 2);
        Assert.Equal([(64UL, 0x7000UL)], Walk(XArray.Walk));
        Assert.Contains("no node of this tree", Assert.Single(damages).Reason);
    }

    [Fact]
    public void A_node_that_was_left_out_costs_its_entries_only()
    {
        VirtualAddress low = kernel.Memory.Allocate(4096, 4096), root = kernel.Memory.Allocate(552, 4096);
        kernel.Memory.Write(root, [6]).U64(root + 40, low.Value | 2).U64(root + 48, 0x7000).Take(low, MemoryState.Excluded);
        Root(root.Value | 2);
        Assert.Equal([(64UL, 0x7000UL)], Walk(XArray.Walk));
        Assert.Contains("missing from the dump", Assert.Single(damages).Reason);
    }

    private VirtualAddress Node() => kernel.Memory.Allocate(256, 256);

    private void Leaf(VirtualAddress at, params (ulong Last, ulong Entry)[] slots)
    {
        for (int i = 0; i < slots.Length; i++)
            kernel.Memory.U64(at + 8 + 8 * i, slots[i].Last).U64(at + 128 + 8 * i, slots[i].Entry);
    }

    private void Root(ulong entry) => kernel.Memory.U64(tree + 8, entry);

    private List<(ulong, ulong)> Walk(Func<Vmcore, VirtualAddress, List<Damage>, IEnumerable<(ulong Index, VirtualAddress Entry)>> walk)
    {
        using Vmcore vmcore = kernel.Open();
        return [.. walk(vmcore, tree, damages).Select(e => (e.Index, e.Entry.Value))];
    }
}
