using Kdump.Diagnosis.Text;

namespace Kdump.Tests.Evidence;

public sealed class TextCursorTests
{
    [Fact]
    public void Steps_follow_each_other()
    {
        var c = new TextCursor("irq 42: 0xff rest");
        Assert.True(c.Skip("irq "));
        Assert.True(c.Number(out long number));
        Assert.Equal(42, number);
        Assert.True(c.SkipPast(": "));
        Assert.True(c.Hex(out ulong hex));
        Assert.Equal(0xffUL, hex);
        Assert.Equal("rest", c.Word().ToString());
        Assert.True(c.Empty);
    }

    [Fact]
    public void What_does_not_fit_moves_nothing()
    {
        var c = new TextCursor("abc");
        Assert.False(c.Skip("b"));
        Assert.False(c.SkipPast("x"));
        Assert.False(c.Before("x", out _));
        Assert.False(c.Number(out _));
        Assert.Equal("abc", c.Rest.ToString());
    }

    [Fact]
    public void A_number_too_large_is_no_number()
    {
        var c = new TextCursor("99999999999999999999999999");
        Assert.False(c.Number(out _));
        Assert.False(c.Hex(out _));
    }

    [Fact]
    public void A_lone_minus_or_0x_is_no_number()
    {
        var minus = new TextCursor("-");
        Assert.False(minus.Number(out _));
        var prefix = new TextCursor("0x");
        Assert.False(prefix.Hex(out _));
    }
}
