using Kdump.Formats.Bytes;
namespace Kdump.Sources.Inputs;

/// <summary>Finds files with the same content.</summary>
public sealed class Copies
{
    /// <summary>Larger files, such as dumps, are not compared: reading them twice would take minutes.</summary>
    private const long MaxLength = 1L << 30;

    private readonly Dictionary<(long Length, uint Head), List<string>> alike = [];

    /// <summary>An earlier file with the same content; otherwise null, and this file is remembered.</summary>
    public string? Of(string path)
    {
        try
        {
            // A pipe can be read only once, and it has no length.
            var file = new FileInfo(path);
            if (path == "-" || !file.Exists || FileKind.Refusal(path) is not null || FileKind.NotSeekable(path) is not null ||
                file.Length is 0 or > MaxLength)
                return null;
            (long, uint) key = (file.Length, HeadOf(path));
            if (!alike.TryGetValue(key, out List<string>? others))
                alike[key] = others = [];
            string? first = others.Find(other => Same(other, path));
            if (first is null)
                others.Add(path);
            return first;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The checksum of its first bytes: thousands of files of one length are not compared with each other.</summary>
    private static uint HeadOf(string path)
    {
        using FileStream file = Open(path);
        var head = new byte[4096];
        var crc = new Crc32();
        crc.Add(head.AsSpan(0, file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)));
        return crc.Value;
    }

    private static bool Same(string a, string b)
    {
        using FileStream first = Open(a), second = Open(b);
        byte[] left = new byte[1 << 16], right = new byte[1 << 16];
        for (;;)
        {
            int n = first.ReadAtLeast(left, left.Length, throwOnEndOfStream: false),
                m = second.ReadAtLeast(right, right.Length, throwOnEndOfStream: false);
            if (n != m || !left.AsSpan(0, n).SequenceEqual(right.AsSpan(0, m)))
                return false;
            if (n < left.Length)
                return true;
        }
    }

    private static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
}
