using System.Runtime.InteropServices;

namespace Kdump.Formats.Compression;

/// <summary>Snappy in its raw block form (format_description.txt of snappy), the compression of <c>makedumpfile -p</c>.</summary>
public static unsafe partial class Snappy
{
    private const string Library = "libsnappy.so.1";

    public static readonly PageCodec Codec = new("snappy", 4, Decode);

    private static string? Decode(ReadOnlySpan<byte> source, Span<byte> target, out int written)
    {
        if (!SystemLibrary.Has(Library))
            return DecodeHere(source, target, out written);
        // On input the size of the target. The length that the block claims, up to 4 GiB, is only compared with it.
        nuint length = (nuint)target.Length;
        int result;
        fixed (byte* from = source, to = target)
            result = Uncompress(from, (nuint)source.Length, to, &length);
        written = result == 0 ? (int)length : 0;
        return result switch
        {
            0 => null,
            2 => TooLarge(target),
            _ => Broken,
        };
    }

    /// <summary>Decodes a page without any library; returns null, or the reason of the failure.</summary>
    private static string? DecodeHere(ReadOnlySpan<byte> source, Span<byte> target, out int written)
    {
        written = 0;
        ulong claimed = 0;
        int at = 0, to = 0;
        for (int shift = 0; ; shift += 7)
        {
            if (at == source.Length || shift > 28)
                return Broken;
            claimed |= (ulong)(source[at] & 0x7f) << shift;
            if (source[at++] < 0x80)
                break;
        }
        if (claimed > (ulong)target.Length)
            return TooLarge(target);
        Span<byte> room = target[..(int)claimed];
        while (at < source.Length)
        {
            int tag = source[at++], more = (tag & 3) switch { 0 => Math.Max(0, (tag >> 2) - 59), 1 => 1, 2 => 2, _ => 4 };
            if (more > source.Length - at)
                return Broken;
            uint value = 0;
            for (int i = 0; i < more; i++)
                value |= (uint)source[at++] << (8 * i);
            if ((tag & 3) == 0)
            {
                long literals = (more == 0 ? tag >> 2 : (long)value) + 1;
                if (literals > source.Length - at || literals > room.Length - to)
                    return Broken;
                source.Slice(at, (int)literals).CopyTo(room[to..]);
                at += (int)literals;
                to += (int)literals;
                continue;
            }
            (int length, long back) = (tag & 3) == 1
                ? (4 + (tag >> 2 & 7), ((long)(tag >> 5) << 8) + value)
                : (1 + (tag >> 2), (long)value);
            if (back == 0 || back > to || length > room.Length - to)
                return Broken;
            to = Lz4Block.Repeat(room, to, (int)back, length);
        }
        written = to == room.Length ? to : 0;
        return to == room.Length ? null : Broken;
    }

    private const string Broken = "the snappy data is broken";

    private static string TooLarge(Span<byte> target) => $"the snappy data is larger than {target.Length} bytes";

    [LibraryImport(Library, EntryPoint = "snappy_uncompress")]
    private static partial int Uncompress(byte* source, nuint sourceLength, byte* target, nuint* targetLength);
}
