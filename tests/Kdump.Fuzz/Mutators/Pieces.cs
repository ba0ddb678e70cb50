using System.Globalization;
using System.Text;

namespace Kdump.Fuzz.Mutators;

/// <summary>
/// Text changed by whole pieces, lines or words: left out, repeated, exchanged, taken from another input; numbers that are too large,
/// negative or odd; words from a dictionary of the seeds.
/// </summary>
internal sealed class Pieces(bool lines, string[] dictionary)
{
    private static readonly string[] Numbers =
    [
        "-1", "0", "1", "2147483647", "2147483648", "4294967295", "4294967296", "9223372036854775807", "9223372036854775808",
        "18446744073709551615", "18446744073709551616", "-9223372036854775808", "99999999999999999999999999999", "1e308", "0.5", "-0",
        "0x", "0xffffffffffffffff", "0xffff888000000000", "0x10000000000000000", "00000000", "7fffffffffffffff", "8000000000000000",
    ];

    private static readonly string[] Odd = ["\0", "\x1b[31m", "\r", "\u202e", "\ufffd", "%s", "::", "  ", "\t", "(", ")", "[", "]", "<",
        "\""];

    public static string[] Dictionary(IEnumerable<byte[]> seeds) =>
        [.. seeds.SelectMany(s => Encoding.Latin1.GetString(s).Split([' ', '\n', '\t', ',', ';', '(', ')'],
            StringSplitOptions.RemoveEmptyEntries)).Where(w => w.Length < 60).Distinct().Take(8000)];

    public byte[] Mutate(byte[] whole, byte[] other, int max, Random random)
    {
        List<string> pieces = Split(Encoding.Latin1.GetString(whole));
        List<string> others = Split(Encoding.Latin1.GetString(other));
        for (int steps = 1 << random.Next(5); steps > 0; steps--)
            Step(pieces, others, random);
        string text = string.Concat(pieces);
        return Encoding.Latin1.GetBytes(text.Length > max ? text[..max] : text);
    }

    private void Step(List<string> pieces, List<string> others, Random random)
    {
        if (pieces.Count == 0)
        {
            pieces.Add(Word(random));
            return;
        }
        int at = random.Next(pieces.Count), count = Math.Min(1 + random.Next(random.Next(4) == 0 ? 40 : 3), pieces.Count - at);
        switch (random.Next(10))
        {
            case 0:
                pieces.RemoveRange(at, count);
                break;
            case 1:
                pieces.InsertRange(random.Next(pieces.Count), pieces.GetRange(at, count));
                break;
            case 2:
                int with = random.Next(pieces.Count);
                (pieces[at], pieces[with]) = (pieces[with], pieces[at]);
                break;
            case 3 when others.Count > 0:
                int from = random.Next(others.Count);
                pieces.InsertRange(at, others.GetRange(from, Math.Min(count, others.Count - from)));
                break;
            case 4 when random.Next(10) == 0:
                // Depth and length: what recurses or grows faster than its input.
                int times = 1 << random.Next(4, 13);
                pieces.InsertRange(at, Enumerable.Repeat(pieces.GetRange(at, Math.Min(count, 2)), times).SelectMany(p => p));
                break;
            case 5:
                pieces.Insert(at, Word(random));
                break;
            default:
                pieces[at] = Changed(pieces[at], random);
                break;
        }
    }

    private string Word(Random random) => random.Next(4) switch
    {
        0 => Numbers[random.Next(Numbers.Length)], 1 => Odd[random.Next(Odd.Length)],
        _ => dictionary.Length == 0 ? "" : dictionary[random.Next(dictionary.Length)],
    } + (lines ? "\n" : "");

    private string Changed(string piece, Random random)
    {
        if (piece.Length == 0)
            return Word(random);
        int at = random.Next(piece.Length);
        if (random.Next(2) == 0)
        {
            // The number at or behind the place.
            while (at < piece.Length && !char.IsAsciiHexDigit(piece[at]))
                at++;
            int end = at;
            while (end < piece.Length && char.IsAsciiHexDigit(piece[end]))
                end++;
            return end > at ? piece[..at] + NumberFor(piece[at..end], random) + piece[end..] : piece;
        }
        return random.Next(5) switch
        {
            0 => piece[..at] + Odd[random.Next(Odd.Length)] + piece[at..],
            1 => piece[..at] + Word(random).TrimEnd('\n') + piece[Math.Min(piece.Length, at + random.Next(8))..],
            2 => piece[..at] + piece[Math.Min(piece.Length, at + 1 + random.Next(12))..],
            3 => piece[..at] + (char)random.Next(256) + piece[(at + 1)..],
            _ => piece[..at] + piece[..at] + piece[at..],
        };
    }

    private static string NumberFor(string digits, Random random) => random.Next(4) switch
    {
        0 => digits + digits, 1 => digits[1..],
        2 when ulong.TryParse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong value) =>
            unchecked(value + (ulong)random.Next(-9, 10)).ToString("x", CultureInfo.InvariantCulture),
        _ => Numbers[random.Next(Numbers.Length)],
    };

    private List<string> Split(string text)
    {
        var pieces = new List<string>();
        int start = 0;
        for (int i = 1; i <= text.Length; i++)
        {
            bool ends = i == text.Length || (lines ? text[i - 1] == '\n' : Kind(text[i]) != Kind(text[i - 1]) || Kind(text[i]) == 2);
            if (!ends)
                continue;
            pieces.Add(text[start..i]);
            start = i;
        }
        return pieces;
    }

    private static int Kind(char c) => char.IsAsciiLetterOrDigit(c) || c == '_' ? 0 : c == ' ' ? 1 : 2;
}
