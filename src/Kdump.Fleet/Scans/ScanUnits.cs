using System.IO.Enumeration;
using Kdump.Formats.Bytes;
using Kdump.Sources.Inputs;
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

    /// <summary>Records of pstore in one folder: some kilobytes each, of a few dumps.</summary>
    private const int MaxParts = 1024;

    private const int MaxDepth = 32;

    public const string NotUtf8 = "a name that is not UTF-8, and its bytes are lost: give its folder, or a list of paths to -",
        NoFile = "no file in it", NoMatch = "no file has such a name", NoFolder = "a folder that may not be read",
        TooDeep = "a folder below 32 others: not walked, give it as a source",
        LinkAway = "a link to a folder outside of the source: not followed, give the folder as a source";

    /// <summary>Names by which a folder shows that its files are of one crash: kdump-utils, kdump-tools, SUSE, pstore.</summary>
    private static readonly string[] OfOneCrash = ["vmcore*", "dump.2*", "dmesg.2*", "kexec-dmesg*"];

    /// <summary>In the order of names. Folders are walked while the units are taken: nothing is held of a folder of a million
    /// files.</summary>
    /// <param name="sources">Files, folders, and patterns with <c>*</c> or <c>?</c> that the shell left alone.</param>
    /// <param name="walked">Called with each folder that could be read.</param>
    public static IEnumerable<ScanUnit> Of(IEnumerable<string> sources, Action<string>? walked = null)
    {
        var inFolders = new HashSet<string>(StringComparer.Ordinal);
        foreach (string source in sources)
        {
            bool any = false;
            foreach (ScanUnit unit in OfOne(source, walked, inFolders))
            {
                any = true;
                if (unit.Paths.Length > 0)
                    yield return unit;
            }
            if (!any)
                yield return new([source], Directory.Exists(source) ? NoFile : NoMatch);
        }
    }

    /// <param name="inFolders">Folders of which the parts of dumps have been given together.</param>
    private static IEnumerable<ScanUnit> OfOne(string source, Action<string>? walked, HashSet<string> inFolders)
    {
        using var raw = new RawPaths();
        string open = raw.Openable(source);
        if (Directory.Exists(open))
            return Folder(source, Path.GetFullPath(source), 0, walked);
        if (File.Exists(open) && source == open && PstoreFiles.MayBe(source))
            return inFolders.Add(Path.GetFullPath(source)[..^Path.GetFileName(source).Length]) ? [new(PartsBeside(source))] : [new([])];
        if (File.Exists(open) || source.AsSpan().IndexOfAny('*', '?') < 0)
            return [new([source], source.Contains(RawNames.Mark) && !File.Exists(source) ? NotUtf8 : null)];
        return Matches(source).SelectMany(found => OfOne(found, walked, inFolders));
    }

    /// <param name="root">The source that it is of.</param>
    private static IEnumerable<ScanUnit> Folder(string path, string root, int depth, Action<string>? walked)
    {
        using var raw = new RawPaths();
        string open = raw.Openable(path);
        if (CollectedMachine.Is(new FolderTree(open)))
        {
            yield return new([path]);
            yield break;
        }
        if (List(path, open) is not { } list)
        {
            yield return new([path], NoFolder);
            yield break;
        }
        walked?.Invoke(path);
        (string Path, string? Refusal)[] met = [.. list.Where(e => !e.Folder).Select(e => (e.Path, RefusalOf(e.Path)))];
        string[] files = [.. met.Where(f => f.Refusal is null).Select(f => f.Path)];
        if ((files.Length is > 1 and <= MaxTogether && files.Any(f => Fits(f, OfOneCrash))) ||
            (files.Length is > 1 and <= MaxParts && files.Any(PstoreFiles.MayBe)))
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
            IEnumerable<ScanUnit> units;
            if (link)
                units = [new([folder], LinkAway)];
            else
                units = depth < MaxDepth ? Folder(folder, root, depth + 1, walked) : [new([folder], TooDeep)];
            foreach (ScanUnit unit in units)
                yield return unit;
        }
    }

    private static bool Fits(string path, string[] names) =>
        names.Any(n => FileSystemName.MatchesSimpleExpression(n, Path.GetFileName(path),
        ignoreCase: false));

    /// <summary>A part of a dump by itself begins and ends anywhere: all parts of its folder are judged together.</summary>
    private static string[] PartsBeside(string part)
    {
        string folder = Path.GetDirectoryName(part) ?? "";
        string[] all = [.. (List(folder, folder.Length == 0 ? "." : folder) ?? []).Where(e => !e.Folder &&
            PstoreFiles.MayBe(e.Path)).Take(MaxParts)
            .Select(e => e.Path)];
        return all.Contains(part, StringComparer.Ordinal) ? all : [part];
    }

    private static string? RefusalOf(string path)
    {
        using var raw = new RawPaths();
        return UnitFile.Refusal(raw.Openable(path));
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
    /// <param name="open">The path by which it is opened.</param>
    private static List<(string Path, bool Folder, bool Link)>? List(string path, string open)
    {
        try
        {
            List<(string Path, bool Folder, bool Link)> found = [.. new FileSystemEnumerable<(string, bool, bool)>(open,
                (ref FileSystemEntry e) => (Path.Join(path, e.FileName), e.IsDirectory, (e.Attributes & FileAttributes.ReparsePoint) != 0),
                new EnumerationOptions { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false })];
            if (found.Exists(e => e.Path.AsSpan(path.Length).Contains(RawNames.Mark)))
                Named(path, open, found);
            found.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
            return found;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Puts names that are not UTF-8 in place of what stands for them.</summary>
    private static void Named(string path, string open, List<(string Path, bool Folder, bool Link)> found)
    {
        found.RemoveAll(e => e.Path.AsSpan(path.Length).Contains(RawNames.Mark) && !IsThere(Path.Join(open, e.Path[path.Length..])));
        using var raw = new RawPaths();
        found.AddRange(RawNames.Of(open).Select(n => (Path.Join(path, n.Name),
            Directory.Exists(raw.Openable(Path.Join(path, n.Name))), n.IsLink)));
    }

    private static bool IsThere(string path) => Path.Exists(path) || new FileInfo(path).LinkTarget is not null;

    /// <summary>Part by part, as a shell does it.</summary>
    private static IEnumerable<string> Matches(string pattern)
    {
        IEnumerable<string> found = [pattern.StartsWith('/') ? "/" : "."];
        foreach (string part in pattern.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            found = part.AsSpan().IndexOfAny('*', '?') < 0 ? found.Select(f => Joined(f, part))
                : found.Where(Directory.Exists).SelectMany(f => (List(f, f) ?? []).Select(e => Path.GetFileName(e.Path))
                    .Where(n => FileSystemName.MatchesSimpleExpression(part, n, ignoreCase: false) &&
                    (part[0] == '.' || n[0] != '.')).Select(n => Joined(f, n)));
        }
        return found.Where(f => IsThere(f) || RawPaths.IsOdd(f));
    }

    private static string Joined(string folder, string name) => folder == "." ? name : Path.Join(folder, name);
}
