using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Views;

namespace Kdump.Tests.Kernel.Views;

public sealed class SlabsTests
{
    private const int CacheBytes = 64, NodeBytes = 64, SlabBytes = 64;
    private readonly KernelBuilder kernel = new();
    private readonly VirtualAddress head;
    private VirtualAddress last;

    public SlabsTests()
    {
        BtfBuilder t = kernel.Types;
        int u32 = t.Int("int", 4), u64 = t.Int("long", 8), u16 = t.Int("short", 2), pointer = t.Pointer(0);
        int list = t.Struct("list_head", 16, ("next", pointer, 0), ("prev", pointer, 8));
        int atomic = t.Struct("atomic64", 8, ("counter", u64, 0));
        int node = t.Struct("kmem_cache_node", NodeBytes, ("nr_partial", u64, 0), ("partial", list, 8), ("nr_slabs", atomic, 24),
            ("total_objects", atomic, 32));
        t.Struct("kmem_cache", CacheBytes, ("size", u32, 0), ("object_size", u32, 4),
            ("oo", t.Struct("kmem_cache_order_objects", 4, ("x", u32, 0)), 8),
            ("name", pointer, 16), ("list", list, 24), ("node", t.Array(t.Pointer(node), 4), 40));
        t.Struct("slab", SlabBytes, ("slab_cache", pointer, 0), ("slab_list", list, 8), ("inuse", u16, 24), ("objects", u16, 26));
        head = kernel.Data("slab_caches", 16);
        kernel.Memory.U64(head, head.Value);
        last = head;
    }

    [Fact]
    public void Objects_in_use_are_all_less_what_is_free_in_partial_slabs()
    {
        VirtualAddress node = Cache("dentry", 192, 21, order: 0, slabs: 10, objects: 210);
        Partial(node, (20, 21), (1, 21));
        SlabCache cache = Open().All.Single();
        Assert.Equal(("dentry", 210 - 21L, 210L, 10L, 10L * 4096), (cache.Name, cache.Active, cache.Objects, cache.Slabs, cache.Bytes));
        Assert.Null(cache.Unread);
    }

    [Fact]
    public void A_list_of_partial_slabs_that_breaks_off_is_told_with_the_cache()
    {
        VirtualAddress node = Cache("broken", 64, 64, order: 0, slabs: 2, objects: 128);
        kernel.Memory.U64(node + 8, 0xFFFF_8880_DEAD_0000);
        Cache("whole", 64, 64, order: 1, slabs: 2, objects: 128);
        Slabs slabs = Open();
        Assert.Equal(["the list of partial slabs breaks off", null], slabs.All.Select(c => c.Unread));
        Assert.NotEmpty(slabs.Damages);
        Assert.Equal(2, slabs.All[1].PagesPerSlab);
    }

    [Fact]
    public void A_cache_in_a_page_that_was_left_out_costs_the_list_from_there_on_and_says_so()
    {
        Cache("first", 64, 64, order: 0, slabs: 1, objects: 64);
        VirtualAddress lost = kernel.Memory.Allocate(4096, 4096);
        kernel.Memory.U64(last + 0, (lost + 24).Value);
        kernel.Memory.Take(lost, MemoryState.Excluded);
        Slabs slabs = Open();
        Assert.Single(slabs.All);
        Assert.Contains(slabs.Damages, d => d.ToString().Contains("excluded", StringComparison.Ordinal));
    }

    private Slabs Open() => new(kernel.Open());

    private VirtualAddress Cache(string name, uint size, uint perSlab, int order, ulong slabs, ulong objects)
    {
        VirtualAddress at = kernel.Memory.Allocate(CacheBytes), node = kernel.Memory.Allocate(NodeBytes);
        kernel.Memory.U32(at, size).U32(at + 4, size).U32(at + 8, (uint)order << 16 | perSlab)
            .U64(at + 16, kernel.Memory.Add(System.Text.Encoding.UTF8.GetBytes(name + "\0")).Value).U64(at + 40, node.Value)
            .U64(at + 24, head.Value).U64(last, (at + 24).Value);
        last = at + 24;
        kernel.Memory.U64(node + 8, (node + 8).Value).U64(node + 24, slabs).U64(node + 32, objects);
        return node;
    }

    private void Partial(VirtualAddress node, params (ushort InUse, ushort Objects)[] slabs)
    {
        VirtualAddress before = node + 8;
        foreach ((ushort inUse, ushort objects) in slabs)
        {
            VirtualAddress at = kernel.Memory.Allocate(SlabBytes);
            kernel.Memory.U16(at + 24, inUse).U16(at + 26, objects).U64(before, (at + 8).Value).U64(at + 8, (node + 8).Value);
            before = at + 8;
        }
    }
}
