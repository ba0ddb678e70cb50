using System.Runtime.InteropServices;

namespace Kdump.Formats.Compression;

/// <summary>LZO1X, the compression of <c>makedumpfile -l</c>: bare blocks, no header, no checksum.</summary>
public static unsafe partial class Lzo
{
    private const string Library = "liblzo2.so.2";

    public static readonly PageCodec Codec = new("lzo", 2, Library, "Debian: liblzo2-2, RHEL: lzo", Decode);

    private static string? Decode(ReadOnlySpan<byte> source, Span<byte> target, out int written)
    {
        nuint length = (nuint)target.Length;
        int result;
        // The _safe decoder checks every length and look-behind against both buffers.
        fixed (byte* from = source, to = target)
            result = Decompress(from, (nuint)source.Length, to, &length, null);
        written = result == 0 ? (int)length : 0;
        return result switch
        {
            0 => null,
            -4 => "the lzo data is cut short",
            -5 => $"the lzo data is larger than {target.Length} bytes",
            -6 => "the lzo data looks back before its start",
            -8 => "the lzo data ends before its block does",
            _ => $"the lzo data is broken (error {result})",
        };
    }

    [LibraryImport(Library, EntryPoint = "lzo1x_decompress_safe")]
    private static partial int Decompress(byte* source, nuint sourceLength, byte* target, nuint* targetLength, void* workMemory);
}
