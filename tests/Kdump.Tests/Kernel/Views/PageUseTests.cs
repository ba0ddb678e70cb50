using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Views;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Kernel.Views;

public sealed class PageUseTests
{
    [Fact]
    public void Image_and_page_tables_are_told_and_the_rest_is_unknown()
    {
        KernelBuilder kernel = new();
        VirtualAddress function = kernel.Function("kitchen_enter", 64);
        kernel.Memory.Write(new VirtualAddress(MemoryBuilder.ImageStart), new byte[16]);
        kernel.Symbols.Add("_etext", MemoryBuilder.ImageStart + 0x10_0000);
        VirtualAddress data = kernel.Data("stove", 8);
        using Vmcore vmcore = kernel.Open();
        PageUse use = new(vmcore, vmcore.Tasks.Value);
        Assert.Equal("kernel text", use.Of(PageOf(vmcore, function)));
        Assert.Equal("kernel data", use.Of(PageOf(vmcore, data)));
        Assert.Equal("page table", use.Of(PageOf(vmcore, kernel.Root)));
        Assert.Equal(PageUse.Unknown, use.Of(new Pfn(1 << 24)));
    }

    [Theory]
    [InlineData(0xFFFFFF7F, 0, "free memory")]
    [InlineData(0xFFFFFFFF, 1UL << 9, "kernel memory (slab)")]
    [InlineData(0, 1UL << 4, "page cache")]
    [InlineData(0, 0, PageUse.Unknown)]
    public void Struct_page_tells_by_the_numbers_of_VMCOREINFO(uint mapcount, ulong flags, string expected)
    {
        KernelBuilder kernel = new();
        kernel.Info.Append(
            "SIZE(page)=64\nOFFSET(page.flags)=0\nOFFSET(page.compound_head)=8\nOFFSET(page.mapping)=24\nOFFSET(page._mapcount)=48\n")
            .Append("NUMBER(PG_lru)=4\nNUMBER(PG_slab)=9\nNUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-129\n");
        VirtualAddress pages = kernel.Data("pages", 4096, 4096);
        kernel.Memory.U64(kernel.Data("vmemmap_base", 8), pages.Value).U64(pages + 64 * 5, flags).U32(pages + 64 * 5 + 48, mapcount);
        using Vmcore vmcore = kernel.Open();
        Assert.Equal(expected, new PageUse(vmcore, vmcore.Tasks.Value).Of(new Pfn(5)));
    }

    private static Pfn PageOf(Vmcore vmcore, VirtualAddress address)
    {
        Assert.Equal(MemoryState.Present, vmcore.Memory.Translate(address, out PhysicalAddress at));
        return new Pfn(at.Value >> 12);
    }
}
