using System.Globalization;

namespace Kdump.Diagnosis.Text;

/// <summary>Hexadecimal numbers as logs write them, with or without <c>0x</c>.</summary>
internal static class HexWord
{
    public static bool TryRead(ReadOnlySpan<char> word, out ulong value)
    {
        if (word.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            word = word[2..];
        return ulong.TryParse(word, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
