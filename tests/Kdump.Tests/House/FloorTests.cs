using System.Text.RegularExpressions;

namespace Kdump.Tests.House;

/// <summary>
/// Folders inside a project are floors: a file uses types of its own folder and of folders below it, never of one above. The tables are
/// ARCHITECTURE.md's; the arrows are read from the sources, as names that a file mentions and that its usings and namespaces resolve.
/// </summary>
public sealed partial class FloorTests
{
    /// <summary>
    /// The folders of each project, from the ground up. A folder that is not named belongs to the nearest one above it in the path.
    /// </summary>
    private static readonly Dictionary<string, string[]> Floors = new()
    {
        ["Kdump.Formats"] = ["Bytes", "Compression", "Archives", "Elf", "Dwarf", "Dumps"],
        ["Kdump.Kernel"] = ["Memory", "Types", "Symbols", "Structs", "Unwind", "Arch", "Arch/X8664", "Arch/Arm64",
            "Views", "Expressions", "."],
        ["Kdump.Diagnosis"] =
        [
            "Model", "Text", "Pci", "MachineChecks/Records", "MachineChecks/Amd", "MachineChecks/Mcelog/Intel", "MachineChecks/Mcelog",
                "MachineChecks",
            "Kconfig", "Vectors", "Memory", "Evidence/Pci", "Evidence/Machines", "Evidence/Logs", "Evidence/DumpSetup", "Evidence/Images",
                "Evidence/Dumps",
            "Speakers", "Catalogue", "Catalogue/Failures", "Catalogue/Families", "Hardware", "Compare", "ProbeReports", "Crashes", "Times",
            "Reports",
            "Rules/Images", "Rules/Hardware", "Rules/Crashes", "Rules/Dumps", "Rules/Hosts", "Rules",
        ],
        ["Kdump.Sources"] = ["Trees", "Images", "Machines", "Inputs", "Gather", "Vectors", "Hosts", "Rehearsals", "Cases", "Records"],
        ["Kdump.Probe"] = ["Machine", "Checks", "Screens", "Commands", "."],
        ["Kdump.Fleet"] = ["Statistics", "Clusters", "Stores", "Scans", "Questions"],
        ["Kdump.Clr"] = ["."],
        ["Kdump.Cli"] = ["Languages", "Terminals", "Reports", "Reports/VmcoreViews", "Commands", "."],
        ["Kdump.FleetCli"] = ["Reports", "Commands", "."],
    };

    public static TheoryData<string> Projects => [.. Floors.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Folders_use_only_folders_below_them(string project)
    {
        string root = Repository.Path("src", project);
        SourceFile[] files = [.. Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories).Where(IsSource)
            .Select(f => SourceFile.Read(f, root))];
        ILookup<string, SourceFile> declared = files.SelectMany(f => f.Types.Select(t => (Type: t, File: f)))
            .ToLookup(p => p.Type, p => p.File);
        string[] floors = Floors[project];
        var wrong = new List<string>();
        foreach (SourceFile file in files)
        {
            int floor = FloorOf(file.Folder, floors);
            Assert.True(floor >= 0, $"{project}/{file.Folder} is on no floor: add it to the table here and in ARCHITECTURE.md");
            foreach (string name in file.Names.Where(n => !file.Types.Contains(n)))
            {
                foreach (SourceFile used in file.Resolve(declared[name]).Where(u => FloorOf(u.Folder, floors) > floor))
                    wrong.Add($"{file.Folder}/{file.Name} uses {name} of {used.Folder}, a floor above it");
            }
        }
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    private static bool IsSource(string file) =>
        !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal);

    private static int FloorOf(string folder, string[] floors)
    {
        for (string at = folder; ; at = at[..at.LastIndexOf('/')])
        {
            if (Array.IndexOf(floors, at) is >= 0 and var floor)
                return floor;
            if (!at.Contains('/'))
                return -1;
        }
    }

    /// <summary>What a source file declares and mentions.</summary>
    private sealed record SourceFile(string Folder, string Name, string Namespace, string[] Usings,
        HashSet<string> Types, HashSet<string> Names)
    {
        public static SourceFile Read(string path, string root)
        {
            string text = File.ReadAllText(path), code = NoCode().Replace(text, " ");
            string folder = Path.GetRelativePath(root, Path.GetDirectoryName(path)!);
            string space = NamespaceLine().Match(text) is { Success: true } m ? m.Groups[1].Value : Path.GetFileName(root);
            return new(folder, Path.GetFileName(path), space, [.. UsingLine().Matches(text).Select(u => u.Groups[1].Value)],
                [.. Declaration().Matches(code).Select(d => d.Groups[1].Value)], [.. TypeName().Matches(code).Select(n => n.Value)]);
        }

        /// <summary>The declarations that a name means here: the nearest enclosing namespace, else those of the usings.</summary>
        public IEnumerable<SourceFile> Resolve(IEnumerable<SourceFile> candidates)
        {
            SourceFile[] all = [.. candidates];
            for (string space = Namespace; all.Length > 0; space = space[..space.LastIndexOf('.')])
            {
                if (all.Any(c => c.Namespace == space))
                    return all.Where(c => c.Namespace == space);
                if (!space.Contains('.'))
                    break;
            }
            return all.Where(c => Usings.Contains(c.Namespace));
        }
    }

    [GeneratedRegex("""^namespace ([\w.]+);""", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex("""^using (?:static )?([\w.]+);""", RegexOptions.Multiline)]
    private static partial Regex UsingLine();

    /// <summary>Comments, plain strings and characters, and names behind a dot, which are members.</summary>
    [GeneratedRegex(""""("""[\s\S]*?""")|(//[^\n]*)|((?<![$@])"(\\.|[^"\\\n])*")|('(\\.|[^'\\\n])')|(\?*\.\s*[A-Z]\w*)"""")]
    private static partial Regex NoCode();

    private const string Modifiers = @"(?:(?:public|internal|sealed|static|abstract|readonly|partial|file|ref|unsafe)\s+)*";

    [GeneratedRegex("^" + Modifiers + @"(?:class|record\s+struct|record|struct|enum|interface)\s+(\w+)", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex("""\b[A-Z]\w*""")]
    private static partial Regex TypeName();
}
