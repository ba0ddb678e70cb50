using System.Text;
using Kdump.Formats.Elf;

namespace Kdump.Tests.Formats.Elf;

public sealed class VmcoreInfoTests
{
    private static VmcoreInfo Parse(string text) => VmcoreInfo.Parse(Encoding.Latin1.GetBytes(text));

    [Fact]
    public void The_lines_of_a_real_note_are_read_by_kind()
    {
        VmcoreInfo info = Parse("""
            OSRELEASE=6.1.0-50-amd64
            BUILD-ID=8f5e5b1f
            PAGESIZE=4096
            SYMBOL(init_uts_ns)=ffffffff9c9fb100
            OFFSET(list_head.next)=0
            SIZE(page)=64
            LENGTH(zone.free_area)=11
            NUMBER(phys_base)=-130023424
            NUMBER(VMALLOC_START)=0xff74b7e900000000
            NUMBER(sme_mask)=0
            KERNELOFFSET=19e00000
            CRASHTIME=1795228161
            """);
        Assert.Equal(("6.1.0-50-amd64", "8f5e5b1f", 4096), (info.OsRelease, info.BuildId, info.PageSize));
        Assert.Equal((0xffffffff9c9fb100UL, 0L, 64L, 11L),
            (info.Symbol("init_uts_ns"), info.Offset("list_head.next"), info.Size("page"), info.Length("zone.free_area")));
        Assert.Equal((-130023424L, unchecked((long)0xff74b7e900000000UL), 0L),
            (info.Number("phys_base"), info.Number("VMALLOC_START"), info.Number("sme_mask")));
        Assert.Equal((0x19e00000UL, 1795228161L), (info.KernelOffset, info.CrashTime));
    }

    [Fact]
    public void What_is_missing_is_null()
    {
        VmcoreInfo info = Parse("");
        Assert.Null(info.OsRelease);
        Assert.Null(info.PageSize);
        Assert.Null(info.KernelOffset);
        Assert.Null(info.CrashTime);
        Assert.Null(info.Symbol("prb"));
        Assert.Null(info.Number("phys_base"));
    }

    [Fact]
    public void What_is_no_number_is_null()
    {
        VmcoreInfo info =
            Parse("SYMBOL(a)=xyz\nSYMBOL(b)=123456789012345678\nOFFSET(c)=\nNUMBER(d)=99999999999999999999999\nNUMBER(e)=0x\n" +
                "PAGESIZE=0\nSIZE(f)=1 2\nKERNELOFFSET=-1\n");
        Assert.Equal([null, null, null, null, null],
            [info.Symbol("a"), info.Symbol("b"), info.Symbol("missing"), info.KernelOffset, (ulong?)info.PageSize]);
        Assert.Equal([null, null, null, null], [info.Offset("c"), info.Number("d"), info.Number("e"), info.Size("f")]);
    }

    [Fact]
    public void A_last_line_without_an_end_a_NUL_and_lines_without_a_key_do_no_harm()
    {
        VmcoreInfo info = Parse("garbage\n=novalue\nOSRELEASE=6.1\r\nPAGESIZE=4096\0SYMBOL(prb)=ff");
        Assert.Equal(("6.1", 4096), (info.OsRelease, info.PageSize));
        Assert.Null(info.Symbol("prb"));
    }

    [Fact]
    public void The_first_of_two_lines_with_one_key_counts() => Assert.Equal("1", Parse("OSRELEASE=1\nOSRELEASE=2\n").OsRelease);

    [Fact]
    public void Megabytes_of_text_are_cut() =>
        Assert.InRange(Parse(string.Concat(Enumerable.Range(0, 500_000).Select(i => $"K{i}=1\n"))).Values.Count, 1, 20_000);
}
