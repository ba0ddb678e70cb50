using System.Buffers.Binary;
using System.Text;
using Kdump.Formats.Bytes;

namespace Kdump.Sources.Records;

/// <summary>A hash of a file's content. For a large file, size and samples are used, so that a dump of 100 GB is not read twice for its
/// name.</summary>
public static class ContentHash
{
    /// <summary>Files up to this size, in bytes, are hashed whole.</summary>
    private const long Whole = 64 << 20;

    private const int Part = 1 << 20, Parts = 16;

    /// <summary>32 hexadecimal digits; <c>s</c> before those of a file of which parts were taken.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string Of(string path)
    {
        using FileStream file = File.OpenRead(path);
        var hash = new Sha256();
        byte[] buffer = new byte[Part];
        if (file.Length <= Whole)
        {
            while (file.Read(buffer) is > 0 and var n)
                hash.Add(buffer.AsSpan(0, n));
            return Convert.ToHexStringLower(hash.End().AsSpan(0, 16));
        }
        BinaryPrimitives.WriteInt64LittleEndian(buffer, file.Length);
        hash.Add(buffer.AsSpan(0, 8));
        for (int i = 0; i < Parts; i++)
        {
            file.Position = (file.Length - Part) / (Parts - 1) * i;
            hash.Add(buffer.AsSpan(0, file.ReadAtLeast(buffer, Part, throwOnEndOfStream: false)));
        }
        return "s" + Convert.ToHexStringLower(hash.End().AsSpan(0, 16));
    }

    /// <summary>The hash of a text: 16 hexadecimal digits.</summary>
    public static string OfText(string text) =>
        Convert.ToHexStringLower(Sha256.Of(Encoding.UTF8.GetBytes(text)).AsSpan(0, 8));
}
