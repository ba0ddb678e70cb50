using Kdump.Diagnosis.Crashes;

namespace Kdump.Tests.Crashes;

/// <summary>Symbols of real kernels and of the Rust reference, with what rustc's own demangler makes of them.</summary>
public sealed class FunctionNamesTests
{
    [Theory]
    [InlineData("_RNvXCsktjF9JQNZ8U_5rnullNtB2_13NullBlkModuleNtCs43vyB533jt3_6kernel13InPlaceModule4init",
        "<rnull::NullBlkModule as kernel::InPlaceModule>::init")]
    [InlineData("_RNvCskwGfYPst2Cb_3foo16example_function", "foo::example_function")]
    [InlineData("_RNvNtCs1234_7mycrate3foo3bar", "mycrate::foo::bar")]
    [InlineData("_RNvMs_NtCs1234_7mycrate3fooNtB4_3Bar3baz", "<mycrate::foo::Bar>::baz")]
    [InlineData("_RNCNvCsgStHSCytQ6I_7mycrate4main0B3_", "mycrate::main::{closure#0}")]
    [InlineData("_RNCNvCsgStHSCytQ6I_7mycrate4mains_0B3_", "mycrate::main::{closure#1}")]
    [InlineData("_RINvNtC3std3mem8align_ofjdE", "std::mem::align_of::<usize, f64>")]
    [InlineData("_RINvNtC3std3mem8align_ofjEC3foo", "std::mem::align_of::<usize>")]
    [InlineData("_RINvC1m3foopTReSSlEE", "m::foo::<_, (&str, [[i32]])>")]
    [InlineData("_RINvC1m3fooKj2a_E", "m::foo::<42>")]
    [InlineData("_RINvC1m3fooDNtC1m5TraitEL_E", "m::foo::<dyn m::Trait>")]
    [InlineData("_ZN4core6option13expect_failed17h0123456789abcdefE", "core::option::expect_failed")]
    [InlineData("_ZN47_$LT$kernel..Foo$u20$as$u20$core..ops..Drop$GT$4drop17h0123456789abcdefE", "<kernel::Foo as core::ops::Drop>::drop")]
    [InlineData("_Z8fakeNameiii", "fakeName")]
    public void Names_of_Rust_and_C_plus_plus_are_told_as_the_source_has_them(string symbol, string name)
    {
        Assert.Equal(name, Named(symbol));
    }

    [Theory]
    [InlineData("_RUST_thing")]
    [InlineData("_R")]
    [InlineData("_RNv")]
    [InlineData("_RNvCs1234_7my")]
    [InlineData("_RB_")]
    [InlineData("_RNvB_3foo")]
    [InlineData("_RINvC1m3fooRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRlE")]
    [InlineData("do_sys_open")]
    public void What_is_no_such_symbol_stays_as_it_is(string symbol)
    {
        Assert.Equal(symbol, Named(symbol));
    }

    /// <summary>Each tuple holds the one before twice: forty of them would be longer than any memory.</summary>
    [Fact]
    public void References_that_double_the_text_are_given_up()
    {
        string symbol = "INvC1m1fT";
        int before = symbol.Length;
        symbol += "TllE";
        for (int i = 0; i < 40; i++)
        {
            int here = symbol.Length;
            symbol += $"TB{Base62(before)}B{Base62(before)}E";
            before = here;
        }
        Assert.Equal("_R" + symbol + "EE", Named("_R" + symbol + "EE"));
    }

    private static string Base62(int value)
    {
        const string Digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        string text = "_";
        for (int rest = value - 1; ; rest = (rest / 62))
        {
            text = Digits[rest % 62] + text;
            if (rest < 62)
                return text;
        }
    }

    private static string Named(string symbol) => new StackFrame(symbol, 0, 0, null, Reliable: true).Function;
}
