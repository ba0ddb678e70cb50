using System.Globalization;

namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// Reads one line of a stack as printed by <c>%pB</c> and friends (lib/vsprintf.c), over the kernels and architectures:
/// <c>f+0x1/0x2 [mod]</c>, with <c>[&lt;address&gt;]</c> before it until 4.10, <c>? </c> for unconfirmed frames, two addresses and
/// <c>(unreliable)</c> on powerpc, <c>(f+0x1/0x2) from [&lt;address&gt;] (g+…)</c> on arm, <c>(P)</c> marks on arm64, and
/// <c>f (file.c:12) mod</c> of scripts/decode_stacktrace.sh.
/// </summary>
internal static class FrameLine
{
    /// <summary>Longer names are not symbols (KSYM_NAME_LEN is 512).</summary>
    private const int MaxName = 512;

    /// <summary>The name without suffixes of the compiler, which begin with a dot; in old Rust names dots are part of the path.</summary>
    public static string Bare(string name)
    {
        // powerpc's first ABI puts a dot before the names of code.
        if (name.Length > 1 && name[0] == '.')
            name = name[1..];
        int dot = name.StartsWith("_ZN", StringComparison.Ordinal) ? name.IndexOf(".llvm.", StringComparison.Ordinal)
            : name.IndexOf('.', Math.Min(1, name.Length));
        return dot > 0 ? name[..dot] : name;
    }

    /// <summary>The last word of a text that is a symbol with its offset and size: <c>… at mm/slub.c:1 f+0x10/0x20()</c>.</summary>
    public static string? InText(string line)
    {
        int plus = line.LastIndexOf("+0x", StringComparison.Ordinal);
        int blank = plus < 0 ? -1 : line.LastIndexOf(' ', plus);
        if (blank < 0)
            return null;
        ReadOnlySpan<char> text = line.AsSpan(blank + 1);
        return Symbol(ref text, out ReadOnlySpan<char> name, out _, out _) ? name.ToString() : null;
    }

    /// <summary>The symbol at the beginning of a text, also behind <c>[&lt;address&gt;]</c>; null where there is none.</summary>
    public static string? AtStart(ReadOnlySpan<char> text)
    {
        text = text.TrimStart(' ');
        if (text.StartsWith("[<", StringComparison.Ordinal) && text.IndexOf(']') is > 0 and var close)
            text = text[(close + 1)..].TrimStart(' ');
        return Symbol(ref text, out ReadOnlySpan<char> name, out _, out _) ? name.ToString() : null;
    }

    /// <summary>
    /// The frame of a line; on arm, where a line holds the callee and the caller, <paramref name="second"/> is the caller.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> line, out StackFrame frame, out StackFrame? second)
    {
        frame = default;
        second = null;
        ReadOnlySpan<char> text = SkipMarkers(line.TrimStart(" \t"));
        bool addressed = SkipAddresses(ref text);
        bool reliable = true;
        if (text.StartsWith("? ", StringComparison.Ordinal))
        {
            reliable = false;
            text = text[2..].TrimStart(' ');
        }
        bool parenthesis = text.Length > 1 && text[0] == '(' && addressed;
        if (parenthesis)
            text = text[1..];
        if (!Symbol(ref text, out ReadOnlySpan<char> name, out long offset, out long size))
            return parenthesis ? OldArm(text, out frame, out second)
                : !addressed && (NewArm(text, out frame, out second) || Decoded(text, reliable, out frame) ||
                    OfDebugger(text, out frame));
        string? module = Module(ref text);
        if (parenthesis && text.StartsWith(")", StringComparison.Ordinal))
            text = text[1..];
        text = text.TrimStart(' ');
        if (text.StartsWith("(unreliable)", StringComparison.Ordinal))
            reliable = false;
        frame = new(name.ToString(), offset, size, module, reliable);
        second = Caller(text);
        return true;
    }

