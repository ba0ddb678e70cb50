using System.Text;
using Kdump.Diagnosis.Evidence.Images;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Archives;
using Kdump.Formats.Bytes;
using Kdump.Formats.Elf;

namespace Kdump.Sources.Images;

/// <summary>
/// Whether the programs of an image can start: the dynamic linker's search (ld.so(8): rpath, runpath, ld.so.conf, the usual folders), the
/// interpreter of each executable and of each script.
/// </summary>
public sealed class ImagePrograms
{
    /// <summary>The most that is read of a program; the largest of an image have some tens of megabytes.</summary>
    private const int MaxProgram = 256 << 20;

    /// <summary>BINPRM_BUF_SIZE: the kernel reads a #! line only up to here.</summary>
    private const int MaxHashBang = 256;

    private static readonly string[] UsualFolders =
    [
        "/lib64", "/usr/lib64", "/lib", "/usr/lib", "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu",
            "/usr/lib/aarch64-linux-gnu",
        "/lib/powerpc64le-linux-gnu", "/usr/lib/powerpc64le-linux-gnu", "/lib/s390x-linux-gnu", "/usr/lib/s390x-linux-gnu",
            "/usr/local/lib", "/usr/lib/systemd", "/lib/systemd",
    ];

    private readonly ImageView view;
    private readonly Func<ImageNode, bool> vital;
    private readonly Dictionary<ImageNode, ElfLinkage> files = [];
    private readonly Dictionary<NodeContent, ElfLinkage> byContent = [];
    private readonly Dictionary<string, List<ImageNode>> byName = new(StringComparer.Ordinal);
    private readonly List<string> folders = [.. UsualFolders];

    public int Programs => files.Count;

    public int Scripts { get; private set; }

    public ImagePrograms(ImageView view, Func<ImageNode, bool> vital)
    {
        this.view = view;
        this.vital = vital;
        ReadConf("/etc/ld.so.conf", 0);
    }

    /// <summary>Reads a file that is a program, a library or a script.</summary>
    public void Take(ImageNode node, Facts facts)
    {
        if (node.Kind == ContentKind.Elf)
            ReadElf(node, facts);
        else if (node.Kind == ContentKind.Script && node.IsExecutable)
            ReadScript(node, vital(node), facts);
    }

    /// <summary>Called after all files were read: checks what each program needs and whether it exists.</summary>
    public void Judge(Facts facts)
    {
        foreach (ImageNode node in view.Layer.Root.All())
        {
            // Links count under their own names: libx.so.1 -> libx.so.1.2.
            ImageNode? real = node.Target is null ? node : view.Find(node.Path);
            if (real is not null && files.ContainsKey(real))
                (byName.TryGetValue(node.Name, out List<ImageNode>? list) ? list : byName[node.Name] = []).Add(real);
        }
        Unmet(facts);
        Opened(facts);
        // The image's architecture is taken to be the one of most programs.
        (byte, ushort)? machine = files.Values.GroupBy(e => e.Machine).MaxBy(g => g.Count())?.Key;
        foreach ((ImageNode node, ElfLinkage elf) in files.Where(
            f => f.Value.Machine != machine && f.Key.IsExecutable && !f.Key.Name.Contains(".so", StringComparison.Ordinal)))
            facts.Add(new ProgramDamaged(view.Quote(node, $"e_machine {elf.Machine.Machine}"), node.Path,
                "it is for another kind of machine"));
    }

    /// <summary>The library of this soname, as programs of the image would find it.</summary>
    public (ImageNode Node, ElfLinkage Elf)? Library(string soname) =>
        byName.TryGetValue(soname, out List<ImageNode>? nodes) ? (nodes[0], files[nodes[0]]) : null;

    /// <summary>Libraries that are opened by name while a program runs.</summary>
    private void Opened(Facts facts)
    {
        var missing = new SortedDictionary<string, (DlopenNote Note, List<ImageNode> Users)>(StringComparer.Ordinal);
        foreach ((ImageNode node, ElfLinkage elf) in files)
        {
            foreach (DlopenNote note in elf.Opens.Where(n => n.Sonames.All(s => Library(node, elf, s) is null)))
                (missing.TryGetValue(note.Sonames[0], out var known) ? known : missing[note.Sonames[0]] = (note, [])).Users.Add(node);
        }
        foreach ((string library, (DlopenNote note, List<ImageNode> users)) in missing)
        {
            ImageNode first = users.OrderBy(u => u.Path, StringComparer.Ordinal).First();
            facts.Add(new LibraryOpenedUnmet(
                view.Quote(first, $".note.dlopen: {note.Feature}, {note.Priority}, {string.Join(" or ", note.Sonames)}"), library,
                note.Feature, note.Priority, users.Select(u => u.Path).Order(StringComparer.Ordinal).ToArray()));
        }
    }

