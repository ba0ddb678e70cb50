using System.Runtime.InteropServices;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>
/// Finds in one pass which of many texts a line holds: the first four characters of every text are kept as a set of bits, and only
/// where those fit are the texts compared. It is small because the probe contains it, too.
/// </summary>
public sealed class TextSigns
{
    private const int Key = 4;

    private readonly string[] signs;
    private readonly ulong[] keys = new ulong[64];

    /// <param name="signs">Each of at least four characters.</param>
    public TextSigns(params string[] signs)
    {
        this.signs = signs;
        foreach (string sign in signs)
        {
            int bit = BitOf(sign);
            keys[bit >> 6] |= 1UL << (bit & 63);
        }
    }

    /// <summary>The index of the first text of the list that stands in the line, wherever that is; -1 for none.</summary>
    public int First(ReadOnlySpan<char> line)
    {
        int best = signs.Length;
        for (int i = 0; i + Key <= line.Length; i++)
        {
            int bit = BitOf(line[i..]);
            if ((keys[bit >> 6] & (1UL << (bit & 63))) == 0)
                continue;
            for (int s = 0; s < best; s++)
            {
                if (line[i..].StartsWith(signs[s], StringComparison.Ordinal))
                    best = s;
            }
        }
        return best == signs.Length ? -1 : best;
    }

    private static int BitOf(ReadOnlySpan<char> text) =>
        (int)(unchecked(MemoryMarshal.Read<ulong>(MemoryMarshal.AsBytes(text[..Key])) * 0x9E3779B97F4A7C15) >> 52);
}
