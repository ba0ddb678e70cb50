using Kdump.Diagnosis.Model;

namespace Kdump.Sources.Trees;

/// <summary>
/// The files inside an archive, read without writing to disk: one pass for the names and the small files, another one for each
/// large file that is asked for. Names and links that lead out of the archive, and devices, are kept as names only.
/// </summary>
public sealed class ArchiveTree : IFileTree
{
    /// <summary>A sosreport has some ten thousand entries, a collection some twenty thousand.</summary>
    private const int MaxEntries = 200_000;

    /// <summary>Files up to this size are kept while the archive is indexed.</summary>
    private const int KeptFile = 4 << 20;

    /// <summary>All kept files together.</summary>
    private const long KeptInAll = 192 << 20;

    /// <summary>The most bytes that are read of one member.</summary>
    private const long MaxMember = 1L << 30;

    /// <summary>Passes for files that are not kept: each may unpack all of the archive.</summary>
    private const int MaxPasses = 64;

    private readonly string name;
    private readonly Func<IEnumerable<ArchiveMember>> members;
    private readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedSet<string>> folders = new(StringComparer.Ordinal) { ["/"] = new(StringComparer.Ordinal) };
    private string prefix = "";
    private int passes;

    private ArchiveTree(string name, Func<IEnumerable<ArchiveMember>> members)
    {
        this.name = name;
        this.members = members;
        Index();
    }

    /// <summary>Why not all of the archive could be read; null when it could.</summary>
    public string? Note { get; private set; }

    /// <summary>Adds the parts that the unpacking code found missing.</summary>
    public ArchiveTree Without(string? missing)
    {
        Note ??= missing;
        return this;
    }

    /// <summary>Every regular file, in the order of names.</summary>
    public IEnumerable<string> Files => entries.Where(e => e.Value.Link is null).Select(e => e.Key).Order(StringComparer.Ordinal);

    /// <param name="open">The archive from its first byte on, unpacked; called for each pass.</param>
    public static ArchiveTree Tar(string name, Func<Stream> open) => new(name, () => TarMembers.Of(open));

    /// <param name="open">The archive; called for each pass, and the stream must be able to seek.</param>
    public static ArchiveTree Zip(string name, Func<Stream> open) => new(name, () => ZipMembers.Of(open));

    /// <param name="open">The archive; called for each pass, and the stream must be able to seek.</param>
    public static ArchiveTree SevenZip(string name, Func<Stream> open) => new(name, () => SevenZipMembers.Of(open));

    /// <param name="open">The archive; called for each pass.</param>
    public static ArchiveTree Rar(string name, Func<Stream> open) => new(name, () => RarMembers.Of(open));

    /// <param name="open">The report; called for each pass.</param>
    public static ArchiveTree Apport(string name, Func<Stream> open) => new(name, () => ApportMembers.Of(open));

    public string Shown(string path) => name + path;

    public bool IsFile(string path) => entries.TryGetValue(path, out Entry? entry) && entry.Link is null;

    public bool IsFolder(string path) => folders.ContainsKey(path.Length == 0 ? "/" : path);

    public bool IsForbidden(string path) => false;

    public string? LinkTarget(string path) => entries.TryGetValue(path, out Entry? entry) ? entry.Link : null;

    public IEnumerable<string> Names(string folder) =>
        folders.TryGetValue(folder.Length == 0 ? "/" : folder, out SortedSet<string>? names) ? names : [];

    public long Modified(string path) => entries.TryGetValue(path, out Entry? entry) ? entry.Modified : 0;

    /// <summary>The kept content of a small file; null for a large one.</summary>
    public byte[]? Kept(string path) => entries.TryGetValue(path, out Entry? entry) ? entry.Content : null;

    public Stream? Open(string path)
    {
        if (!entries.TryGetValue(path, out Entry? entry) || entry.Link is not null || entry.Unread)
            return null;
        if (entry.Content is { } kept)
            return new MemoryStream(kept, writable: false);
        if (passes++ == MaxPasses)
            Note ??= $"only {MaxPasses} of its large files were read";
        if (passes > MaxPasses)
            return null;
        IEnumerator<ArchiveMember> pass = members().GetEnumerator();
        try
        {
            while (pass.MoveNext())
            {
                if (pass.Current.Content is { } content && Normal(pass.Current.Name) is { } found && found[prefix.Length..] == path)
                    return new MemberStream(content, pass, MaxMember);
            }
        }
        catch (Exception e) when (IsDamage(e))
        {
            Note ??= Words(e);
        }
        pass.Dispose();
        return null;
    }

