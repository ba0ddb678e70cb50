using System.Runtime.InteropServices;

namespace Kdump.Formats.Compression;

/// <summary>The functions of zlib.h that are needed to decode a page.</summary>
internal static unsafe partial class ZlibNative
{
    public const string Library = "libz.so.1";

    public const int Ok = 0;
    public const int StreamEnd = 1;
    public const int BufferError = -5;
    public const int Finish = 4;

    /// <exception cref="InvalidOperationException">zlib returned an error: no memory, or its z_stream has another layout than this
    /// one.</exception>
    public static void Initialize(Stream* stream, int windowBits)
    {
        int result;
        fixed (byte* version = "1.2.11\0"u8)
            result = InflateInit2(stream, windowBits, version, sizeof(Stream));
        if (result != Ok)
            throw new InvalidOperationException($"inflateInit2: {Describe(result)}");
    }

    public static string Describe(int result) => result switch
    {
        2 => "needs a dictionary",
        -2 => "stream error",
        -3 => "data error",
        -4 => "no memory",
        -6 => "incompatible version",
        _ => $"error {result}",
    };

    [LibraryImport(Library, EntryPoint = "inflateInit2_")]
    private static partial int InflateInit2(Stream* stream, int windowBits, byte* version, int size);

    [LibraryImport(Library, EntryPoint = "inflate")]
    public static partial int InflateStep(Stream* stream, int flush);

    [LibraryImport(Library, EntryPoint = "inflateReset")]
    public static partial int InflateReset(Stream* stream);

    [LibraryImport(Library, EntryPoint = "inflateEnd")]
    public static partial int InflateEnd(Stream* stream);

    /// <summary>z_stream of a 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Stream
    {
        public byte* NextIn;
        public uint AvailIn;
        public nuint TotalIn;
        public byte* NextOut;
        public uint AvailOut;
        public nuint TotalOut;
        public byte* Message;
        public void* State;
        public void* Allocate;
        public void* Free;
        public void* Opaque;
        public int DataType;
        public nuint Adler;
        public nuint Reserved;
    }
}
