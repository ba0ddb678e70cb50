using System.Globalization;

namespace Kdump.Diagnosis.Model;

/// <summary>
/// The names of the values of one register field. Written as text, one line per code (<c>1f words</c>) or a run of codes
/// (<c>65-7a words</c>), hexadecimal, so that it can be read beside the manual.
/// </summary>
internal sealed class CodeTable
{
    private readonly Dictionary<ulong, string> words;

    /// <param name="mask">Bits of the field; by default as many as the highest code needs, as in mcelog.</param>
    public CodeTable(string text, ulong mask = 0) : this([], text, mask)
    {
    }

    private CodeTable(Dictionary<ulong, string> inherited, string text, ulong mask)
    {
        words = inherited;
        ulong highest = Math.Max(1, words.Keys.DefaultIfEmpty().Max());
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            int blank = line.IndexOf(' ');
            if (blank <= 0)
                continue;
            ReadOnlySpan<char> codes = line[..blank];
            int dash = codes.IndexOf('-');
            ulong first = Hex(dash < 0 ? codes : codes[..dash]), last = dash < 0 ? first : Hex(codes[(dash + 1)..]);
            string meaning = line[(blank + 1)..].ToString().Replace("\\n", "\n", StringComparison.Ordinal);
            for (ulong code = first; code <= last; code++)
                words[code] = meaning;
            highest = Math.Max(highest, last);
        }
        Mask = mask != 0 ? mask : ulong.MaxValue >> System.Numerics.BitOperations.LeadingZeroCount(highest);
    }

    /// <summary>A field without names: every value except zero is shown as a number.</summary>
    public static CodeTable Reserved(int bits) => new("", (1UL << bits) - 1);

    public ulong Mask { get; }

    /// <summary>
    /// The table of a later model: these codes are new or read otherwise, and <paramref name="without"/> (codes with blanks between) are
    /// gone.
    /// </summary>
    public CodeTable With(string text, string without = "")
    {
        var codes = new Dictionary<ulong, string>(words);
        foreach (string code in without.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            codes.Remove(Hex(code));
        return new(codes, text, 0);
    }

    public string? this[ulong code] => words.GetValueOrDefault(code);

    private static ulong Hex(ReadOnlySpan<char> text) => ulong.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
