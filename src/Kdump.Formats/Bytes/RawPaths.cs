using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Kdump.Formats.Bytes;

/// <summary>
/// Converts paths with names that are not UTF-8, written with <c>\xNN</c> for each such byte as in <see cref="RawNames"/>, into paths
/// that .NET can open: a descriptor (open(2), O_PATH) keeps the file or folder open, and /proc/PID/fd contains a link to it. The
/// resulting paths are valid until this object is disposed.
/// </summary>
public sealed partial class RawPaths : IDisposable
{
    /// <summary>The reason to report if such a file could not be opened.</summary>
    public const string NotOpened = "its name is not UTF-8, and it could not be opened by its bytes: rename it";

    private const int PathOnly = 0x200000, CloseOnExec = 0x80000;

    private readonly Dictionary<string, (string Path, SafeFileHandle Handle)> open = new(StringComparer.Ordinal);

    /// <summary>True if at least one path was converted.</summary>
    public bool Any => open.Count > 0;

    /// <summary>True if the path contains <c>\xNN</c> for a byte that is not UTF-8.</summary>
    public static bool IsOdd(string path) => At(path, 0) >= 0;

    /// <returns>The path itself if it needs no conversion, or if no such file exists.</returns>
    public string Openable(string path)
    {
        if (!IsOdd(path) || Path.Exists(path))
            return path;
        // Open the path up to the last name that needs it; names below that are UTF-8.
        int last = 0;
        for (int at = At(path, 0); at >= 0; at = At(path, at + 1))
            last = at;
        int end = path.IndexOf('/', last);
        string head = end < 0 ? path : path[..end], tail = end < 0 ? "" : path[end..];
        if (!open.TryGetValue(head, out (string Path, SafeFileHandle Handle) held))
        {
            var handle = new SafeFileHandle(OpenBytes(BytesOf(head), PathOnly | CloseOnExec), ownsHandle: true);
            if (handle.IsInvalid)
            {
                handle.Dispose();
                return path;
            }
            // Use the process id: /proc/self/fd is taken for a pipe that the shell opened.
            held = open[head] = ($"/proc/{Environment.ProcessId}/fd/{handle.DangerousGetHandle()}", handle);
        }
        return held.Path + tail;
    }

    /// <summary>The text, with converted paths replaced by the paths as the user specified them.</summary>
    /// <param name="marked">True to write a mark for each byte that is not UTF-8, for output in which a backslash would begin an
    /// escape.</param>
    public string Shown(string text, bool marked = false)
    {
        foreach ((string name, (string path, _)) in open)
        {
            string given = marked ? Marked(name) : name;
            string[] parts = text.Split(path);
            var made = new StringBuilder(parts[0]);
            foreach (string part in parts.Skip(1))
                made.Append(part.Length > 0 && char.IsAsciiDigit(part[0]) ? path : given).Append(part);
            text = made.ToString();
        }
        return text;
    }

    public void Dispose()
    {
        foreach ((_, SafeFileHandle handle) in open.Values)
            handle.Dispose();
        open.Clear();
    }

    /// <summary>Index of the next <c>\xNN</c> for a byte above 127; -1 if there is none.</summary>
    private static int At(string path, int from)
    {
        for (int at = path.IndexOf("\\x", from, StringComparison.Ordinal); at >= 0 && at + 4 <= path.Length;
            at = path.IndexOf("\\x", at + 1, StringComparison.Ordinal))
        {
            if (path[at + 2] is (>= '8' and <= '9') or (>= 'a' and <= 'f') && char.IsAsciiHexDigitLower(path[at + 3]))
                return at;
        }
        return -1;
    }

    private static string Marked(string path)
    {
        for (int at = At(path, 0); at >= 0; at = At(path, at + 1))
            path = path[..at] + RawNames.Mark + path[(at + 4)..];
        return path;
    }

    private static byte[] BytesOf(string path)
    {
        var bytes = new List<byte>(path.Length + 1);
        int from = 0;
        for (int at = At(path, 0); at >= 0; at = At(path, from))
        {
            bytes.AddRange(Encoding.UTF8.GetBytes(path[from..at]));
            bytes.Add(Convert.ToByte(path.Substring(at + 2, 2), 16));
            from = at + 4;
        }
        bytes.AddRange(Encoding.UTF8.GetBytes(path[from..]));
        bytes.Add(0);
        return [.. bytes];
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    private static partial int OpenBytes(byte[] path, int flags);
}
