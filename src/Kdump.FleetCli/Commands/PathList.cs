using System.Collections.Concurrent;
using System.Text;
using Kdump.Formats.Bytes;

namespace Kdump.FleetCli.Commands;

/// <summary>Paths from a stream: one a line, or each ended by a zero byte, as <c>find -print0</c> writes names that hold
/// anything.</summary>
internal static class PathList
{
    private const int Head = 64 << 10;

    /// <summary>Paths that are read before they are taken.</summary>
    private const int Ahead = 4096;

    /// <summary>The paths until the stream or the wait for it ends: whoever asks for an end may not have to wait for more of
    /// them.</summary>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public static IEnumerable<string> Read(Stream input, CancellationToken stop)
    {
        var paths = new BlockingCollection<string>(Ahead);
        IOException? broken = null;
        new Thread(() =>
        {
            try
            {
                foreach (string path in Read(input))
                    paths.Add(path);
            }
            catch (IOException e)
            {
                broken = e;
            }
            paths.CompleteAdding();
        }) { IsBackground = true }.Start();
        while (Next(paths, stop) is { } path)
            yield return path;
        if (broken is not null)
            throw broken;
    }

    private static string? Next(BlockingCollection<string> paths, CancellationToken stop)
    {
        try
        {
            return paths.TryTake(out string? path, Timeout.Infinite, stop) ? path : null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    public static IEnumerable<string> Read(Stream input)
    {
        var buffer = new byte[Head];
        int length = input.ReadAtLeast(buffer, Head, throwOnEndOfStream: false);
        // Longer than any path: a zero byte stands in it, if they end so.
        byte end = buffer.AsSpan(0, length).Contains((byte)0) ? (byte)0 : (byte)'\n';
        var path = new List<byte>();
        while (length > 0)
        {
            for (int i = 0; i < length; i++)
            {
                if (buffer[i] != end)
                    path.Add(buffer[i]);
                else if (Taken(path, end) is { } whole)
                    yield return whole;
            }
            length = input.Read(buffer);
        }
        if (Taken(path, end) is { } last)
            yield return last;
    }

    private static string? Taken(List<byte> path, byte end)
    {
        byte[] bytes = [.. path];
        string text = RawNames.Escaped(bytes) ?? Encoding.UTF8.GetString(bytes);
        path.Clear();
        text = end == '\n' ? text.TrimEnd('\r') : text;
        return text.Length == 0 ? null : text;
    }
}
