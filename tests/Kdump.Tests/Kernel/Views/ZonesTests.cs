using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Types;
using Kdump.Kernel.Views;

namespace Kdump.Tests.Kernel.Views;

public sealed class ZonesTests
{
    private const int ZoneBytes = 128, NodeBytes = 512;
    private readonly KernelBuilder kernel = new();
    private readonly VirtualAddress node;

    public ZonesTests()
    {
        BtfBuilder t = kernel.Types;
        int u32 = t.Int("int", 4), u64 = t.Int("long", 8), pointer = t.Pointer(0);
        int area = t.Struct("free_area", 8, ("nr_free", u64, 0));
        int zone = t.Struct("zone", ZoneBytes, ("name", pointer, 0), ("_watermark", t.Array(u64, 3), 8), ("watermark_boost", u64, 32),
            ("managed_pages", u64, 40), ("present_pages", u64, 48), ("spanned_pages", u64, 56), ("vm_stat", t.Array(u64, 3), 64),
            ("free_area", t.Array(area, 3), 88));
        t.Struct("pglist_data", NodeBytes, ("node_zones", t.Array(zone, 3), 0), ("nr_zones", u32, 400), ("node_id", u32, 404));
        t.Type("zone_stat_item", BtfKind.Enum, 2, 4, [t.Text("NR_OTHER"), 0, t.Text("NR_FREE_PAGES"), 1]);
        node = kernel.Data("contig_page_data", NodeBytes);
        kernel.Memory.U32(node + 400, 3);
    }

    [Fact]
    public void A_zone_has_its_marks_with_the_boost_and_its_free_blocks_by_order()
    {
        Fill(0, "DMA", present: 4000, free: 100);
        Zone zone = Open().All.Single();
        Assert.Equal(("DMA", 17L, 27L, 37L, 100L, 4000L), (zone.Name, zone.Min, zone.Low, zone.High, zone.Free, zone.Present));
        Assert.Equal([1L, 2, 3], zone.FreeByOrder);
    }

    [Fact]
    public void Zones_without_memory_are_left_out()
    {
        Fill(1, "Normal", present: 10, free: 1);
        Assert.Equal(["Normal"], Open().All.Select(z => z.Name));
    }

    [Fact]
    public void A_lying_number_of_zones_ends_at_the_most_that_there_can_be()
    {
        kernel.Memory.U32(node + 400, 0x7FFF_FFFF);
        Assert.True(Open().All.Count <= 8);
    }

    [Fact]
    public void A_node_that_was_left_out_is_damage()
    {
        kernel.Memory.Take(node, MemoryState.Excluded);
        Assert.Contains(Open().Damages, d => d.Reason.Contains("excluded", StringComparison.Ordinal));
    }

    private Zones Open() => new(kernel.Open());

    private void Fill(int index, string name, ulong present, ulong free)
    {
        VirtualAddress at = node + index * ZoneBytes;
        kernel.Memory.U64(at, kernel.Memory.Add(System.Text.Encoding.UTF8.GetBytes(name + "\0")).Value).U64(at + 8, 10).U64(at + 16, 20)
            .U64(at + 24, 30).U64(at + 32, 7).U64(at + 40, present - 5).U64(at + 48, present).U64(at + 56, present).U64(at + 72, free)
            .U64(at + 88, 1).U64(at + 96, 2).U64(at + 104, 3);
    }
}
