using System.Runtime.InteropServices;

namespace Kdump.Formats.Compression;

/// <summary>
/// One bare LZO1X block, by liblzo2 where it is installed. The format is described in the kernel's Documentation/staging/lzo.rst: a list
/// of instructions, each of which copies bytes from the decoded output and may be followed by up to three literals.
/// </summary>
internal static unsafe partial class LzoBlock
{
    public const string Library = "liblzo2.so.2";

    /// <summary>Error codes of lzo/lzoconf.h.</summary>
    public const int InputOverrun = -4, OutputOverrun = -5, LookBehind = -6, InputNotConsumed = -8;

    /// <summary>Decodes a block; returns 0, or an error code.</summary>
    public static int Decode(ReadOnlySpan<byte> input, Span<byte> output, out int written)
    {
        if (!SystemLibrary.Has(Library))
            return DecodeHere(input, output, out written);
        nuint length = (nuint)output.Length;
        int result;
        // The _safe decoder checks every length and look-behind against both buffers.
        fixed (byte* from = input, to = output)
            result = lzo1x_decompress_safe(from, (nuint)input.Length, to, &length, null);
        written = result == 0 ? (int)length : 0;
        return result;
    }

    /// <summary>Decodes a block without any library; returns 0, or an error code.</summary>
    public static int DecodeHere(ReadOnlySpan<byte> input, Span<byte> output, out int written)
    {
        int at = 0, to = 0, state = 0;
        written = 0;
        if (input.Length > 0 && input[0] > 17)
        {
            int first = input[at++] - 17;
            if (Literals(input, output, ref at, ref to, first) is var early and < 0)
                return early;
            state = Math.Min(first, 4);
        }
        for (;;)
        {
            if (at == input.Length)
                return InputOverrun;
            int code = input[at++], length, back;
            if (code < 16 && state == 0)
            {
                length = code;
                if (!Longer(input, ref at, ref length, 15))
                    return InputOverrun;
                if (Literals(input, output, ref at, ref to, length + 3) is var result and < 0)
                    return result;
                state = 4;
                continue;
            }
            int tail;
            if (code is < 16 or >= 64)
            {
                if (at == input.Length)
                    return InputOverrun;
                int high = input[at++];
                tail = code & 3;
                (length, back) = code switch
                {
                    < 16 when state == 4 => (3, (high << 2) + (code >> 2) + 2049),
                    < 16 => (2, (high << 2) + (code >> 2) + 1),
                    < 128 => (3 + (code >> 5 & 1), (high << 3) + (code >> 2 & 7) + 1),
                    _ => (5 + (code >> 5 & 3), (high << 3) + (code >> 2 & 7) + 1),
                };
            }
            else
            {
                int mask = code < 32 ? 7 : 31;
                length = code & mask;
                if (!Longer(input, ref at, ref length, mask) || input.Length - at < 2)
                    return InputOverrun;
                length += 2;
                int word = input[at] | input[at + 1] << 8;
                at += 2;
                tail = word & 3;
                back = code < 32 ? 16384 + ((code & 8) << 11) + (word >> 2) : (word >> 2) + 1;
                if (code < 32 && back == 16384)
                {
                    written = to;
                    return at == input.Length ? 0 : InputNotConsumed;
                }
            }
            if (back > to)
                return LookBehind;
            if (length > output.Length - to)
                return OutputOverrun;
            to = Lz4Block.Repeat(output, to, back, length);
            state = tail;
            if (Literals(input, output, ref at, ref to, tail) is var few and < 0)
                return few;
        }
    }

    private static int Literals(ReadOnlySpan<byte> input, Span<byte> output, ref int at, ref int to, int count)
    {
        if (count > input.Length - at)
            return InputOverrun;
        if (count > output.Length - to)
            return OutputOverrun;
        input.Slice(at, count).CopyTo(output[to..]);
        at += count;
        to += count;
        return 0;
    }

    /// <summary>
    /// Reads the continuation of a length whose field is zero: each zero byte adds 255, and the first other byte ends the length.
    /// </summary>
    private static bool Longer(ReadOnlySpan<byte> input, ref int at, ref int length, int most)
    {
        if (length != 0)
            return true;
        length = most;
        for (;;)
        {
            if (at == input.Length || length > int.MaxValue - 1024)
                return false;
            int more = input[at++];
            length += more == 0 ? 255 : more;
            if (more != 0)
                return true;
        }
    }

    [LibraryImport(Library)]
    private static partial int lzo1x_decompress_safe(byte* source, nuint sourceSize, byte* target, nuint* targetSize, void* work);
}