    /// <summary>
    /// arm until 5.16: <c>[&lt;address&gt;] (f) from [&lt;address&gt;] (g+0x1/0x2)</c>.
    /// </summary>
    private static bool OldArm(ReadOnlySpan<char> text, out StackFrame frame, out StackFrame? second)
    {
        frame = default;
        second = null;
        int end = NameLength(text);
        if (end is 0 or > MaxName || !text[end..].StartsWith(") from ", StringComparison.Ordinal))
            return false;
        second = Caller(text[(end + 2)..]);
        if (second is null)
            return false;
        frame = new(text[..end].ToString(), -1, -1, null, Reliable: true);
        return true;
    }

    /// <summary><c>f from g+0x1/0x2</c>: arm since 5.17.</summary>
    private static bool NewArm(ReadOnlySpan<char> text, out StackFrame frame, out StackFrame? second)
    {
        frame = default;
        second = null;
        int end = NameLength(text);
        if (end is 0 or > MaxName || !text[end..].StartsWith(" from ", StringComparison.Ordinal))
            return false;
        second = Caller(text[(end + 1)..]);
        frame = new(text[..end].ToString(), -1, -1, null, Reliable: true);
        return second is not null;
    }

    /// <summary><c>lpfc_cmf_timer at ffffffffc0abbc67 [lpfc]</c>: crash(8)'s frame, pasted without its number and stack address.</summary>
    private static bool OfDebugger(ReadOnlySpan<char> text, out StackFrame frame)
    {
        frame = default;
        int end = NameLength(text);
        if (end is 0 or > MaxName || !text[end..].StartsWith(" at ", StringComparison.Ordinal))
            return false;
        ReadOnlySpan<char> rest = text[(end + " at ".Length)..];
        if (rest.Length < 16 || !IsHex(rest[..16]) || rest[0] is not ('f' or 'c' or '9') || (rest.Length > 16 && rest[16] != ' '))
            return false;
        rest = rest[16..];
        frame = new(text[..end].ToString(), -1, -1, Module(ref rest), Reliable: true);
        return true;
    }

    private static StackFrame? Caller(ReadOnlySpan<char> text)
    {
        if (!text.StartsWith("from ", StringComparison.Ordinal))
            return null;
        text = text[5..];
        SkipAddresses(ref text);
        if (text.StartsWith("(", StringComparison.Ordinal))
            text = text[1..];
        return Symbol(ref text, out ReadOnlySpan<char> name, out long offset, out long size)
            ? new(name.ToString(), offset, size, Module(ref text), Reliable: true) : null;
    }

    /// <summary><c>name+0xoff/0xsize</c>; a line that was cut may end after the offset.</summary>
    public static bool Symbol(ref ReadOnlySpan<char> text, out ReadOnlySpan<char> name, out long offset, out long size)
    {
        offset = size = -1;
        int end = NameLength(text);
        name = text[..end];
        if (end == 0 || end > MaxName || !IsOffset(text[end..], '+'))
            return false;
        ReadOnlySpan<char> rest = text[(end + 3)..];
        if (!Hex(ref rest, out offset))
            return false;
        if (IsOffset(rest, '/'))
        {
            rest = rest[3..];
            Hex(ref rest, out size);
        }
        text = rest;
        return true;
    }

    /// <summary><c>+0x</c>; editors of web pages make <c>+0×</c> of it.</summary>
    private static bool IsOffset(ReadOnlySpan<char> text, char sign) =>
        text.Length > 3 && text[0] == sign && text[1] == '0' && text[2] is 'x' or '\u00d7';

