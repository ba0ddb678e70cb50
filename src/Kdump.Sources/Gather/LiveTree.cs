using Kdump.Formats.Bytes;
using System.Globalization;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Gather;

/// <summary>
/// The machine's files as they are, below <c>/</c> or another root. A missing file yields nothing; a file that cannot be read has a reason.
/// </summary>
public sealed class LiveTree(string root)
{
    /// <summary>Entries of one folder: /sys/bus/pci/devices holds a few thousand at most.</summary>
    private const int MaxEntries = 65536;

    private readonly string root = root.TrimEnd('/');
    private readonly MachineTree links = new(root);

    /// <summary>True for the running machine: then programs can be run too.</summary>
    public bool IsLive => root.Length == 0;

    public string Shown(string path) => root + path;

    public IReadOnlyList<string> List(string folder)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries(root + folder).Take(MaxEntries).Select(p => Path.GetFileName(p))
                .Order(StringComparer.Ordinal).ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    public bool IsFolder(string path) => Directory.Exists(root + path);

    public bool IsFile(string path) => File.Exists(root + path);

    /// <summary>The path after following every link; for a tree of another machine, inside that tree.</summary>
    public string? Resolve(string path) => links.Resolve(path);

    public string? Link(string path)
    {
        try
        {
            return new FileInfo(root + path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Paths that a pattern stands for; a <c>*</c> within a step is any run of characters but a slash.</summary>
    public IEnumerable<string> Expand(string pattern)
    {
        IEnumerable<string> found = [""];
        foreach (string step in pattern.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            found = step.Contains('*')
                ? found.SelectMany(f => List(f.Length == 0 ? "/" : f)
                    .Where(n => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(step, n, ignoreCase: false))
                    .Select(n => f + "/" + n))
                : found.Select(f => f + "/" + step);
        }
        return found;
    }

    /// <summary>The beginning of a file; a reason if the file exists but cannot be read; neither if there is no regular file.</summary>
    public (byte[]? Content, string? Reason, bool Cut) Read(string path, int cap)
    {
        if (Resolve(path) is not { } real)
            return (null, null, false);
        string file = root + real;
        if (!File.Exists(file) || FileKind.Refusal(file) is not null)
            return (null, null, false);
        try
        {
            // An attribute that can only be written.
            if ((File.GetUnixFileMode(file) & (UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead)) == 0)
                return (null, null, false);
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            // Files of /proc and /sys do not know their length. Each read must have room for at least a page, otherwise sysfs
            // returns only a part.
            var buffer = new byte[Math.Min(cap, stream.CanSeek && stream.Length > 4096 ? (int)Math.Min(stream.Length, cap) : 16384)];
            int count = 0;
            for (int n; (n = stream.Read(buffer, count, buffer.Length - count)) > 0;)
            {
                count += n;
                if (count == cap)
                    return (buffer, null, stream.ReadByte() >= 0);
                if (count == buffer.Length)
                    Array.Resize(ref buffer, (int)Math.Min(cap, buffer.Length * 2L));
            }
            return (buffer[..count], null, false);
        }
        catch (UnauthorizedAccessException)
        {
            return (null, "permission denied", false);
        }
        catch (IOException e)
        {
            return (null, e.Message.Replace($" : '{file}'", "", StringComparison.Ordinal), false);
        }
    }

    public (UnixFileMode Mode, DateTimeOffset Modified) StatusOf(string path)
    {
        try
        {
            return (File.GetUnixFileMode(root + path) & (UnixFileMode)0x1ff, new DateTimeOffset(File.GetLastWriteTimeUtc(root + path)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            return (UnixFileMode.UserRead, DateTimeOffset.UnixEpoch);
        }
    }

    /// <summary>One line of a listing: kind, size, time, path.</summary>
    public string? Listed(string path)
    {
        try
        {
            var info = new FileInfo(root + path);
            bool folder = (info.Attributes & FileAttributes.Directory) != 0;
            if (!info.Exists && !folder)
                return null;
            string kind;
            if (info.LinkTarget is not null)
                kind = "link";
            else
                kind = folder ? "folder" : "file";
            return string.Create(CultureInfo.InvariantCulture,
                $"{kind}\t{(kind == "file" ? info.Length : 0)}\t{info.LastWriteTimeUtc:yyyy-MM-ddTHH:mm:ssZ}\t{path}" +
                    $"{(kind == "link" ? " -> " + info.LinkTarget : "")}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
