using Kdump.Formats.Bytes;
using Kdump.Kernel.Types;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Kernel.Types;

public sealed class BtfTests
{
    private readonly BtfBuilder types = new();

    [Fact]
    public void A_member_is_found_through_anonymous_structs_and_unions()
    {
        int u32 = types.Int("unsigned int", 4);
        int inner = types.Struct("", 8, ("a", u32, 0), ("b", u32, 4));
        int union = types.Union("", 8, ("", inner, 0), ("whole", types.Int("long", 8), 0));
        types.Struct("outer", 16, ("head", u32, 0), ("", union, 8));
        StructType outer = Parse().Struct("outer")!;
        Assert.Equal(12, outer.Offset("b"));
        Assert.Equal(8, outer.Offset("whole"));
        Assert.False(outer.Has("c"));
        Assert.Contains("outer.c", Assert.Throws<InputException>(() => outer["c"]).Message);
    }

    [Fact]
    public void A_path_leads_through_structs_by_name_and_through_typedefs()
    {
        int u32 = types.Int("unsigned int", 4);
        int atomic = types.Typedef("atomic_t", types.Struct("", 4, ("counter", u32, 0)));
        types.Struct("device", 12, ("x", u32, 0), ("count", atomic, 8));
        Assert.Equal(8, Parse().Struct("device")!.Offset("count.counter"));
        Assert.Null(Parse().Struct("device")!.Find("x.counter"));
    }

    [Fact]
    public void Bitfields_and_narrow_members_are_read_as_what_they_are()
    {
        int u32 = types.Int("unsigned int", 4), u16 = types.Int("short", 2);
        types.Bitfields("flags", 8, ("low", u32, 0, 3), ("high", u32, 3, 30), ("whole", u16, 48, 0));
        MemoryBuilder memory = new();
        VirtualAddress at = memory.Add([0b1111_1101, 0xFF, 0xFF, 0xFF, 0x01, 0, 0x34, 0x12]);
        StructReader reader = new(memory, Parse().Struct("flags")!, at);
        Assert.Equal((5UL, 0x3FFF_FFFFUL, 0x1234UL), (reader.U64("low"), reader.U64("high"), reader.U64("whole")));
    }

    [Fact]
    public void A_struct_inside_itself_is_refused_and_not_followed_for_ever()
    {
        types.Struct("", 8, ("", 1, 0));
        types.Struct("snake", 8, ("", 1, 0));
        Assert.Contains("anonymous members", Assert.Throws<InputException>(() => Parse().Struct("snake")!.Has("x")).Message);
    }

    [Fact]
    public void A_typedef_of_itself_and_an_array_of_itself_are_refused()
    {
        types.Typedef("loop", 1);
        types.Array(2, uint.MaxValue);
        Btf btf = Parse();
        Assert.Contains("typedefs in a row", Assert.Throws<InputException>(() => btf.SizeOf(1)).Message);
        Assert.Throws<InputException>(() => btf.SizeOf(2));
        Assert.Throws<InputException>(() => btf.Struct("loop"));
    }

    [Fact]
    public void An_id_that_does_not_exist_is_named()
    {
        types.Struct("s", 8, ("m", 4711, 0));
        Assert.Contains("type 4711 does not exist", Assert.Throws<InputException>(() => Parse().Struct("s")!.SizeOf("m")).Message);
    }

    [Fact]
    public void A_huge_array_has_a_size_that_fits_in_an_int()
    {
        types.Struct("s", 8, ("m", types.Array(types.Int("long", 8), uint.MaxValue), 0));
        Assert.Equal(int.MaxValue, Parse().SizeOf(2));
    }

    [Fact]
    public void A_name_past_the_strings_is_refused()
    {
        byte[] raw = new byte[24 + 12 + 4];
        raw[0] = 0x9F;
        raw[1] = 0xEB;
        raw[2] = 1;
        raw[4] = 24;
        raw[12] = raw[16] = 12;
        raw[20] = 4;
        raw[24] = 200;
        raw[24 + 7] = (byte)BtfKind.Struct;
        Btf btf = Btf.Parse(raw, "btf");
        Assert.Contains("200 lies past the strings", Assert.Throws<InputException>(() => btf.Name(1)).Message);
    }

    [Theory]
    [InlineData(0, 0x9E, "btf_header.magic")]
    [InlineData(2, 2, "btf_header.version")]
    [InlineData(5, 0xFF, "btf_header.hdr_len")]
    [InlineData(15, 0x7F, "btf_header.type_len")]
    [InlineData(23, 0xFF, "btf_header.str_len")]
    [InlineData(31, 0x1F, "kind 31 is unknown")]
    [InlineData(28, 0xFF, "members need")]
    public void A_broken_header_or_record_is_named(int at, byte value, string expected)
    {
        types.Struct("s", 8, ("m", types.Int("int", 4), 0));
        byte[] raw = types.Bytes();
        if (at == 28)
            raw[24 + 16 + 4] = value;
        else
            raw[at] = value;
        Assert.Contains(expected, Assert.Throws<InputException>(() => Btf.Parse(raw, "btf")).Message);
    }

    [Fact]
    public void Every_cut_is_an_input_exception()
    {
        types.Struct("s", 8, ("m", types.Int("int", 4), 0));
        byte[] raw = types.Bytes();
        for (int length = 0; length < raw.Length; length++)
            Assert.Throws<InputException>(() => Btf.Parse(raw[..length], "btf"));
    }

    [Fact]
    public void A_modules_types_continue_the_kernels()
    {
        int u32 = types.Int("unsigned int", 4);
        int list = types.Struct("list_head", 16, ("next", u32, 0), ("prev", u32, 8));
        Btf kernel = Parse();
        BtfBuilder module = new(kernel.Count, types.StringBytes);
        module.Struct("private", 24, ("counter", u32, 0), ("node", list, 8));
        Btf split = Btf.Parse(module.Bytes(), "module", kernel);
        Assert.Equal(16, split.Struct("private")!.Offset("node.prev"));
        Assert.Equal(4, split.Struct("private")!.SizeOf("counter"));
        Assert.NotNull(split.Struct("list_head"));
        Assert.Null(kernel.Struct("private"));
    }

    private Btf Parse() => Btf.Parse(types.Bytes(), "btf");
}
