using System.IO.Enumeration;
using Kdump.Formats.Bytes;
using Kdump.Sources.Machines;
using Kdump.Sources.Records;
using Kdump.Sources.Trees;

namespace Kdump.Fleet.Scans;

/// <summary>
/// Splits the inputs of a scan into units that are judged separately: a file, the files of one dump folder, a machine's collection.
/// Whatever is met on the way and not read is a unit, too, with the reason.
/// </summary>
public static class ScanUnits
{
    /// <summary>Files of one dump folder.</summary>
    private const int MaxTogether = 64;

    private const int MaxDepth = 32;

    public const string NotUtf8 = "its name is not UTF-8, and such a name cannot be opened here: rename it",
        NoFile = "no file in it", NoMatch = "no file has such a name", NoFolder = "a folder that may not be read",
        TooDeep = "a folder below 32 others: not walked, give it as a source",
        LinkAway = "a link to a folder outside of the source: not followed, give the folder as a source";

    /// <summary>Names by which a folder shows that its files are of one crash: kdump-utils, kdump-tools, SUSE, pstore.</summary>
    private static readonly string[] OfOneCrash = ["vmcore*", "dump.2*", "dmesg.2*", "kexec-dmesg*", "dmesg-efi*", "dmesg-ramoops*",
        "dmesg-erst*"];

    /// <summary>In the order of names. Folders are walked while the units are taken: nothing is held of a folder of a million
    /// files.</summary>
    /// <param name="sources">Files, folders, and patterns with <c>*</c> or <c>?</c> that the shell left alone.</param>
    /// <param name="walked">Called with each folder that could be read.</param>
    public static IEnumerable<ScanUnit> Of(IEnumerable<string> sources, Action<string>? walked = null)
    {
        foreach (string source in sources)
        {
            bool any = false;
            foreach (ScanUnit unit in OfOne(source, walked))
            {
                any = true;
                yield return unit;
            }
            if (!any)
                yield return new([source], Directory.Exists(source) ? NoFile : NoMatch);
        }
    }

    private static IEnumerable<ScanUnit> OfOne(string source, Action<string>? walked)
    {
        if (Directory.Exists(source))
            return Folder(source, Path.GetFullPath(source), 0, walked);
        if (File.Exists(source) || source.AsSpan().IndexOfAny('*', '?') < 0)
            return [new([source], source.Contains(RawNames.Mark) && !File.Exists(source) ? NotUtf8 : null)];
        return Matches(source).SelectMany(found => OfOne(found, walked));
    }

    /// <param name="root">The source that it is of.</param>
    private static IEnumerable<ScanUnit> Folder(string path, string root, int depth, Action<string>? walked)
    {
        if (CollectedMachine.Is(new FolderTree(path)))
        {
            yield return new([path]);
            yield break;
        }
        if (List(path) is not { } list)
        {
            yield return new([path], NoFolder);
            yield break;
        }
        walked?.Invoke(path);
        if (list.Exists(e => e.Path.Contains(RawNames.Mark)))
        {
            foreach (string name in RawNames.Of(path))
                yield return new([Path.Join(path, name)], NotUtf8);
            list.RemoveAll(e => e.Path.Contains(RawNames.Mark) && !Path.Exists(e.Path));
        }
        (string Path, string? Refusal)[] met = [.. list.Where(e => !e.Folder).Select(e => (e.Path, UnitFile.Refusal(e.Path)))];
        string[] files = [.. met.Where(f => f.Refusal is null).Select(f => f.Path)];
        if (files.Length is > 1 and <= MaxTogether && files.Any(f => OfOneCrash.Any(p =>
            FileSystemName.MatchesSimpleExpression(p, Path.GetFileName(f), ignoreCase: false))))
            yield return new(files);
        else
        {
            foreach (string file in files)
                yield return new([file]);
        }
        foreach ((string file, string? refusal) in met.Where(f => f.Refusal is not null))
            yield return new([file], refusal);
        foreach ((string folder, _, bool link) in list.Where(e => e.Folder))
        {
            if (link && IsBelow(folder, root))
                continue;
            foreach (ScanUnit unit in link ? [new([folder], LinkAway)] : depth < MaxDepth ? Folder(folder, root, depth + 1, walked)
                : [new([folder], TooDeep)])
                yield return unit;
        }
    }

    /// <summary>What a link leads to is walked in its own place.</summary>
    private static bool IsBelow(string link, string root)
    {
        try
        {
            return Directory.ResolveLinkTarget(link, returnFinalTarget: true) is { } target &&
                (target.FullName + "/").StartsWith(root.TrimEnd('/') + "/", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>What lies in a folder, by name; null where it may not be read.</summary>
    private static List<(string Path, bool Folder, bool Link)>? List(string path)
    {
        try
        {
            List<(string Path, bool Folder, bool Link)> found = [.. new FileSystemEnumerable<(string, bool, bool)>(path,
                (ref FileSystemEntry e) => (e.ToSpecifiedFullPath(), e.IsDirectory, (e.Attributes & FileAttributes.ReparsePoint) != 0),
                new EnumerationOptions { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false })];
            found.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
            return found;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Part by part, as a shell does it.</summary>
    private static IEnumerable<string> Matches(string pattern)
    {
        IEnumerable<string> found = [pattern.StartsWith('/') ? "/" : "."];
        foreach (string part in pattern.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            found = part.AsSpan().IndexOfAny('*', '?') < 0 ? found.Select(f => Joined(f, part))
                : found.Where(Directory.Exists).SelectMany(f => (List(f) ?? []).Select(e => Path.GetFileName(e.Path))
                    .Where(n => FileSystemName.MatchesSimpleExpression(part, n, ignoreCase: false) &&
                    (part[0] == '.' || n[0] != '.')).Select(n => Joined(f, n)));
        }
        return found.Where(f => Path.Exists(f) || new FileInfo(f).LinkTarget is not null);
    }

    private static string Joined(string folder, string name) => folder == "." ? name : Path.Join(folder, name);
}
