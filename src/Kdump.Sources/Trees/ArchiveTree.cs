using System.Formats.Tar;
using System.IO.Compression;

namespace Kdump.Sources.Trees;

/// <summary>
/// The files inside an archive, read without writing anything anywhere: one pass for the names and the small files, another one for each
/// large file that is asked for. Names that lead out of the archive, devices and links out of it are nothing but names.
/// </summary>
public sealed class ArchiveTree : IFileTree
{
    /// <summary>A sosreport has some ten thousand entries, a collection some twenty thousand.</summary>
    private const int MaxEntries = 200_000;

    /// <summary>Files up to this size are kept while the archive is indexed.</summary>
    private const int KeptFile = 4 << 20;

    /// <summary>All kept files together.</summary>
    private const long KeptInAll = 192 << 20;

    /// <summary>What is read of one member at most.</summary>
    private const long MaxMember = 1L << 30;

    private readonly string name;
    private readonly Func<IEnumerable<Member>> members;
    private readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedSet<string>> folders = new(StringComparer.Ordinal) { ["/"] = new(StringComparer.Ordinal) };
    private string prefix = "";

    private ArchiveTree(string name, Func<IEnumerable<Member>> members)
    {
        this.name = name;
        this.members = members;
        Index();
    }

    /// <summary>Why not all of the archive could be read; null when it could.</summary>
    public string? Note { get; private set; }

    /// <summary>Every regular file, in the order of names.</summary>
    public IEnumerable<string> Files => entries.Where(e => e.Value.Link is null).Select(e => e.Key).Order(StringComparer.Ordinal);

    /// <param name="open">The archive from its first byte on, unpacked; called for each pass.</param>
    public static ArchiveTree Tar(string name, Func<Stream> open) => new(name, () => TarMembers(open));

    /// <param name="open">The archive; called for each pass, and the stream must be able to seek.</param>
    public static ArchiveTree Zip(string name, Func<Stream> open) => new(name, () => ZipMembers(open));

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
        if (!entries.TryGetValue(path, out Entry? entry) || entry.Link is not null)
            return null;
        if (entry.Content is { } kept)
            return new MemoryStream(kept, writable: false);
        IEnumerator<Member> pass = members().GetEnumerator();
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
        int skipped = 0;
        try
        {
            foreach (Member member in members())
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
                if (member.Link is null && member.Content is not null && member.Size <= KeptFile && kept + member.Size <= KeptInAll)
                {
                    content = ReadAll(member.Content, KeptFile + 1);
                    kept += content.Length;
                }
                entries[path] = new(member.Link, content, member.Modified);
                AddFolder(Parent(path));
                folders[Parent(path)].Add(path[(path.LastIndexOf('/') + 1)..]);
            }
        }
        catch (Exception e) when (IsDamage(e))
        {
            Note = Words(e);
        }
        if (skipped > 0)
            Note ??= $"{skipped} entries have names that lead out of the archive: not read";
        StripTop();
    }

    /// <summary>Archives of one folder are that folder: sosreport-host-date/proc/cmdline is /proc/cmdline.</summary>
    private void StripTop()
    {
        if (folders["/"] is not { Count: 1 } top || !folders.ContainsKey("/" + top.First()))
            return;
        prefix = "/" + top.First();
        Dictionary<string, Entry> inside = new(StringComparer.Ordinal);
        foreach ((string path, Entry entry) in entries)
        {
            // The target of a hard link is a name of the archive, and loses the top folder with the others.
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

    /// <summary>With a leading slash, without dots; null for a name that leads out of the archive or is too deep.</summary>
    private static string? Normal(string name)
    {
        string[] parts = name.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts.Length > 64 || parts.Contains("..") ? null : "/" + string.Join('/', parts.Where(p => p != "."));
    }

    private static byte[] ReadAll(Stream content, int max)
    {
        var all = new MemoryStream();
        var buffer = new byte[16 << 10];
        while (all.Length < max && content.Read(buffer, 0, (int)Math.Min(buffer.Length, max - all.Length)) is > 0 and var n)
            all.Write(buffer, 0, n);
        return all.ToArray();
    }

    private static IEnumerable<Member> TarMembers(Func<Stream> open)
    {
        using Stream stream = open();
        using var reader = new TarReader(stream);
        while (reader.GetNextEntry() is { } entry)
        {
            string? link = entry.EntryType switch
            {
                TarEntryType.SymbolicLink => entry.LinkName,
                TarEntryType.HardLink => Normal(entry.LinkName),
                _ => null,
            };
            bool file = entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile
                or TarEntryType.SparseFile;
            if (entry.EntryType is TarEntryType.Directory || file || link is not null)
                yield return new(entry.Name, entry.Length, entry.ModificationTime.ToUnixTimeSeconds(),
                    entry.EntryType is TarEntryType.Directory,
                    link, file ? entry.DataStream ?? Stream.Null : null);
        }
    }

    private static IEnumerable<Member> ZipMembers(Func<Stream> open)
    {
        using Stream stream = open();
        using var zip = new ZipArchive(stream, ZipArchiveMode.Read);
        foreach (ZipArchiveEntry entry in zip.Entries)
        {
            bool folder = entry.FullName.EndsWith('/');
            // An encrypted member cannot be read; it is there by name.
            using Stream? content = folder || entry.IsEncrypted ? null : new CheckedMember(entry.Open(), entry.Crc32, entry.Length);
            yield return new(entry.FullName.Replace('\\', '/'), entry.Length, entry.LastWriteTime.ToUnixTimeSeconds(), folder, null,
                content);
        }
    }

    private static bool IsDamage(Exception e) =>
        e is InvalidDataException or IOException or FormatException or ArgumentException or NotSupportedException or OverflowException
            or IndexOutOfRangeException;

    private static string Words(Exception e) => $"the archive is damaged or cut: {e.Message}";

    private sealed record Entry(string? Link, byte[]? Content, long Modified);

    private sealed record Member(string Name, long Size, long Modified, bool IsFolder, string? Link, Stream? Content);
}
