using System.Runtime.InteropServices;

namespace Kdump.Formats.Compression;

/// <summary>xz, LZMA_Alone and MicroLZMA (erofs) by liblzma.</summary>
public sealed unsafe partial class LzmaDecoder : StepDecoder
{
    internal const string Library = "liblzma.so.5";

    /// <summary>The liblzma function for MicroLZMA; available since liblzma 5.4.</summary>
    internal const string MicroFunction = "lzma_microlzma_decoder";

    /// <summary>Maximum memory of a decoder in bytes: the size of the dictionary is controlled by the input. xz -9 needs 65 MB.</summary>
    private const ulong MemoryLimit = 256 << 20;

    private const int Ok = 0, StreamEnd = 1, MemoryLimitError = 6, FormatError = 7, OptionsError = 8, DataError = 9, BufferError = 10;

    private readonly LzmaStream* stream;
    private readonly bool alone;

    private LzmaDecoder(bool alone)
    {
        this.alone = alone;
        stream = (LzmaStream*)NativeMemory.AllocZeroed((nuint)sizeof(LzmaStream));
    }

    public static LzmaDecoder Xz()
    {
        var decoder = new LzmaDecoder(alone: false);
        decoder.Check(lzma_stream_decoder(decoder.stream, MemoryLimit, 0));
        return decoder;
    }

    public static LzmaDecoder Alone()
    {
        var decoder = new LzmaDecoder(alone: true);
        decoder.Check(lzma_alone_decoder(decoder.stream, MemoryLimit));
        return decoder;
    }

    /// <summary>MicroLZMA has no header and no end mark, so the caller must know both sizes, in bytes.</summary>
    public static LzmaDecoder Micro(int compressed, int uncompressed, bool exact, uint dictionary)
    {
        var decoder = new LzmaDecoder(alone: false);
        decoder.Check(lzma_microlzma_decoder(decoder.stream, (ulong)compressed, (ulong)uncompressed, exact ? (byte)1 : (byte)0,
            Math.Min(dictionary, 64u << 20)));
        return decoder;
    }

    protected override StreamStep Step(ReadOnlySpan<byte> input, bool last, Span<byte> output)
    {
        fixed (byte* from = input)
        fixed (byte* to = output)
        {
            stream->NextIn = from;
            stream->AvailIn = (nuint)input.Length;
            stream->NextOut = to;
            stream->AvailOut = (nuint)output.Length;
            int result = lzma_code(stream, 0);
            return new(input.Length - (int)stream->AvailIn, output.Length - (int)stream->AvailOut, result == StreamEnd,
                result is Ok or StreamEnd or BufferError ? null : Words(result));
        }
    }

    protected override void Dispose(bool disposing)
    {
        lzma_end(stream);
        NativeMemory.Free(stream);
    }

    private void Check(int result)
    {
        if (result != Ok)
            throw new StreamBrokenException(Words(result));
    }

    private string Words(int result)
    {
        string name = alone ? "LZMA" : "XZ";
        return result switch
        {
            MemoryLimitError => $"{name} dictionary needs more than {MemoryLimit >> 20} MiB",
            FormatError => $"not the {name} format",
            OptionsError => $"{name} options that liblzma does not know",
            DataError => $"{name}-compressed data is corrupt",
            _ => $"liblzma error {result}",
        };
    }

    /// <summary>lzma_stream of lzma/base.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct LzmaStream
    {
        public byte* NextIn;
        public nuint AvailIn;
        public ulong TotalIn;
        public byte* NextOut;
        public nuint AvailOut;
        public ulong TotalOut;
        public void* Allocator;
        public void* Internal;
        public void* Reserved1;
        public void* Reserved2;
        public void* Reserved3;
        public void* Reserved4;
        public ulong SeekPosition;
        public ulong ReservedInt2;
        public nuint ReservedInt3;
        public nuint ReservedInt4;
        public int ReservedEnum1;
        public int ReservedEnum2;
    }

    [LibraryImport(Library)]
    private static partial int lzma_stream_decoder(LzmaStream* stream, ulong memlimit, uint flags);

    [LibraryImport(Library)]
    private static partial int lzma_alone_decoder(LzmaStream* stream, ulong memlimit);

    [LibraryImport(Library)]
    private static partial int lzma_microlzma_decoder(LzmaStream* stream, ulong compressed, ulong uncompressed, byte exact,
        uint dictionary);

    [LibraryImport(Library)]
    private static partial int lzma_code(LzmaStream* stream, int action);

    [LibraryImport(Library)]
    private static partial void lzma_end(LzmaStream* stream);
}
