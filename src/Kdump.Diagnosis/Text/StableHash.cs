using System.Text;

namespace Kdump.Diagnosis.Text;

/// <summary>FNV-1a, 64 bits, of a text's UTF-8: the same on every machine and in every version, unlike .NET's own hash codes.</summary>
public static class StableHash
{
    public static ulong Of(string text)
    {
        ulong hash = 0xcbf29ce484222325;
        foreach (byte b in Encoding.UTF8.GetBytes(text))
            hash = unchecked((hash ^ b) * 0x100000001b3);
        return hash;
    }
}
