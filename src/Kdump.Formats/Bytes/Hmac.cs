namespace Kdump.Formats.Bytes;

/// <summary>HMAC (RFC 2104) over a hash whose blocks have 64 bytes. Why not that of .NET: <see cref="Sha256"/>.</summary>
public static class Hmac
{
    private const int Block = 64;

    /// <param name="hash">Of a whole text.</param>
    public static byte[] Of(ReadOnlySpan<byte> key, ReadOnlySpan<byte> text, Func<byte[], byte[]> hash)
    {
        byte[] inner = new byte[Block], outer = new byte[Block];
        if (key.Length > Block)
            key = hash([.. key]);
        key.CopyTo(inner);
        key.CopyTo(outer);
        for (int i = 0; i < Block; i++)
        {
            inner[i] ^= 0x36;
            outer[i] ^= 0x5c;
        }
        return hash([.. outer, .. hash([.. inner, .. text])]);
    }
}