    /// <summary><c>f (file.c:12) mod</c>, <c>f (file.c:12 (discriminator 3))</c>, <c>f (inlined.h:1 file.c:12)</c>.</summary>
    public static bool Decoded(ReadOnlySpan<char> text, bool reliable, out StackFrame frame)
    {
        frame = default;
        int end = NameLength(text);
        if (end is 0 or > MaxName || !text[end..].StartsWith(" (", StringComparison.Ordinal))
            return false;
        ReadOnlySpan<char> place = text[(end + 2)..];
        int colon = place.IndexOf(':');
        if (colon < 3 || colon + 1 >= place.Length || !char.IsAsciiDigit(place[colon + 1]) || place[..colon].IndexOf(' ') >= 0 ||
            place[..colon].IndexOf('.') < 0)
            return false;
        int close = place.LastIndexOf(')');
        ReadOnlySpan<char> module = close < 0 ? default : place[(close + 1)..].Trim(' ');
        frame = new(text[..end].ToString(), -1, -1, module.IsEmpty || NameLength(module) != module.Length ? null : module.ToString(),
            reliable);
        return true;
    }

    /// <summary><c>[mod]</c>, <c>[mod 40hex]</c>.</summary>
    private static string? Module(ref ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> rest = text.TrimStart(' ');
        if (rest.IsEmpty || rest[0] != '[')
            return null;
        int end = NameLength(rest[1..]);
        int close = rest.IndexOf(']');
        if (end == 0 || close < 0)
            return null;
        text = rest[(close + 1)..];
        return rest[1..(end + 1)].ToString();
    }

    /// <summary>
    /// Stacks within the stack: <c>&lt;IRQ&gt;</c>, <c>&lt;/TASK&gt;</c>, <c>&lt;#DF&gt;</c>; older kernels put them on the line of a
    /// frame.
    /// </summary>
    private static ReadOnlySpan<char> SkipMarkers(ReadOnlySpan<char> text)
    {
        while (text.Length > 2 && text[0] == '<' && text.IndexOf('>') is > 1 and < 20 and var close)
        {
            text = text[(close + 1)..];
            text = text.TrimStart("> ");
        }
        return text;
    }

    /// <summary><c>[&lt;ffffffff81234567&gt;]</c> or <c>[c000000001234567]</c>, up to two of them.</summary>
    private static bool SkipAddresses(ref ReadOnlySpan<char> text)
    {
        bool any = false;
        for (int i = 0; i < 3; i++)
        {
            ReadOnlySpan<char> rest = text;
            if (rest.StartsWith("(", StringComparison.Ordinal) && rest.Length > 1 && rest[1] == '[')
                rest = rest[1..];
            // A web page took <address> for a tag: "[] f+0x19/0x39".
            if (i == 0 && rest.StartsWith("[] ", StringComparison.Ordinal))
            {
                text = rest[3..].TrimStart(' ');
                return true;
            }
            if (rest.IsEmpty || rest[0] != '[' || rest.IndexOf(']') is not (> 4 and < 24 and var close))
                break;
            ReadOnlySpan<char> inside = rest[1..close].Trim("<> ");
            if (inside.StartsWith("0x", StringComparison.Ordinal))
                inside = inside[2..];
            if (!IsHex(inside) && inside is not ("(null)" or "(ptrval)" or "(____ptrval____)"))
                break;
            text = rest[(close + 1)..].TrimStart(' ');
            any = true;
        }
        // xmon: [stack] address f+0x1/0x2
        if (any && text.Length > 17 && text[16] == ' ' && IsHex(text[..16]))
            text = text[17..].TrimStart(' ');
        return any;
    }

    private static int NameLength(ReadOnlySpan<char> text)
    {
        int i = 0;
        while (i < text.Length && (char.IsAsciiLetterOrDigit(text[i]) || text[i] is '_' or '.' or '$'))
            i++;
        return i;
    }

    private static bool Hex(ref ReadOnlySpan<char> text, out long value)
    {
        int end = 0;
        while (end < text.Length && char.IsAsciiHexDigit(text[end]))
            end++;
        bool fits = long.TryParse(text[..end], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value) && value >= 0;
        text = text[end..];
        return fits;
    }

    public static bool IsHex(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            if (!char.IsAsciiHexDigit(c))
                return false;
        }
        return !text.IsEmpty;
    }
}
