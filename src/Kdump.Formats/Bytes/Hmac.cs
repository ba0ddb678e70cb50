namespace Kdump.Formats.Bytes;

/// <summary>
/// HMAC (RFC 2104) with a hash function whose block size is 64 bytes. For the reason not to use .NET's, see <see cref="Sha256"/>.
/// </summary>
public static class Hmac
{
    private const int Block = 64;

    /// <param name="hash">Computes the hash of a whole message.</param>
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
