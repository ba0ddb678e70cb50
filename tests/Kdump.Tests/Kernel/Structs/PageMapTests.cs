using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Structs;

namespace Kdump.Tests.Kernel.Structs;

/// <summary>Head pages: by the address in a tail's word, or since Linux 7.1 by a mask of the tail's own address.</summary>
public sealed class PageMapTests
{
    private const ulong Vmemmap = 0xFFFF_EA00_0000_0000, Direct = 0xFFFF_8880_0000_0000;
    private const int PageBytes = 64;
    private readonly KernelBuilder kernel = new();

    [Theory]
    [InlineData("compound_head", false, Vmemmap + 8 * PageBytes + 1)]
    [InlineData("compound_info", false, Vmemmap + 8 * PageBytes + 1)]
    [InlineData("compound_info", true, unchecked((ulong)-4 * PageBytes) + 1)]
    public void A_tail_leads_to_its_head(string member, bool masks, ulong word)
    {
        using Vmcore vmcore = Open(member, masks, word);
        PageMap map = new(vmcore);
        Assert.Equal(map.Of(new Pfn(8)).Address, map.Head(map.Of(new Pfn(10))).Address);
        Assert.Equal(map.Of(new Pfn(8)).Address, map.Head(map.Of(new Pfn(8))).Address);
    }

    [Fact]
    public void A_word_that_leads_nowhere_leaves_the_page_itself()
    {
        using Vmcore vmcore = Open("compound_head", masks: false, 0xDEAD_BEEF_0001);
        PageMap map = new(vmcore);
        Assert.Equal(map.Of(new Pfn(10)).Address, map.Head(map.Of(new Pfn(10))).Address);
    }

    private Vmcore Open(string member, bool masks, ulong word)
    {
        BtfBuilder t = kernel.Types;
        int u64 = t.Int("long", 8);
        t.Struct("page", PageBytes, ("flags", u64, 0), (member, u64, 8));
        t.Struct("zone", 64, masks ? [("vmemmap_tails", u64, 0)] : [("name", u64, 0)]);
        kernel.Memory.U64(kernel.Data("vmemmap_base", 8), Vmemmap).U64(kernel.Data("page_offset_base", 8), Direct);
        kernel.Memory.Write(new VirtualAddress(Vmemmap), new byte[4096]);
        kernel.Memory.U64(new VirtualAddress(Vmemmap + 10 * PageBytes + 8), word);
        return kernel.Open();
    }
}
