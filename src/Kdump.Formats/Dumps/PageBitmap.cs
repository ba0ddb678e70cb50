using System.Numerics;
using System.Runtime.InteropServices;
using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dumps;

/// <summary>
/// A bitmap of page frames in a file, least significant bit first. The bitmap is read in chunks on demand. <see cref="Rank"/> uses the
/// number of set bits before each chunk, which is counted once, and only up to the highest chunk requested.
/// </summary>
internal sealed class PageBitmap
{
    private const int ChunkBytes = 8192;
    private const int ChunkBits = ChunkBytes * 8;

    /// <summary>Maximum number of chunks in memory: 16 MiB, the bitmap of 512 GiB in 4-KiB pages.</summary>
    private const int Slots = 2048;

    private const int SweepBytes = 1 << 20;

    private readonly IByteSource source;
    private readonly long start;
    private readonly BlockCache chunks;
    private readonly Lock gate = new();

    // before[i]: number of set bits before chunk i, for i <= counted.
    private long[] before = new long[16];
    private long counted;
    private bool cut;

    public PageBitmap(IByteSource source, long start, long bits)
    {
        this.source = source;
        this.start = start;
        Bits = bits;
        chunks = new BlockCache(source, start, (bits + 7) / 8, ChunkBytes, Slots);
    }

    public long Bits { get; }

    /// <summary>True if the bit is set; null if the bitmap is cut before it.</summary>
    public bool? Test(long bit)
    {
        if (bit >= Bits)
            return false;
        ReadOnlySpan<byte> chunk = chunks[bit / ChunkBits];
        int at = (int)(bit % ChunkBits);
        return at / 8 < chunk.Length ? (chunk[at / 8] >> (at % 8) & 1) != 0 : null;
    }

    /// <summary>Number of set bits before this one; null if the bitmap is cut before it.</summary>
    public long? Rank(long bit)
    {
        long index = bit / ChunkBits;
        if (index > Volatile.Read(ref counted) && !CountTo(index))
            return null;
        int bits = (int)(bit % ChunkBits);
        if (bits == 0)
            return before[index];
        ReadOnlySpan<byte> chunk = chunks[index];
        return (bits + 7) / 8 <= chunk.Length ? before[index] + PopCount(chunk, bits) : null;
    }

    /// <summary>
    /// The next bits at or after this one that are set, or that cannot be read (not <c>Known</c>); null if there are none. A run of set
    /// bits ends with its chunk at the latest; if the bitmap is cut, all bits after the cut are one run.
    /// </summary>
    public (long First, long End, bool Known)? NextRun(long bit)
    {
        while (bit < Bits)
        {
            // Skip holes of a sparse source without reading them.
            long data = Math.Min(source.NextData(start + bit / 8) - start, (Bits + 7) / 8) * 8;
            if (data > bit)
            {
                bit = data;
                continue;
            }
            ReadOnlySpan<byte> chunk = chunks[bit / ChunkBits];
            int at = (int)(bit % ChunkBits);
            if (at / 8 >= chunk.Length)
                return (bit, Bits, false);
            int rest = chunk[at / 8] >> (at % 8);
            if (rest == 0)
            {
                int zeros = chunk[(at / 8 + 1)..].IndexOfAnyExcept((byte)0);
                bit = (bit / 8 + 1 + (zeros >= 0 ? zeros : chunk.Length - at / 8 - 1)) * 8;
                continue;
            }
            long first = bit + BitOperations.TrailingZeroCount(rest);
            at = (int)(first % ChunkBits);
            long end = first + BitOperations.TrailingZeroCount(~(chunk[at / 8] >> (at % 8)));
            if (end % 8 == 0)
            {
                int ones = chunk[(at / 8 + 1)..].IndexOfAnyExcept((byte)0xff);
                end += (ones >= 0 ? ones : chunk.Length - at / 8 - 1) * 8L;
            }
            return first < Bits ? (first, Math.Min(end, Bits), true) : null;
        }
        return null;
    }

    /// <summary>
    /// Counts, in one pass over both bitmaps, the bits that are set in this one and the bits that are set only in the other.
    /// </summary>
    public static (long Set, long SetInOtherOnly, long Unreadable) Compare(PageBitmap map, PageBitmap? other)
    {
        long set = 0, otherOnly = 0, unreadable = 0;
        byte[] a = new byte[SweepBytes], b = new byte[SweepBytes];
        long bytes = (map.Bits + 7) / 8;
        for (long at = 0; at < bytes; at += SweepBytes)
        {
            int want = (int)Math.Min(SweepBytes, bytes - at);
            if (map.source.NextData(map.start + at) >= map.start + at + want
                && (other is null || other.source.NextData(other.start + at) >= other.start + at + want))
                continue;
            int got = map.source.Read(map.start + at, a.AsSpan(0, want));
            if (other is not null)
                got = Math.Min(got, other.source.Read(other.start + at, b.AsSpan(0, want)));
            int bits = (int)Math.Min(got * 8L, map.Bits - at * 8);
            set += PopCount(a, bits);
            unreadable += Math.Min(want * 8L, map.Bits - at * 8) - bits;
            if (other is null)
                continue;
            for (int i = 0; i < got; i++)
                b[i] = (byte)(b[i] & ~a[i]);
            otherOnly += PopCount(b, bits);
        }
        return (set, otherOnly, unreadable);
    }

    private bool CountTo(long index)
    {
        lock (gate)
        {
            // While this thread waited, another one may have counted this far, or reached the cut.
            if (cut || index <= counted)
                return index <= counted;
            byte[] sweep = new byte[(int)Math.Min(SweepBytes, (index - counted) * ChunkBytes)];
            while (counted < index)
            {
                long offset = counted * ChunkBytes;
                int want = (int)Math.Min(sweep.Length, (index - counted) * ChunkBytes);
                bool hole = source.NextData(start + offset) >= start + offset + want;
                int got = hole ? want : source.Read(start + offset, sweep.AsSpan(0, want));
                int whole = got / ChunkBytes;
                if (counted + whole + 1 > before.Length)
                    Array.Resize(ref before, (int)Math.Min(Math.Max(counted + whole + 1, before.Length * 2L),
                        (Bits + ChunkBits - 1) / ChunkBits + 1));
                for (int i = 0; i < whole; i++)
                {
                    before[counted + 1] = before[counted] + (hole ? 0 : PopCount(sweep.AsSpan(i * ChunkBytes, ChunkBytes), ChunkBits));
                    Volatile.Write(ref counted, counted + 1);
                }
                if (got < want)
                {
                    cut = true;
                    return index <= counted;
                }
            }
            return true;
        }
    }

    private static long PopCount(ReadOnlySpan<byte> bytes, int bits)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes[..(bits / 64 * 8)]);
        long count = 0;
        foreach (ulong word in words)
            count += BitOperations.PopCount(word);
        for (int i = words.Length * 64; i < bits; i += 8)
        {
            int mask = bits - i >= 8 ? 0xff : (1 << (bits - i)) - 1;
            count += BitOperations.PopCount((uint)(bytes[i / 8] & mask));
        }
        return count;
    }
}
