using System.Buffers.Binary;
using System.Numerics;

namespace Kdump.Formats.Bytes;

/// <summary>
/// HMAC (RFC 2104) with SHA-1 (FIPS 180-4, section 6.1), for short texts: OpenSSH hashes host names with it. For the reason not to use
/// .NET's, see <see cref="Sha256"/>.
/// </summary>
public static class HmacSha1
{
    private const int Block = 64;

    /// <param name="key">At most 64 bytes (one block).</param>
    /// <returns>20 bytes.</returns>
    public static byte[] Of(ReadOnlySpan<byte> key, ReadOnlySpan<byte> text) => Hmac.Of(key, text, Sha1);

    private static byte[] Sha1(byte[] text)
    {
        var padded = new byte[(text.Length + 9 + Block - 1) / Block * Block];
        text.CopyTo(padded, 0);
        padded[text.Length] = 0x80;
        BinaryPrimitives.WriteInt64BigEndian(padded.AsSpan(padded.Length - 8), text.Length * 8L);
        uint[] state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
        for (int at = 0; at < padded.Length; at += Block)
            Mix(state, padded.AsSpan(at, Block));
        var digest = new byte[20];
        for (int i = 0; i < state.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(digest.AsSpan(i * 4), state[i]);
        return digest;
    }

    private static void Mix(uint[] state, ReadOnlySpan<byte> block)
    {
        Span<uint> w = stackalloc uint[80];
        for (int t = 0; t < 80; t++)
        {
            w[t] = t < 16 ? BinaryPrimitives.ReadUInt32BigEndian(block[(t * 4)..])
                : BitOperations.RotateLeft(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
        }
        unchecked
        {
            (uint a, uint b, uint c, uint d, uint e) = (state[0], state[1], state[2], state[3], state[4]);
            for (int t = 0; t < 80; t++)
            {
                (uint f, uint k) = (t / 20) switch
                {
                    0 => ((b & c) | (~b & d), 0x5a827999u),
                    1 => (b ^ c ^ d, 0x6ed9eba1u),
                    2 => ((b & c) | (b & d) | (c & d), 0x8f1bbcdcu),
                    _ => (b ^ c ^ d, 0xca62c1d6u),
                };
                uint next = BitOperations.RotateLeft(a, 5) + f + e + k + w[t];
                (e, d, c, b, a) = (d, c, BitOperations.RotateLeft(b, 30), a, next);
            }
            state[0] += a;
            state[1] += b;
            state[2] += c;
            state[3] += d;
            state[4] += e;
        }
    }
}
