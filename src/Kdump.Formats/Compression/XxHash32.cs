using System.Buffers.Binary;
using System.Numerics;

namespace Kdump.Formats.Compression;

/// <summary>xxHash of 32 bits (doc/xxhash_spec.md of xxHash, seed 0), the checksum of LZ4 frames, computed incrementally.</summary>
internal sealed class XxHash32
{
    private const uint P1 = 2654435761, P2 = 2246822519, P3 = 3266489917, P4 = 668265263, P5 = 374761393;

    private readonly uint[] lanes = [unchecked(P1 + P2), P2, 0, unchecked(0 - P1)];
    private readonly byte[] held = new byte[16];
    private int count;
    private uint total;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        total = unchecked(total + (uint)bytes.Length);
        while (!bytes.IsEmpty)
        {
            if (count == 0 && bytes.Length >= held.Length)
            {
                Stripe(bytes);
                bytes = bytes[held.Length..];
                continue;
            }
            int n = Math.Min(held.Length - count, bytes.Length);
            bytes[..n].CopyTo(held.AsSpan(count));
            bytes = bytes[n..];
            count = (count + n) % held.Length;
            if (count == 0)
                Stripe(held);
        }
    }

    public uint Value()
    {
        unchecked
        {
            uint hash = total >= 16 ? BitOperations.RotateLeft(lanes[0], 1) + BitOperations.RotateLeft(lanes[1], 7)
                + BitOperations.RotateLeft(lanes[2], 12) + BitOperations.RotateLeft(lanes[3], 18) : P5;
            hash += total;
            ReadOnlySpan<byte> rest = held.AsSpan(0, count);
            for (; rest.Length >= 4; rest = rest[4..])
                hash = BitOperations.RotateLeft(hash + BinaryPrimitives.ReadUInt32LittleEndian(rest) * P3, 17) * P4;
            foreach (byte b in rest)
                hash = BitOperations.RotateLeft(hash + b * P5, 11) * P1;
            hash = (hash ^ hash >> 15) * P2;
            hash = (hash ^ hash >> 13) * P3;
            return hash ^ hash >> 16;
        }
    }

    private void Stripe(ReadOnlySpan<byte> bytes)
    {
        unchecked
        {
            for (int i = 0; i < 4; i++)
                lanes[i] = BitOperations.RotateLeft(lanes[i] + BinaryPrimitives.ReadUInt32LittleEndian(bytes[(i * 4)..]) * P2, 13) * P1;
        }
    }
}
