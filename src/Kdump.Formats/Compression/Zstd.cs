using System.Runtime.InteropServices;
using SharpCompress.Compressors.ZStandard;

namespace Kdump.Formats.Compression;

/// <summary>Zstandard (RFC 8878), the compression of <c>makedumpfile -z</c>: one frame per page.</summary>
public static unsafe partial class Zstd
{
    private const string Library = "libzstd.so.1";

    public static readonly PageCodec Codec = new("zstd", 0x20, Decode);

    [ThreadStatic]
    private static Context? context;

    [ThreadStatic]
    private static Decompressor? managed;

    private static string? Decode(ReadOnlySpan<byte> source, Span<byte> target, out int written)
    {
        if (!SystemLibrary.Has(Library))
            return DecodeHere(source, target, out written);
        context ??= new Context();
        nuint result;
        // Decoding in one call into a buffer of known size allocates no window, whatever size the frame claims.
        fixed (byte* from = source, to = target)
            result = DecompressContext(context.Pointer, to, (nuint)target.Length, from, (nuint)source.Length);
        bool failed = IsError(result) != 0;
        written = failed ? 0 : (int)result;
        return failed ? $"the zstd data is broken ({Describe(result)})" : null;
    }

    /// <summary>Decodes a page without libzstd; returns null, or the reason of the failure.</summary>
    private static string? DecodeHere(ReadOnlySpan<byte> source, Span<byte> target, out int written)
    {
        managed ??= new Decompressor();
        try
        {
            written = managed.Unwrap(source, target);
            return null;
        }
        catch (Exception e)
        {
            // SharpCompress reports errors by many types of exceptions.
            written = 0;
            return $"the zstd data is broken ({e.Message})";
        }
    }

    private static string Describe(nuint result) => Marshal.PtrToStringUTF8((nint)ErrorName(result)) ?? "unknown error";

    [LibraryImport(Library, EntryPoint = "ZSTD_createDCtx")]
    private static partial void* CreateContext();

    [LibraryImport(Library, EntryPoint = "ZSTD_freeDCtx")]
    private static partial nuint FreeContext(void* context);

    [LibraryImport(Library, EntryPoint = "ZSTD_decompressDCtx")]
    private static partial nuint DecompressContext(void* context, byte* target, nuint capacity, byte* source, nuint length);

    [LibraryImport(Library, EntryPoint = "ZSTD_isError")]
    private static partial uint IsError(nuint result);

    [LibraryImport(Library, EntryPoint = "ZSTD_getErrorName")]
    private static partial byte* ErrorName(nuint result);

    private sealed class Context
    {
        public readonly void* Pointer = CreateContext();

        ~Context() => _ = FreeContext(Pointer);
    }
}
