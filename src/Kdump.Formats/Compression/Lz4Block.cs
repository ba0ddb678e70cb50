using System.Runtime.InteropServices;

namespace Kdump.Formats.Compression;

/// <summary>
/// One bare LZ4 block (doc/lz4_Block_format.md of LZ4), by liblz4 where it is installed. A block is a list of sequences: a token with two
/// lengths, literals, and an offset back into the decoded bytes. The last sequence has only literals.
/// </summary>
internal static unsafe partial class Lz4Block
{
    public const string Library = "liblz4.so.1";

    private const int MinMatch = 4;

    /// <summary>
    /// Decodes a block; returns the number of bytes written, or a negative number if the block is damaged or does not fit in the output.
    /// </summary>
    public static int Decode(ReadOnlySpan<byte> input, Span<byte> output)
    {
        if (!SystemLibrary.Has(Library))
            return Decode(input, output, 0, part: false);
        fixed (byte* from = input)
        fixed (byte* to = output)
            return LZ4_decompress_safe(from, to, input.Length, output.Length);
    }

    /// <summary>Decodes a block until the output is full. The rest of the input is ignored.</summary>
    public static int DecodePart(ReadOnlySpan<byte> input, Span<byte> output)
    {
        if (!SystemLibrary.Has(Library))
            return Decode(input, output, 0, part: true);
        fixed (byte* from = input)
        fixed (byte* to = output)
            return LZ4_decompress_safe_partial(from, to, input.Length, output.Length, output.Length);
    }

    /// <summary>
    /// Decodes a block without any library. The bytes before it in the window are those that it may refer to. Returns the number of bytes
    /// written, or -1.
    /// </summary>
    /// <param name="start">Index in <paramref name="window"/> at which the decoded bytes begin.</param>
    /// <param name="part">True if the block may decode to more bytes than fit in the window; the rest is then ignored.</param>
    public static int Decode(ReadOnlySpan<byte> input, Span<byte> window, int start, bool part)
    {
        int at = 0, to = start;
        while (at < input.Length)
        {
            int token = input[at++];
            int literals = token >> 4;
            if (literals == 15 && !Longer(input, ref at, ref literals))
                return -1;
            int room = window.Length - to;
            if (literals > input.Length - at || (literals > room && !part))
                return -1;
            int copied = Math.Min(literals, room);
            input.Slice(at, copied).CopyTo(window[to..]);
            to += copied;
            at += literals;
            if (at == input.Length || (part && to == window.Length))
                return to - start;
            if (input.Length - at < 2)
                return -1;
            int back = input[at] | input[at + 1] << 8;
            at += 2;
            int length = token & 15;
            if (length == 15 && !Longer(input, ref at, ref length))
                return -1;
            length += MinMatch;
            if (back == 0 || back > to || (length > window.Length - to && !part))
                return -1;
            to = Repeat(window, to, back, Math.Min(length, window.Length - to));
            if (part && to == window.Length)
                return to - start;
        }
        // A block ends after literals; one that ends after a match, or is empty, is truncated.
        return part && to > start ? to - start : -1;
    }

    /// <summary>
    /// Copies bytes from <paramref name="back"/> bytes before the end of the output; source and target may overlap. Returns the index
    /// after the last byte written.
    /// </summary>
    public static int Repeat(Span<byte> window, int to, int back, int length)
    {
        if (back >= length)
            window.Slice(to - back, length).CopyTo(window[to..]);
        else
        {
            for (int i = 0; i < length; i++)
                window[to + i] = window[to + i - back];
        }
        return to + length;
    }

    private static bool Longer(ReadOnlySpan<byte> input, ref int at, ref int length)
    {
        for (;;)
        {
            if (at == input.Length || length > int.MaxValue - 1024)
                return false;
            int more = input[at++];
            length += more;
            if (more != 255)
                return true;
        }
    }

    [LibraryImport(Library)]
    private static partial int LZ4_decompress_safe(byte* source, byte* target, int compressed, int capacity);

    [LibraryImport(Library)]
    private static partial int LZ4_decompress_safe_partial(byte* source, byte* target, int compressed, int wanted, int capacity);
}
