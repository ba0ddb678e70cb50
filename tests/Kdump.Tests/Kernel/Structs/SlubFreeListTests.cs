using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Structs;

namespace Kdump.Tests.Kernel.Structs;

public sealed class SlubFreeListTests
{
    private const uint Size = 64, Offset = 32;
    private const ulong Secret = 0x1234_5678_9ABC_DEF0;
    private readonly KernelBuilder kernel = new();
    private readonly VirtualAddress slab;
    private readonly VirtualAddress cache;

    public SlubFreeListTests()
    {
        BtfBuilder t = kernel.Types;
        int u32 = t.Int("int", 4), u64 = t.Int("long", 8);
        t.Struct("kmem_cache", 24, ("size", u32, 0), ("offset", u32, 4), ("random", u64, 8));
        t.Struct("plain_cache", 24, ("size", u32, 0), ("offset", u32, 4));
        cache = kernel.Memory.Allocate(24);
        kernel.Memory.U32(cache, Size).U32(cache + 4, Offset).U64(cache + 8, Secret);
        slab = kernel.Memory.Allocate(4096, 4096);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Hardened_pointers_are_decoded_with_and_without_swapped_bytes(bool swapped)
    {
        Link(3, 7, swapped);
        Link(7, 1, swapped);
        Link(1, null, swapped);
        Assert.Equal("3, 7, 1 true", Words(Walk("kmem_cache", 3)));
    }

    [Fact]
    public void Plain_pointers_are_followed_as_they_are()
    {
        kernel.Memory.U64(Object(2) + Offset, Object(5).Value).U64(Object(5) + Offset, 0);
        Assert.Equal("2, 5 true", Words(Walk("plain_cache", 2)));
    }

    [Fact]
    public void A_list_that_leads_out_of_the_slab_is_not_whole()
    {
        kernel.Memory.U64(Object(2) + Offset, slab.Value + 0x10_0000);
        Assert.Equal("2 false", Words(Walk("plain_cache", 2)));
    }

    [Fact]
    public void A_circle_ends_after_as_many_objects_as_there_are()
    {
        kernel.Memory.U64(Object(2) + Offset, Object(5).Value).U64(Object(5) + Offset, Object(2).Value);
        (int[] free, bool whole) = Walk("plain_cache", 2);
        Assert.Equal((64, false), (free.Length, whole));
    }

    private VirtualAddress Object(int index) => slab + index * Size;

    private void Link(int from, int? to, bool swapped)
    {
        VirtualAddress at = Object(from) + Offset;
        ulong own = swapped ? BinaryPrimitives.ReverseEndianness(at.Value) : at.Value;
        kernel.Memory.U64(at, (to is int next ? Object(next).Value : 0) ^ Secret ^ own);
    }

    private (int[] Free, bool Whole) Walk(string type, int first)
    {
        using Vmcore vmcore = kernel.Open();
        (List<VirtualAddress> free, bool whole) = SlubFreeList.Walk(vmcore.At(type, cache), Object(first), slab, slab + 4096);
        return ([.. free.Select(f => (int)((f.Value - slab.Value) / Size))], whole);
    }

    private static string Words((int[] Free, bool Whole) list) => $"{string.Join(", ", list.Free)} {(list.Whole ? "true" : "false")}";
}
