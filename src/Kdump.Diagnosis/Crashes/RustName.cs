using System.Globalization;
using System.Text;

namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// A symbol of Rust as its source calls it: the v0 form of the Rust reference ("v0 Symbol Format"), which kernels with Rust use.
/// <c>_RNvXCs1_5rnullNtB2_13NullBlkModuleNtCs2_6kernel13InPlaceModule4init</c> is <c>&lt;rnull::NullBlkModule as
/// kernel::InPlaceModule&gt;::init</c>.
/// </summary>
internal ref struct RustName
{
    /// <summary>Back references expand a short symbol to a long name: beyond these limits it stays as it is.</summary>
    private const int MaxText = 400, MaxDepth = 64, MaxSteps = 2000;

    private static readonly string[] Basic =
    [
        "i8", "bool", "char", "f64", "str", "f32", "", "u8", "isize", "usize", "", "i32", "u32", "i128", "u128", "_", "", "", "i16", "u16",
            "()", "...", "", "i64", "u64", "!",
    ];

    /// <summary>The symbol without <c>_R</c>: back references count from there.</summary>
    private readonly ReadOnlySpan<char> symbol;
    private readonly StringBuilder text = new();
    private int at;
    private int depth;
    private int steps;

    private RustName(ReadOnlySpan<char> symbol) => this.symbol = symbol;

    /// <summary>The path in the source, or null for what is no such symbol.</summary>
    public static string? Read(string name)
    {
        if (!name.StartsWith("_R", StringComparison.Ordinal) || name.Length < 4 || !char.IsAsciiLetterUpper(name[2]))
            return null;
        var reading = new RustName(name.AsSpan(2));
        return reading.Path(inValue: true) && reading.text.Length is > 0 and <= MaxText ? reading.text.ToString() : null;
    }

    private bool Path(bool inValue)
    {
        if (++depth > MaxDepth || ++steps > MaxSteps || text.Length > MaxText || !Take(out char tag))
            return false;
        bool fits = tag switch
        {
            'C' => Identifier(out _),
            'M' => Silently(ImplPath) && Put("<") && Type() && Put(">"),
            'X' => Silently(ImplPath) && Put("<") && Type() && Put(" as ") && Path(inValue: false) && Put(">"),
            'Y' => Put("<") && Type() && Put(" as ") && Path(inValue: false) && Put(">"),
            'N' => Nested(inValue),
            'I' => Path(inValue) && Put(inValue ? "::<" : "<") && List(Argument) && Put(">"),
            'B' => Back(inValue ? PathInValue : PathInType),
            _ => false,
        };
        depth--;
        return fits;
    }

    private delegate bool Part(ref RustName name);

    private static readonly Part ImplPath = static (ref RustName n) => n.Disambiguator(out _) && n.Path(inValue: false);
    private static readonly Part PathInValue = static (ref RustName n) => n.Path(inValue: true);
    private static readonly Part PathInType = static (ref RustName n) => n.Path(inValue: false);
    private static readonly Part AnyType = static (ref RustName n) => n.Type();
    private static readonly Part AnyConst = static (ref RustName n) => n.Const();
    private static readonly Part Argument = static (ref RustName n) =>
    {
        if (n.Skip('L'))
            return n.Base62(out _) && n.Put("'_");
        return n.Skip('K') ? n.Const() : n.Type();
    };

    private static readonly Part Trait = static (ref RustName n) => n.DynTrait();

    private bool Nested(bool inValue)
    {
        if (!Take(out char space) || !char.IsAsciiLetter(space) || !Path(inValue))
            return false;
        int before = text.Length;
        if (char.IsAsciiLetterLower(space))
            return Put("::") && Identifier(out _);
        // Parts that the source does not name: closures and shims.
        if (!Identifier(out long number))
            return false;
        string named = text.ToString(before, text.Length - before);
        text.Length = before;
        string kind = space switch { 'C' => "closure", 'S' => "shim", _ => space.ToString() };
        return Put($"::{{{kind}{(named.Length == 0 ? "" : ":" + named)}#{number.ToString(CultureInfo.InvariantCulture)}}}");
    }

    private bool Type()
    {
        if (++steps > MaxSteps || ++depth > MaxDepth || at >= symbol.Length)
            return false;
        char tag = symbol[at];
        bool fits;
        if (char.IsAsciiLetterLower(tag))
        {
            at++;
            fits = Basic[tag - 'a'].Length > 0 && Put(Basic[tag - 'a']);
        }
        else if (tag is 'C' or 'M' or 'X' or 'Y' or 'N' or 'I')
            fits = Path(inValue: false);
        else
        {
            at++;
            fits = tag switch
            {
                'A' => Put("[") && Type() && Put("; ") && Const() && Put("]"),
                'S' => Put("[") && Type() && Put("]"),
                'T' => Put("(") && List(AnyType) && Put(")"),
                'R' => Lifetime() && Put("&") && Type(),
                'Q' => Lifetime() && Put("&mut ") && Type(),
                'P' => Put("*const ") && Type(),
                'O' => Put("*mut ") && Type(),
                'F' => Function(),
                'D' => Binder() && Put("dyn ") && List(Trait, " + ") && Lifetime(),
                'B' => Back(AnyType),
                _ => false,
            };
        }
        depth--;
        return fits;
    }

    private bool Function()
    {
        if (!Binder())
            return false;
        if (Skip('U'))
            Put("unsafe ");
        if (Skip('K') && !(Skip('C') ? Put("extern \"C\" ") : Put("extern \"") && Identifier(out _) && Put("\" ")))
            return false;
        if (!Put("fn(") || !List(AnyType) || !Put(")"))
            return false;
        return Skip('u') || (Put(" -> ") && Type());
    }

    private bool DynTrait()
    {
        if (!Path(inValue: false))
            return false;
        while (Skip('p'))
        {
            if (!Put("<") || !Identifier(out _) || !Put(" = ") || !Type() || !Put(">"))
                return false;
        }
        return true;
    }

    private bool Const()
    {
        if (Skip('p'))
            return Put("_");
        if (Skip('B'))
            return Back(AnyConst);
        if (!Silently(AnyType))
            return false;
        string sign = Skip('n') ? "-" : "";
        int end = symbol[at..].IndexOf('_');
        if (end is < 0 or > 16 || !ulong.TryParse(end == 0 ? "0" : symbol.Slice(at, end), NumberStyles.AllowHexSpecifier,
            CultureInfo.InvariantCulture, out ulong value))
            return false;
        at += end + 1;
        return Put(sign + value.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Items up to <c>E</c>.</summary>
    private bool List(Part item, string between = ", ")
    {
        for (int n = 0; !Skip('E'); n++)
        {
            if ((n > 0 && !Put(between)) || !item(ref this))
                return false;
        }
        return true;
    }

    private bool Back(Part part)
    {
        int here = at - 1;
        if (!Base62(out long target) || target >= here)
            return false;
        int after = at;
        at = (int)target;
        bool fits = part(ref this);
        at = after;
        return fits;
    }

    private bool Silently(Part part)
    {
        int length = text.Length;
        bool fits = part(ref this);
        text.Length = Math.Min(text.Length, length);
        return fits;
    }

    /// <summary><c>s_4init</c>, <c>5rnull</c>: what tells equal names apart, then the name with its length.</summary>
    private bool Identifier(out long number)
    {
        if (!Disambiguator(out number))
            return false;
        Skip('u');
        int digits = 0;
        while (at + digits < symbol.Length && char.IsAsciiDigit(symbol[at + digits]))
            digits++;
        if (digits is 0 or > 4 || !int.TryParse(symbol.Slice(at, digits), NumberStyles.None, CultureInfo.InvariantCulture, out int length))
            return false;
        at += digits;
        Skip('_');
        if (length > symbol.Length - at)
            return false;
        text.Append(symbol.Slice(at, length));
        at += length;
        return true;
    }

    private bool Disambiguator(out long number)
    {
        number = 0;
        if (!Skip('s'))
            return true;
        bool fits = Base62(out number);
        number = Math.Min(number, long.MaxValue - 1) + 1;
        return fits;
    }

    private bool Lifetime() => !Skip('L') || Base62(out _);

    private bool Binder() => !Skip('G') || Base62(out _);

    /// <summary><c>_</c> is 0, <c>0_</c> is 1.</summary>
    private bool Base62(out long value)
    {
        value = 0;
        for (bool any = false; Take(out char c); any = true)
        {
            if (c == '_')
            {
                value += any ? 1 : 0;
                return true;
            }
            int digit = c switch { >= '0' and <= '9' => c - '0', >= 'a' and <= 'z' => c - 'a' + 10, >= 'A' and <= 'Z' => c - 'A' + 36,
                _ => -1 };
            if (digit < 0)
                return false;
            // Hashes of crates fill 64 bits: only their end matters, and of references only that they are small.
            value = value > long.MaxValue / 64 ? long.MaxValue / 64 : (value * 62) + digit;
        }
        return false;
    }

    private bool Take(out char c)
    {
        c = at < symbol.Length ? symbol[at] : '\0';
        return at++ < symbol.Length;
    }

    private bool Skip(char c)
    {
        bool there = at < symbol.Length && symbol[at] == c;
        at += there ? 1 : 0;
        return there;
    }

    private bool Put(string more)
    {
        text.Append(more);
        return text.Length <= MaxText;
    }
}
