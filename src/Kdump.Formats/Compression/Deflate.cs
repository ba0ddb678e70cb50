using System.Runtime.InteropServices;

namespace Kdump.Formats.Compression;

/// <summary>
/// libdeflate: decodes a whole zlib page about twice as fast as zlib does (it keeps no stream state). It is used if it is installed;
/// otherwise <see cref="Zlib"/> decodes the page.
/// </summary>
internal static unsafe partial class Deflate
{
    public const string Library = "libdeflate.so.0";

    [ThreadStatic]
    private static Decompressor? decompressor;

    /// <summary>Decodes a page; false if the data is damaged or does not fit in the target.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> source, Span<byte> target, out int written)
    {
        decompressor ??= new Decompressor();
        nuint length = 0;
        int result;
        fixed (byte* from = source, to = target)
            result = Decompress(decompressor.Pointer, from, (nuint)source.Length, to, (nuint)target.Length, &length);
        written = result == 0 ? (int)length : 0;
        return result == 0;
    }

    [LibraryImport(Library, EntryPoint = "libdeflate_alloc_decompressor")]
    private static partial void* Allocate();

    [LibraryImport(Library, EntryPoint = "libdeflate_free_decompressor")]
    private static partial void Free(void* decompressor);

    [LibraryImport(Library, EntryPoint = "libdeflate_zlib_decompress")]
    private static partial int Decompress(void* decompressor, byte* source, nuint sourceLength, byte* target, nuint capacity,
        nuint* length);

    private sealed class Decompressor
    {
        public readonly void* Pointer = Allocate();

        ~Decompressor() => Free(Pointer);
    }
}
