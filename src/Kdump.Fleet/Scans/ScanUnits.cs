using System.IO.Enumeration;
using Kdump.Formats.Bytes;
using Kdump.Sources.Machines;
using Kdump.Sources.Trees;

namespace Kdump.Fleet.Scans;

/// <summary>Splits the inputs of a scan into units that are judged separately: a file, the files of one dump folder, a machine's
/// collection.</summary>
public static class ScanUnits
{
    /// <summary>Files of one dump folder.</summary>
    private const int MaxTogether = 64, MaxDepth = 32;

    /// <summary>Names by which a folder shows that its files are of one crash: kdump-utils, kdump-tools, SUSE, pstore.</summary>
    private static readonly string[] OfOneCrash = ["vmcore*", "dump.2*", "dmesg.2*", "kexec-dmesg*", "dmesg-efi*", "dmesg-ramoops*",
        "dmesg-erst*"];

    /// <summary>In the order of names. Folders are walked while the units are taken: nothing is held of a folder of a million
    /// files.</summary>
    /// <param name="sources">Files, folders, and patterns with <c>*</c> or <c>?</c> that the shell left alone.</param>
    public static IEnumerable<string[]> Of(IEnumerable<string> sources)
    {
        foreach (string source in sources)
        {
            if (Directory.Exists(source))
            {
                foreach (string[] unit in Folder(source, 0))
                    yield return unit;
            }
            else if (!File.Exists(source) && source.AsSpan().IndexOfAny('*', '?') >= 0)
            {
                foreach (string[] unit in Of(Matches(source)))
                    yield return unit;
            }
            else
                yield return [source];
        }
    }

    private static IEnumerable<string[]> Folder(string path, int depth)
    {
        if (CollectedMachine.Is(new FolderTree(path)))
        {
            yield return [path];
            yield break;
        }
        string[] files = List(path, folders: false), folders = depth < MaxDepth ? List(path, folders: true) : [];
        if (files.Length is > 1 and <= MaxTogether && files.Any(f => OfOneCrash.Any(p =>
            FileSystemName.MatchesSimpleExpression(p, Path.GetFileName(f), ignoreCase: false))))
            yield return files;
        else
        {
            foreach (string file in files)
                yield return [file];
        }
        foreach (string folder in folders)
        {
            foreach (string[] unit in Folder(folder, depth + 1))
                yield return unit;
        }
    }

    /// <summary>Links to folders are not followed, and what is no plain file is left out; a folder that may not be read is one that says
    /// so.</summary>
    private static string[] List(string path, bool folders)
    {
        var plain = new EnumerationOptions { AttributesToSkip = folders ? FileAttributes.ReparsePoint : FileAttributes.None,
            IgnoreInaccessible = true };
        try
        {
            IEnumerable<string> found = folders ? Directory.EnumerateDirectories(path, "*", plain)
                : Directory.EnumerateFiles(path, "*", plain).Where(f => FileKind.Refusal(f) is null);
            return [.. found.Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Part by part, as a shell does it.</summary>
    private static IEnumerable<string> Matches(string pattern)
    {
        IEnumerable<string> found = [pattern.StartsWith('/') ? "/" : "."];
        foreach (string part in pattern.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            found = part.AsSpan().IndexOfAny('*', '?') < 0 ? found.Select(f => Joined(f, part))
                : found.Where(Directory.Exists).SelectMany(f => List(f, folders: true).Concat(List(f, folders: false))
                    .Select(n => Path.GetFileName(n)).Where(n => FileSystemName.MatchesSimpleExpression(part, n, ignoreCase: false) &&
                    (part[0] == '.' || n[0] != '.')).Order(StringComparer.Ordinal).Select(n => Joined(f, n)));
        }
        return found.Where(f => File.Exists(f) || Directory.Exists(f));
    }

    private static string Joined(string folder, string name) => folder == "." ? name : Path.Join(folder, name);
}
