using System.Runtime.InteropServices;

namespace Kdump.Formats.Compression;

/// <summary>Snappy in its raw block form, the compression of <c>makedumpfile -p</c>.</summary>
public static unsafe partial class Snappy
{
    private const string Library = "libsnappy.so.1";

    public static readonly PageCodec Codec = new("snappy", 4, Library, "Debian: libsnappy1v5, RHEL: snappy", Decode);

    private static string? Decode(ReadOnlySpan<byte> source, Span<byte> target, out int written)
    {
        // In: the room there is. The block's own length, up to 4 GiB, is only compared with it.
        nuint length = (nuint)target.Length;
        int result;
        fixed (byte* from = source, to = target)
            result = Uncompress(from, (nuint)source.Length, to, &length);
        written = result == 0 ? (int)length : 0;
        return result switch
        {
            0 => null,
            2 => $"the snappy data is larger than {target.Length} bytes",
            _ => "the snappy data is broken",
        };
    }

    [LibraryImport(Library, EntryPoint = "snappy_uncompress")]
    private static partial int Uncompress(byte* source, nuint sourceLength, byte* target, nuint* targetLength);
}
