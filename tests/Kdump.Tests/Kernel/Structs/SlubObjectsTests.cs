using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Expressions;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Kernel.Structs;

/// <summary>Slabs are found by the struct pages of the frames that the dump has.</summary>
public sealed class SlubObjectsTests
{
    private const int PageBytes = 64, Size = 256, Objects = 8, FreeOffset = 128;
    private const ulong Frames = 0x8000;
    private readonly KernelBuilder kernel = new();
    private readonly VirtualAddress cache, other, pages;
    private readonly List<Damage> damages = [];
    private ulong offset;

    public SlubObjectsTests()
    {
        BtfBuilder t = kernel.Types;
        int u32 = t.Int("int", 4), u64 = t.Int("long", 8), u16 = t.Int("short", 2), pointer = t.Pointer(0);
        int list = t.Struct("list_head", 16, ("next", pointer, 0), ("prev", pointer, 8));
        int cpu = t.Struct("kmem_cache_cpu", 16, ("freelist", pointer, 0), ("slab", pointer, 8));
        t.Struct("kmem_cache", 64, ("cpu_slab", t.Pointer(cpu), 0), ("size", u32, 8), ("offset", u32, 12), ("name", pointer, 16),
            ("list", list, 24), ("flags", u64, 40), ("red_left_pad", u32, 48));
        t.Struct("page", PageBytes, ("flags", u64, 0), ("compound_head", u64, 8), ("page_type", u32, 48));
        t.Struct("slab", PageBytes, ("flags", u64, 0), ("slab_cache", pointer, 8), ("freelist", pointer, 16), ("objects", u16, 24));
        kernel.Info.Append("NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)=-182\n");
        pages = kernel.Memory.Allocate((int)Frames * PageBytes, 4096);
        kernel.Memory.U64(kernel.Data("vmemmap_base", 8), pages.Value);
        VirtualAddress head = kernel.Data("slab_caches", 16);
        cache = Cache("plate");
        other = Cache("cup");
        kernel.Memory.U64(head, (cache + 24).Value).U64(cache + 24, (other + 24).Value).U64(other + 24, head.Value);
    }

    [Fact]
    public void Objects_that_no_list_of_free_ones_holds_are_in_use()
    {
        VirtualAddress memory = Slab(cache, free: [2, 5]);
        Assert.Equal(["+0 used", "+256 used", "+512 free", "+768 used", "+1024 used", "+1280 free", "+1536 used", "+1792 used"],
            All(memory));
        Assert.Empty(damages);
    }

    [Fact]
    public void The_slab_of_another_cache_and_a_page_that_only_looks_like_one_are_left_out()
    {
        Slab(other, free: []);
        Slab(cache, free: [], type: 0xFFFF_FFFF);
        Assert.Empty(All(default));
        Assert.Empty(damages);
    }

    [Fact]
    public void A_slab_whose_free_objects_are_not_known_is_left_out_and_told()
    {
        VirtualAddress memory = Slab(cache, free: [1]);
        kernel.Memory.U64(memory + Size + FreeOffset, 0xDEAD_0000);
        Assert.Empty(All(memory));
        Assert.Contains("breaks off: its 8 objects are left out", Assert.Single(damages).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Frames_whose_struct_pages_are_missing_are_told()
    {
        VirtualAddress memory = Slab(cache, free: []);
        kernel.Memory.Take(new(pages.Value + (0x1800 * PageBytes)), MemoryState.Excluded);
        All(memory);
        Assert.Contains(damages, d => d.ToString().Contains("slabs there are not found", StringComparison.Ordinal));
    }

    [Fact]
    public void A_red_zone_before_the_object_moves_it()
    {
        kernel.Memory.U32(cache + 48, 16);
        VirtualAddress memory = Slab(cache, free: []);
        Assert.Equal("+16 used", All(memory)[0]);
    }

    [Theory]
    [InlineData("count(slab(\"plate\"))", "6")]
    [InlineData("count(slab(\"plate\", struct list_head))", "6")]
    [InlineData("count(slab(\"cup\"))", "0")]
    public void An_expression_gets_those_in_use(string expression, string expected)
    {
        Slab(cache, free: [2, 5]);
        kernel.Memory.U64(kernel.Data("page_offset_base", 8), offset);
        using Vmcore vmcore = kernel.Open();
        Assert.Equal(expected, ((KernelObject)Reading(vmcore).Evaluate(expression)).Load().ToString());
    }

    [Fact]
    public void A_cache_that_is_not_there_is_told_with_its_nearest_name()
    {
        kernel.Memory.U64(kernel.Data("page_offset_base", 8), MemoryBuilder.DirectMap);
        using Vmcore vmcore = kernel.Open();
        ExpressionException wrong = Assert.Throws<ExpressionException>(() => Reading(vmcore).Evaluate("slab(\"plates\")"));
        Assert.Contains("did you mean 'plate'", wrong.Message, StringComparison.Ordinal);
    }

    private static Interpreter Reading(Vmcore vmcore) => new(vmcore, () => throw new InvalidOperationException(), () => null);

    private string[] All(VirtualAddress memory)
    {
        kernel.Memory.U64(kernel.Data("page_offset_base", 8), offset);
        using Vmcore vmcore = kernel.Open();
        StructReader reader = new(vmcore.Memory, vmcore.Struct("kmem_cache"), cache);
        return [.. SlubObjects.Of(vmcore, reader, damages).Select(o => $"+{o.At.Value - memory.Value} {(o.Free ? "free" : "used")}")];
    }

    private VirtualAddress Cache(string name)
    {
        VirtualAddress at = kernel.Memory.Allocate(64);
        kernel.Memory.U32(at + 8, Size).U32(at + 12, FreeOffset)
            .U64(at + 16, kernel.Memory.Add(System.Text.Encoding.UTF8.GetBytes(name + "\0")).Value);
        return at;
    }

    /// <summary>A slab in a frame of the image; page_offset_base is where its memory is found.</summary>
    private VirtualAddress Slab(VirtualAddress of, int[] free, uint type = 0xFFFF_FF4A)
    {
        VirtualAddress frame = kernel.Data($"frame{of}{type}", 4096, 4096), memory = kernel.Memory.Allocate(4096, 4096);
        ulong pfn = (frame.Value - 0xFFFF_FFFF_8000_0000) >> 12;
        offset = memory.Value - (pfn << 12);
        VirtualAddress page = pages + (long)(pfn * PageBytes);
        kernel.Memory.U64(page + 8, of.Value).U32(page + 48, type).U16(page + 24, Objects);
        VirtualAddress link = page + 16;
        foreach (int object_ in free)
        {
            kernel.Memory.U64(link, (memory + (object_ * Size)).Value);
            link = memory + (object_ * Size) + FreeOffset;
        }
        return memory;
    }
}
