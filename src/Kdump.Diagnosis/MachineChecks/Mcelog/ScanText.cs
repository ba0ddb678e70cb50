namespace Kdump.Diagnosis.MachineChecks.Mcelog;

/// <summary>The conversions of C's scanf that mcelog reads its lines with, on text; overflow saturates as strtoull does.</summary>
internal ref struct ScanText(ReadOnlySpan<char> text)
{
    private readonly ReadOnlySpan<char> all = text;

    public int At { get; private set; }

    private readonly ReadOnlySpan<char> Rest => all[At..];

    /// <summary>A literal of the format: a blank in it stands for any run of white space, also none.</summary>
    public bool Literal(string literal)
    {
        foreach (char c in literal)
        {
            if (c == ' ')
                Blanks();
            else if (At < all.Length && all[At] == c)
                At++;
            else
                return false;
        }
        return true;
    }

    public void Blanks()
    {
        while (At < all.Length && IsSpace(all[At]))
            At++;
    }

    /// <summary>At least one character of the set.</summary>
    public bool Set(Func<char, bool> isIn)
    {
        int start = At;
        while (At < all.Length && isIn(all[At]))
            At++;
        return At > start;
    }

    /// <summary><c>%NNs</c></summary>
    public bool Word(int width, out string word)
    {
        Blanks();
        int start = At;
        while (At < all.Length && At - start < width && !IsSpace(all[At]))
            At++;
        word = all[start..At].ToString();
        return At > start;
    }

    /// <summary>
    /// <c>%x</c> or <c>%u</c>: blanks, a sign, 0x, digits; at most <paramref name="width"/> characters behind the blanks.
    /// </summary>
    public bool Number(int radix, out ulong value, int width = int.MaxValue)
    {
        value = 0;
        Blanks();
        int at = At, end = (int)Math.Min(all.Length, (long)At + width);
        bool negative = at < end && all[at] == '-';
        if (at < end && all[at] is '-' or '+')
            at++;
        bool prefixed = radix == 16 && at + 1 < end && (all[at], all[at + 1]) is ('0', 'x' or 'X');
        if (prefixed)
            at += 2;
        int digits = at;
        bool over = false;
        while (at < end && Digit(all[at]) is var d && d < (uint)radix)
        {
            over |= value > (ulong.MaxValue - d) / (ulong)radix;
            value = unchecked((value * (ulong)radix) + d);
            at++;
        }
        // glibc takes a bare "0x" for a zero, and the x with it.
        if (at == digits && !prefixed)
            return false;
        if (over)
            value = ulong.MaxValue;
        else
            value = negative ? unchecked(0 - value) : value;
        At = at;
        return true;
    }

    public static bool IsSpace(char c) => c is ' ' or (>= '\t' and <= '\r');

    private static uint Digit(char c) => c switch
    {
        >= '0' and <= '9' => (uint)(c - '0'),
        >= 'a' and <= 'f' => (uint)(c - 'a' + 10),
        >= 'A' and <= 'F' => (uint)(c - 'A' + 10),
        _ => uint.MaxValue,
    };
}