    private void Index()
    {
        long kept = 0;
        int skipped = 0, unread = 0;
        string? why = null;
        try
        {
            foreach (ArchiveMember member in members())
            {
                if (entries.Count >= MaxEntries)
                {
                    Note = $"only the first {MaxEntries} entries were read";
                    break;
                }
                if (Normal(member.Name) is not { } path)
                {
                    skipped++;
                    continue;
                }
                if (member.IsFolder)
                {
                    AddFolder(path);
                    continue;
                }
                byte[]? content = null;
                Exception? broken = null;
                if (member.Unread is { } reason)
                {
                    unread++;
                    why ??= $"{path[1..]} is {reason}";
                }
                else if (member.Link is null && member.Content is not null && member.Size <= KeptFile && kept + member.Size <= KeptInAll)
                {
                    content = ReadAll(member.Content, KeptFile + 1, out broken);
                    // The size in the archive may be wrong or missing.
                    if (content.Length > KeptFile)
                        content = null;
                    kept += content?.Length ?? 0;
                }
                entries[path] = new(member.Link, content, member.Modified, member.Unread is not null);
                AddFolder(Parent(path));
                folders[Parent(path)].Add(path[(path.LastIndexOf('/') + 1)..]);
                // Members of a zip archive are independent; after damage in a tar archive nothing more can be found.
                if (broken is not null && member.Apart)
                    Note ??= $"{path[1..]} is damaged: only the part before the damage was read";
                else if (broken is not null)
                {
                    Note = Words(broken);
                    break;
                }
            }
        }
        catch (Exception e) when (IsDamage(e))
        {
            Note = Words(e);
        }
        if (skipped > 0)
            Note ??= $"{Counted.Of(skipped, "entry", "has a name", "have names")} that lead out of the archive: not read";
        if (unread > 0)
            Note ??= why + (unread == 1 ? "" : $", and {Counted.Of(unread - 1, "more file", "is", "are")} not read");
        StripTop();
    }

    /// <summary>An archive with a single top folder is that folder: sosreport-host-date/proc/cmdline is /proc/cmdline.</summary>
    private void StripTop()
    {
        if (folders["/"] is not { Count: 1 } top || !folders.ContainsKey("/" + top.First()))
            return;
        prefix = "/" + top.First();
        Dictionary<string, Entry> inside = new(StringComparer.Ordinal);
        foreach ((string path, Entry entry) in entries)
        {
            // The target of a hard link is a name in the archive, and loses the top folder like the others.
            bool own = entry.Link?.StartsWith(prefix + "/", StringComparison.Ordinal) == true;
            inside[path[prefix.Length..]] = own ? entry with { Link = entry.Link![prefix.Length..] } : entry;
        }
        Dictionary<string, SortedSet<string>> below = new(StringComparer.Ordinal);
        foreach ((string folder, SortedSet<string> names) in folders.Where(f => f.Key != "/"))
            below[folder == prefix ? "/" : folder[prefix.Length..]] = names;
        entries.Clear();
        folders.Clear();
        foreach ((string path, Entry entry) in inside)
            entries[path] = entry;
        foreach ((string folder, SortedSet<string> names) in below)
            folders[folder] = names;
    }

    private void AddFolder(string path)
    {
        if (folders.ContainsKey(path) || folders.Count >= MaxEntries)
            return;
        folders[path] = new(StringComparer.Ordinal);
        string parent = Parent(path);
        AddFolder(parent);
        folders[parent].Add(path[(path.LastIndexOf('/') + 1)..]);
    }

    private static string Parent(string path) => path.LastIndexOf('/') is > 0 and var slash ? path[..slash] : "/";

    /// <summary>The path with a leading slash and without dots; null for a name that leads out of the archive or is too deep.</summary>
    internal static string? Normal(string name)
    {
        string[] parts = name.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts.Length > 64 || parts.Contains("..") ? null : "/" + string.Join('/', parts.Where(p => p != "."));
    }

    /// <param name="broken">Why the content is cut short; null when it is whole.</param>
    private static byte[] ReadAll(Stream content, int max, out Exception? broken)
    {
        var all = new MemoryStream();
        var buffer = new byte[16 << 10];
        broken = null;
        try
        {
            while (all.Length < max && content.Read(buffer, 0, (int)Math.Min(buffer.Length, max - all.Length)) is > 0 and var n)
                all.Write(buffer, 0, n);
        }
        catch (Exception e) when (IsDamage(e))
        {
            broken = e;
        }
        return all.ToArray();
    }

    internal static bool IsDamage(Exception e) =>
        e is InvalidDataException or IOException or FormatException or ArgumentException or NotSupportedException or OverflowException
            or IndexOutOfRangeException or ArchiveDamage;

    private static string Words(Exception e) => e switch
    {
        EndOfStreamException => "the archive is damaged or truncated: it ends too early",
        ArchiveDamage => e.Message,
        _ => "the archive is damaged or truncated: files after the damage were not read",
    };

    /// <param name="Unread">Only its name is known.</param>
    private sealed record Entry(string? Link, byte[]? Content, long Modified, bool Unread);
}