    private void Unmet(Facts facts)
    {
        // For each missing library: the files that name it; then, through what needs those, the programs that cannot start.
        var missing = new SortedDictionary<string, HashSet<ImageNode>>(StringComparer.Ordinal);
        var neededBy = new Dictionary<ImageNode, List<ImageNode>>();
        foreach ((ImageNode node, ElfLinkage elf) in files)
        {
            foreach (string library in elf.Needed)
            {
                ImageNode? found = Library(node, elf, library);
                if (found is null)
                    (missing.TryGetValue(library, out HashSet<ImageNode>? set) ? set : missing[library] = []).Add(node);
                else
                    (neededBy.TryGetValue(found, out List<ImageNode>? list) ? list : neededBy[found] = []).Add(node);
            }
            if (elf.Interp is { } interpreter && view.Find(interpreter) is null)
                facts.Add(new InterpreterNeedUnmet(view.Quote(node, $"PT_INTERP {interpreter}"), node.Path, interpreter, true));
        }
        foreach ((string library, HashSet<ImageNode> users) in missing)
        {
            var reached = new HashSet<ImageNode>(users);
            var work = new Stack<ImageNode>(users);
            while (work.TryPop(out ImageNode? node))
            {
                foreach (ImageNode user in neededBy.GetValueOrDefault(node) ?? [])
                {
                    if (reached.Add(user))
                        work.Push(user);
                }
            }
            string[] programs = reached.Where(
                n => files[n].Interp is not null && n.IsExecutable && !n.Name.Contains(".so", StringComparison.Ordinal))
                .OrderByDescending(vital).ThenBy(n => n.Path, StringComparer.Ordinal).Select(n => n.Path).ToArray();
            string[] names = users.Select(n => n.Path).Order(StringComparer.Ordinal).ToArray();
            facts.Add(new LibraryNeedUnmet(view.Quote(users.First(n => n.Path == names[0]), $"DT_NEEDED {library}"), library, names,
                programs));
        }
    }

    /// <summary>
    /// The file the linker would take. A library in another folder of the image counts as found: a program may set its own search
    /// path, and a library in a wrong folder has never been seen as the cause.
    /// </summary>
    private ImageNode? Library(ImageNode user, ElfLinkage elf, string name)
    {
        if (name.Contains('/'))
            return view.Find(name);
        foreach (string path in (elf.Runpath ?? elf.Rpath ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            string folder = path.Replace("$ORIGIN", user.Parent!.Path, StringComparison.Ordinal)
                .Replace("${ORIGIN}", user.Parent!.Path, StringComparison.Ordinal);
            if (Fits(view.Find(folder + "/" + name), elf))
                return view.Find(folder + "/" + name);
        }
        foreach (string folder in folders)
        {
            if (Fits(view.Find(folder + "/" + name), elf))
                return view.Find(folder + "/" + name);
        }
        return byName.TryGetValue(name, out List<ImageNode>? others) ? others.Find(o => Fits(o, elf)) : null;
    }

    private bool Fits(ImageNode? node, ElfLinkage user) =>
        node is not null && files.TryGetValue(node, out ElfLinkage? elf) && elf.Machine == user.Machine;

    private void ReadElf(ImageNode node, Facts facts)
    {
        try
        {
            // Hard links (busybox) are read once.
            if (!byContent.TryGetValue(node.Content, out ElfLinkage? elf))
                byContent[node.Content] = elf = ElfLinkage.Read(node.Content.Read(MaxProgram), view.Shown(node.Path));
            if (elf.IsRelocatable)
                return;
            files[node] = elf;
            if (elf.MissingBytes > 0)
                facts.Add(new ProgramDamaged(view.Quote(node,
                    $"PT_LOAD reaches {Counted.Of(elf.MissingBytes, "byte")} behind the end of the file"),
                    node.Path, $"{Counted.Of(elf.MissingBytes, "byte", "is", "are")} missing at its end"));
        }
        catch (InputException e)
        {
            facts.Add(new ProgramDamaged(new Source(e.Input, e.Message), node.Path, e.Reason));
        }
    }

    private void ReadScript(ImageNode node, bool vital, Facts facts)
    {
        Scripts++;
        string first;
        try
        {
            first = Encoding.UTF8.GetString(node.Content.Read(MaxHashBang));
        }
        catch (InputException)
        {
            return;
        }
        int end = first.IndexOf('\n');
        string line = (end < 0 ? first : first[..end]).TrimEnd('\r');
        string[] words = line[2..].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
            return;
        if (view.Find(words[0]) is null)
            facts.Add(new InterpreterNeedUnmet(view.Quote(node, line), node.Path, words[0], vital));
        else if (words[0].EndsWith("/env", StringComparison.Ordinal) && words.Length > 1)
        {
            string name = words.Skip(1).FirstOrDefault(w => !w.StartsWith('-') && !w.Contains('=')) ?? "";
            if (name.Length > 0 && view.Program(name) is null)
                facts.Add(new InterpreterNeedUnmet(view.Quote(node, line), node.Path, name, vital));
        }
    }

    /// <summary>ld.so.conf(5): folders, and include lines with patterns.</summary>
    private void ReadConf(string path, int depth)
    {
        if (depth > 4 || view.Text(path) is not { } text)
            return;
        foreach (string raw in text.Split('\n').Take(1000))
        {
            string line = raw.Split('#')[0].Trim();
            if (line.StartsWith("include ", StringComparison.Ordinal))
            {
                string pattern = line["include ".Length..].Trim();
                string folder = pattern.StartsWith('/') ? pattern[..pattern.LastIndexOf('/')] : "/etc/" +
                    (pattern.Contains('/') ? pattern[..pattern.LastIndexOf('/')] : "");
                foreach (ImageNode node in view.Find(folder)?.Children ?? [])
                {
                    if (node.Name.EndsWith(".conf", StringComparison.Ordinal))
                        ReadConf(node.Path, depth + 1);
                }
            }
            else if (line.StartsWith('/'))
                folders.Add(line.Split(' ')[0]);
        }
    }
}
