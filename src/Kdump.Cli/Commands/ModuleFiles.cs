namespace Kdump.Cli.Commands;

/// <summary>
/// Modules' files with debugging information below some folders, by the module's name: NAME.ko.debug as distributions split it off, or
/// NAME.ko as it was built, in the tree of a release. A name has "_" where the file's may have "-".
/// </summary>
internal sealed class ModuleFiles(IEnumerable<string> roots, string? release)
{
    private static readonly string[] Trees = ["usr/lib/debug/lib/modules", "usr/lib/debug/usr/lib/modules", "lib/modules",
        "usr/lib/modules"];
    private static readonly string[] Ends = [".ko.debug", ".ko"];

    private readonly Lazy<Dictionary<string, List<string>>> files = new(() => Find(roots, release));

    /// <summary>Those split off first.</summary>
    public IReadOnlyList<string> Named(string module) => files.Value.GetValueOrDefault(module) ?? [];

    private static Dictionary<string, List<string>> Find(IEnumerable<string> roots, string? release)
    {
        Dictionary<string, List<string>> found = new(StringComparer.Ordinal);
        // A release comes from the dump: it must not lead elsewhere.
        if (release is not { Length: > 0 } || release.Contains('/') || release == "..")
            return found;
        EnumerationOptions all = new() { RecurseSubdirectories = true, IgnoreInaccessible = true, MaxRecursionDepth = 16 };
        foreach (string root in roots)
            foreach (string tree in Trees)
                foreach (string end in Ends)
                {
                    string folder = Path.Join(root, tree, release);
                    foreach (string path in Directory.Exists(folder) ? Directory.EnumerateFiles(folder, $"*{end}", all) : [])
                    {
                        string name = Path.GetFileName(path)[..^end.Length].Replace('-', '_');
                        if (!found.TryGetValue(name, out List<string>? those))
                            found[name] = those = [];
                        those.Add(path);
                    }
                }
        return found;
    }
}
