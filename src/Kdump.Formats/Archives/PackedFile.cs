using Kdump.Formats.Compression;

namespace Kdump.Formats.Archives;

/// <summary>A small compressed file (a kernel module, firmware, a man page) unpacked in memory.</summary>
public static class PackedFile
{
    /// <summary>
    /// Unpacks the bytes if they begin a compressed stream, otherwise returns them unchanged; at most <paramref name="max"/> bytes.
    /// </summary>
    public static byte[] Unpack(byte[] bytes, string name, int max)
    {
        if (StreamCodecs.Of(bytes) is not { } codec)
            return bytes;
        using var unpacked = new UnpackedBytes(new MemorySource(name, bytes), 0, bytes.Length, codec, window: 16);
        var result = new byte[Math.Min(max, Math.Max(64 * 1024, bytes.Length * 4L))];
        int count = 0;
        while (unpacked.Read(result.AsSpan(count)) is > 0 and var n)
        {
            count += n;
            if (count == max)
                break;
            if (count == result.Length)
                Array.Resize(ref result, (int)Math.Min(max, result.Length * 2L));
        }
        Array.Resize(ref result, count);
        return result;
    }
}
