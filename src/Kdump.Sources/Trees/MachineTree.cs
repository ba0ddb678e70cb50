using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;

namespace Kdump.Sources.Trees;

/// <summary>
/// The files of a machine: <c>/</c>, a sosreport or a collected folder. Links are followed inside it, never out of it; what is
/// missing or cannot be read is null. Only regular files are opened.
/// </summary>
public sealed class MachineTree
{
    private static readonly string[] Folders = ["/etc", "/proc", "/sys", "/boot", "/usr", "/lib", "/sos_commands"];

    private const int MaxLinks = 40;
    private const int MaxNames = 65536;

    /// <summary>The most bytes that are read of a text file: modules.alias has 1.5 MB.</summary>
    private const int MaxText = 16 << 20;

    private static readonly string[] Shells = ["/bin/sh", "/usr/bin/sh", "/usr/bin/bash"];

    private readonly IFileTree files;

    /// <summary>Large files that a collection lists but does not hold, with size and time.</summary>
    private readonly Listing listing;

    /// <param name="directory">The folder on this machine.</param>
    public MachineTree(string directory) : this(new FolderTree(directory), directory.TrimEnd('/'))
    {
    }

    public MachineTree(IFileTree files, string name)
    {
        this.files = files;
        Name = name.Length == 0 ? "/" : name;
        listing = Listing.Read(files);
    }

    /// <summary>The folder or archive as the user named it.</summary>
    public string Name { get; }

    /// <summary>Why not all of it could be read; null while nothing is known to be missing.</summary>
    public string? Note => (files as ArchiveTree)?.Note;

    /// <summary>It has at least one of the folders of a Linux machine.</summary>
    public bool IsMachine => Array.Exists(Folders, files.IsFolder);

    /// <summary>The name of the file for messages.</summary>
    public string Shown(string path) => files.Shown(path);

    /// <summary>A complete root file system, not a collection of files from one: what is not in it, the machine does not have.</summary>
    public bool IsWhole => Name == "/" || (Note is null && Shells.Any(IsFile) && IsFile("/etc/os-release") && !listing.Any &&
        !IsFolder("/sos_commands") && !IsFile("/manifest.json"));

    public bool IsFile(string path) => Resolve(path) is { } real && files.IsFile(real);

    /// <summary>A file or a folder.</summary>
    public bool Exists(string path) => IsFile(path) || IsFolder(path);

    /// <summary>The machine has the file, whether or not a collection contains it.</summary>
    public bool Knows(string path) => Resolve(path) is { } real && (files.IsFile(real) || listing.Of(real) is not null);

    public bool IsFolder(string path) => Resolve(path) is { } real && files.IsFolder(real);

    /// <summary>Opens the file at its beginning; null if it does not exist or cannot be read.</summary>
    public Stream? Open(string path) => Resolve(path) is { } real ? files.Open(real) : null;

    public byte[]? Bytes(string path, int max = MaxText)
    {
        using Stream? stream = Open(path);
        if (stream is null)
            return null;
        try
        {
            // Files of /proc and /sys report a length of zero.
            var buffer = new byte[stream.CanSeek && stream.Length > 0 ? (int)Math.Min(stream.Length, max) : 4096];
            int count = 0;
            while (stream.Read(buffer, count, buffer.Length - count) is > 0 and var n)
            {
                count += n;
                if (count == max)
                    break;
                if (count == buffer.Length)
                    Array.Resize(ref buffer, (int)Math.Min(max, buffer.Length * 2L));
            }
            Array.Resize(ref buffer, count);
            return buffer;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public string? Text(string path) =>
        Bytes(path) is { } bytes ? System.Text.Encoding.UTF8.GetString(bytes).TrimEnd('\n', '\0', ' ') : null;

    /// <summary>Feeds a text file to a parser; false when there is none.</summary>
    public bool Parse(string path, LineParser parser, Facts facts)
    {
        if (Bytes(path) is not { } bytes)
            return false;
        var reader = new LineReader(Shown(path), new MemoryStream(bytes));
        while (reader.Next(out TextLine line))
            parser.Line(line, facts);
        parser.End(facts);
        return true;
    }

    /// <summary>The file exists, but this user may not read it.</summary>
    public bool IsForbidden(string path) => Resolve(path) is { } real && files.IsForbidden(real);

    /// <summary>The target of a link, made absolute inside the root; null when the path is no link.</summary>
    public string? Link(string path)
    {
        int slash = path.LastIndexOf('/');
        if (slash < 0 || Resolve(slash == 0 ? "/" : path[..slash]) is not { } folder)
            return null;
        string at = folder.TrimEnd('/') + path[slash..];
        return files.LinkTarget(at) is { } target ? Normal(target.StartsWith('/') ? target : folder + "/" + target) : null;
    }

    public IReadOnlyList<string> List(string path) => Resolve(path) is not { } real ? []
        : files.Names(real).Union(listing.In(real), StringComparer.Ordinal).Take(MaxNames).Order(StringComparer.Ordinal).ToArray();

    /// <summary>Seconds since 1970, or 0.</summary>
    public long Modified(string path)
    {
        if (Resolve(path) is not { } real)
            return 0;
        return listing.Of(real) is { } entry ? entry.Modified : files.Modified(real);
    }

    /// <summary>Somebody may execute the file; null where that cannot be known.</summary>
    public bool? IsExecutable(string path) => Resolve(path) is { } real ? files.IsExecutable(real) : null;

    /// <summary>SELinux's label, <c>""</c> for none; null where that cannot be known.</summary>
    public string? Label(string path) => Resolve(path) is { } real ? files.Label(real) : null;

    /// <summary>Bytes of a file, or 0.</summary>
    public long Length(string path)
    {
        if (Resolve(path) is not { } real)
            return 0;
        if (listing.Of(real) is { } entry)
            return entry.Size;
        using Stream? stream = files.Open(real);
        return stream is { CanSeek: true } ? stream.Length : 0;
    }

    /// <summary>The path with every link in it followed inside the root; null for a loop or too many links.</summary>
    public string? Resolve(string path)
    {
        var left = new Stack<string>(path.Split('/', StringSplitOptions.RemoveEmptyEntries).AsEnumerable().Reverse());
        var done = new List<string>();
        int links = MaxLinks;
        while (left.TryPop(out string? part))
        {
            if (part == ".")
                continue;
            if (part == "..")
            {
                if (done.Count > 0)
                    done.RemoveAt(done.Count - 1);
                continue;
            }
            string here = "/" + string.Join('/', done.Append(part));
            if (files.LinkTarget(here) is not { } target)
            {
                done.Add(part);
                continue;
            }
            if (links-- == 0)
                return null;
            if (target.StartsWith('/'))
                done.Clear();
            foreach (string step in target.Split('/', StringSplitOptions.RemoveEmptyEntries).AsEnumerable().Reverse())
                left.Push(step);
        }
        return "/" + string.Join('/', done);
    }

    private static string Normal(string path)
    {
        var done = new List<string>();
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".." && done.Count > 0)
                done.RemoveAt(done.Count - 1);
            else if (part is not ("." or ".."))
                done.Add(part);
        }
        return "/" + string.Join('/', done);
    }
}
