using System.Buffers.Binary;
using System.Numerics;

namespace Kdump.Formats.Bytes;

/// <summary>
/// SHA-256 (FIPS 180-4, section 6.2) computed incrementally. .NET's own implementation calls OpenSSL and ends the program if OpenSSL is
/// not installed, but kdt must run on rescue systems without it.
/// </summary>
public sealed class Sha256
{
    private const int Block = 64;

    private static readonly uint[] K =
    [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ];

    private readonly uint[] state = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

    /// <summary>Bytes that do not yet fill a block.</summary>
    private readonly byte[] rest = new byte[Block];

    private long length;

    /// <summary>The digest of a whole message; 32 bytes.</summary>
    public static byte[] Of(ReadOnlySpan<byte> bytes)
    {
        var hash = new Sha256();
        hash.Add(bytes);
        return hash.End();
    }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        int held = (int)(length % Block);
        length += bytes.Length;
        if (held > 0)
        {
            int n = Math.Min(Block - held, bytes.Length);
            bytes[..n].CopyTo(rest.AsSpan(held));
            bytes = bytes[n..];
            if (held + n < Block)
                return;
            Mix(state, rest);
        }
        for (; bytes.Length >= Block; bytes = bytes[Block..])
            Mix(state, bytes[..Block]);
        bytes.CopyTo(rest);
    }

    /// <summary>The digest of all bytes added, 32 bytes. Do not add bytes afterwards.</summary>
    public byte[] End()
    {
        int held = (int)(length % Block), end = held + 9 <= Block ? Block : Block * 2;
        Span<byte> last = stackalloc byte[Block * 2];
        last.Clear();
        rest.AsSpan(0, held).CopyTo(last);
        last[held] = 0x80;
        BinaryPrimitives.WriteInt64BigEndian(last[(end - 8)..], length * 8);
        for (int at = 0; at < end; at += Block)
            Mix(state, last.Slice(at, Block));
        var digest = new byte[32];
        for (int i = 0; i < state.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(digest.AsSpan(i * 4), state[i]);
        return digest;
    }

    private static void Mix(uint[] state, ReadOnlySpan<byte> block)
    {
        Span<uint> w = stackalloc uint[64];
        for (int t = 0; t < 16; t++)
            w[t] = BinaryPrimitives.ReadUInt32BigEndian(block[(t * 4)..]);
        unchecked
        {
            for (int t = 16; t < 64; t++)
            {
                uint x = w[t - 15], y = w[t - 2];
                w[t] = w[t - 16] + (BitOperations.RotateRight(x, 7) ^ BitOperations.RotateRight(x, 18) ^ (x >> 3)) + w[t - 7] +
                    (BitOperations.RotateRight(y, 17) ^ BitOperations.RotateRight(y, 19) ^ (y >> 10));
            }
            (uint a, uint b, uint c, uint d, uint e, uint f, uint g, uint h) =
                (state[0], state[1], state[2], state[3], state[4], state[5], state[6], state[7]);
            for (int t = 0; t < 64; t++)
            {
                uint first = h + (BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25)) +
                    ((e & f) ^ (~e & g)) + K[t] + w[t];
                uint second = (BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22)) +
                    ((a & b) ^ (a & c) ^ (b & c));
                (h, g, f, e, d, c, b, a) = (g, f, e, d + first, c, b, a, first + second);
            }
            uint[] added = [a, b, c, d, e, f, g, h];
            for (int i = 0; i < added.Length; i++)
                state[i] += added[i];
        }
    }
}
