using System.Globalization;
using System.IO.Enumeration;

namespace Kdump.Sources.Inputs;

/// <summary>
/// The files under /sys/fs/pstore: a dump of the log in parts of some kilobytes, each a file (fs/pstore/inode.c names them by type, backend
/// and id), whose first line tells which it is (fs/pstore/platform.c: <c>Panic#1 Part3</c>; part 1 has the newest lines).
/// </summary>
public static class PstoreFiles
{
    private const int MaxHead = 40;

    private static readonly string[] Names = ["dmesg-efi*", "dmesg-ramoops*", "dmesg-erst*", "dmesg-nvram*", "dmesg-pstore*",
        "dmesg-zone*"];

    /// <summary>True if its name may be one of these files.</summary>
    public static bool MayBe(string path) => Array.Exists(Names, n => FileSystemName.MatchesSimpleExpression(n, Path.GetFileName(path),
        ignoreCase: false));

    /// <summary>The parts of each dump, oldest lines first.</summary>
    internal static IEnumerable<string[]> Dumps(IEnumerable<string> files) => files.Select(f => (Path: f, Head: HeadOf(f)))
        .GroupBy(f => (Folder: Path.GetDirectoryName(f.Path), f.Head.Record, Dump: DumpOf(Path.GetFileName(f.Path))))
        .OrderBy(g => g.Key.Folder, StringComparer.Ordinal).ThenBy(g => g.Key.Dump).ThenBy(g => g.Key.Record, StringComparer.Ordinal)
        .SelectMany(g => g.Key.Record.Length > 0 ? Apart(g.Select(p => (p.Path, p.Head.Part))) : g.Select(p => new[] { p.Path }));

    /// <summary>
    /// Dumps of several boots begin alike, because each boot counts from 1: a part that comes again is of another dump.
    /// </summary>
    private static IEnumerable<string[]> Apart(IEnumerable<(string Path, int Part)> parts)
    {
        var dump = new SortedDictionary<int, string>(Comparer<int>.Create((a, b) => b.CompareTo(a)));
        foreach ((string path, int part) in parts.OrderBy(p => IdOf(Path.GetFileName(p.Path))).ThenBy(p => p.Path, StringComparer.Ordinal))
        {
            if (dump.ContainsKey(part))
            {
                yield return [.. dump.Values];
                dump.Clear();
            }
            dump[part] = path;
        }
        yield return [.. dump.Values];
    }

    /// <summary><c>Oops#2</c> and the part's number; an empty record if the file does not begin so.</summary>
    private static (string Record, int Part) HeadOf(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            Span<byte> head = stackalloc byte[MaxHead];
            string line = System.Text.Encoding.ASCII.GetString(head[..file.ReadAtLeast(head, MaxHead,
                throwOnEndOfStream: false)]).Split('\n')[0];
            int part = line.IndexOf(" Part", StringComparison.Ordinal);
            return part > 3 && line.IndexOf('#') is > 2 and var sign && sign < part &&
                int.TryParse(line.AsSpan(part + " Part".Length).TrimEnd(), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                ? (line[..part], number) : ("", 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ("", 0);
        }
    }

    /// <summary>
    /// drivers/firmware/efi/efi-pstore.c: (time * 100 + part) * 1000 + count; drivers/firmware/efi/cper.c: the upper half is of one boot.
    /// For other backends only the headings tell two dumps apart.
    /// </summary>
    private static ulong DumpOf(string name)
    {
        ulong id = IdOf(name);
        if (name.StartsWith("dmesg-efi", StringComparison.Ordinal))
            return (id / 100_000 * 1000) + (id % 1000);
        return name.StartsWith("dmesg-erst", StringComparison.Ordinal) ? id >> 32 : 0;
    }

    private static ulong IdOf(string name)
    {
        int end = name.IndexOf('.') is > 0 and var dot ? dot : name.Length, dash = name.LastIndexOf('-', end - 1);
        return ulong.TryParse(name.AsSpan((dash + 1)..end), NumberStyles.None, CultureInfo.InvariantCulture, out ulong id) ? id : 0;
    }
}
