using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Structs;

namespace Kdump.Tests.Kernel.Structs;

public sealed class SBitmapTests
{
    private readonly KernelBuilder kernel = new();
    private readonly VirtualAddress bitmap;
    private readonly VirtualAddress map;

    public SBitmapTests()
    {
        BtfBuilder t = kernel.Types;
        int u32 = t.Int("int", 4), u64 = t.Int("long", 8), pointer = t.Pointer(0);
        t.Struct("sbitmap_word", 128, ("word", u64, 0), ("cleared", u64, 64));
        t.Struct("sbitmap", 32, ("depth", u32, 0), ("shift", u32, 4), ("map_nr", u32, 8), ("map", pointer, 16));
        map = kernel.Memory.Allocate(3 * 128);
        bitmap = kernel.Memory.Allocate(32);
        kernel.Memory.U32(bitmap, 40).U32(bitmap + 4, 4).U32(bitmap + 8, 3).U64(bitmap + 16, map.Value);
    }

    [Fact]
    public void A_bit_is_set_unless_it_was_cleared_lazily()
    {
        kernel.Memory.U64(map, 0b1011).U64(map + 64, 0b0010).U64(map + 128, 1 << 15).U64(map + 256, 0xFFFF);
        Assert.Equal([0u, 3, 31, 32, 33, 34, 35, 36, 37, 38, 39], Set());
    }

    [Fact]
    public void A_depth_that_no_queue_has_is_refused()
    {
        kernel.Memory.U32(bitmap + 8, 0x7FFF_FFFF);
        Assert.Contains("are no bitmap", Assert.Throws<InputException>(Set).Reason);
    }

    private List<uint> Set()
    {
        using Vmcore vmcore = kernel.Open();
        return SBitmap.Set(vmcore, vmcore.At("sbitmap", bitmap));
    }
}
