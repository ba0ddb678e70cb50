using Kdump.Formats.Bytes;
namespace Kdump.Sources.Inputs;

/// <summary>Tells files with the same content apart from those that only have the same length.</summary>
public sealed class Copies
{
    /// <summary>Dumps are not compared: nobody gives gigabytes twice by accident.</summary>
    private const long MaxLength = 1L << 30;

    private readonly Dictionary<long, List<string>> byLength = [];

    /// <summary>A file seen before that holds the same; else null, and this one is remembered.</summary>
    public string? Of(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (path == "-" || !file.Exists || FileKind.Refusal(path) is not null || file.Length is 0 or > MaxLength)
                return null;
            if (!byLength.TryGetValue(file.Length, out List<string>? alike))
                byLength[file.Length] = alike = [];
            string? first = alike.Find(other => Same(other, path));
            if (first is null)
                alike.Add(path);
            return first;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            return null;
        }
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
