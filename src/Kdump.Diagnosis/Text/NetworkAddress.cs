namespace Kdump.Diagnosis.Text;

/// <summary>Words that are an address: of the network (IPv4, IPv6), of hardware (MAC, EUI-64, WWN with colons), or a UUID.</summary>
public static class NetworkAddress
{
    private const string Hexadecimal = "0123456789abcdefABCDEF";

    /// <summary>True for four numbers with dots, two colons in a row, and five fields or more of hexadecimal digits.</summary>
    public static bool Is(string word)
    {
        string[] fields = word.Split(word.Contains(':', StringComparison.Ordinal) ? ':' : '-');
        return IsV4(word) || word.Contains("::", StringComparison.Ordinal) ||
            (fields.Length >= 5 && Array.TrueForAll(fields, f => !f.AsSpan().ContainsAnyExcept(Hexadecimal)));
    }

    /// <summary>True for four numbers up to 255 with dots between them.</summary>
    public static bool IsV4(string word)
    {
        string[] dotted = word.Split('.');
        return dotted.Length == 4 && Array.TrueForAll(dotted, p => byte.TryParse(p, out _));
    }

    /// <summary>
    /// True for an address with colons, of the network or of hardware, and for no clock (<c>15:39:12</c>), PCI address or name of C++.
    /// </summary>
    public static bool HasColons(string word)
    {
        // The zone of a link-local address.
        int zone = word.IndexOf('%', StringComparison.Ordinal);
        string bare = zone < 0 ? word : word[..zone];
        string[] fields = bare.Split(':');
        if (bare.Contains("::", StringComparison.Ordinal))
            return bare.Length > 3 && fields.Length <= 9 && Array.TrueForAll(fields, f => f.Length <= 4 || IsV4(f)) &&
                bare.AsSpan().ContainsAnyInRange('0', '9');
        return fields.Length switch
        {
            // EUI-64 as InfiniBand writes it, a MAC, IPv6, and what is longer, all of them in even fields.
            4 => Array.TrueForAll(fields, f => f.Length == 4),
            8 => Array.TrueForAll(fields, f => f.Length is > 0 and <= 4),
            > 4 => Array.TrueForAll(fields, f => f.Length == 2),
            _ => false,
        };
    }
}
