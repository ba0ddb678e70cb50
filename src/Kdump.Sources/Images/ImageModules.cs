using Kdump.Diagnosis.Evidence.Images;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Archives;
using Kdump.Formats.Bytes;
using Kdump.Formats.Elf;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Images;

/// <summary>The kernel modules of an image: what they are, what they need, and what their kernel has built in.</summary>
public sealed class ImageModules
{
    /// <summary>The largest modules (amdgpu, xfs with debug info) have some tens of megabytes.</summary>
    private const int MaxModule = 128 << 20;

    private readonly ImageView view;
    private readonly HashSet<string> builtin = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ImageModule> modules = new(StringComparer.Ordinal);
    private readonly HashSet<string> damaged = new(StringComparer.Ordinal);
    private HashSet<string>? aliases;

    public ImageModules(ImageView view) => this.view = view;

    public int Count => modules.Count;

    /// <summary>By name, dashes as underscores.</summary>
    public IReadOnlyDictionary<string, ImageModule> All => modules;

    /// <summary>Releases with modules, most first.</summary>
    public IReadOnlyList<string> Releases { get; private set; } = [];

    /// <summary>Reads a file that is a .ko below lib/modules; false for any other.</summary>
    public bool Take(ImageNode node, Facts facts)
    {
        if (NameOf(node.Name) is not { } name)
            return false;
        if (ReleaseOf(node.Path) is { } release)
            ReadModule(node, name, release, facts);
        return true;
    }

    /// <summary>Called after all files were read; the list of built-in modules is in the image, otherwise on the machine.</summary>
    public void Finish(MachineTree? root)
    {
        Releases = modules.Values.GroupBy(m => m.Release).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => g.Key).ToArray();
        foreach (string release in Releases)
        {
            string? list = view.Text($"/lib/modules/{release}/modules.builtin") ?? view.Text($"/usr/lib/modules/{release}/modules.builtin")
                ?? root?.Text($"/lib/modules/{release}/modules.builtin") ?? root?.Text($"/usr/lib/modules/{release}/modules.builtin");
            foreach (string line in (list ?? "").Split('\n'))
            {
                if (NameOf(line[(line.LastIndexOf('/') + 1)..].Trim()) is { } name)
                    builtin.Add(name);
            }
        }
    }

    /// <summary>True if the module is in the image (even if damaged), or built into its kernel.</summary>
    public bool Has(string module) => Holds(module) || builtin.Contains(Normal(module));

    public bool Holds(string module) => modules.ContainsKey(Normal(module)) || damaged.Contains(Normal(module));

    public bool IsBuiltin(string module) => builtin.Contains(Normal(module));

    /// <summary>The modules that are built into the image's kernel are known.</summary>
    public bool KnowsBuiltin => builtin.Count > 0;

    /// <summary>True if a module of the image has exactly this alias; patterns do not count.</summary>
    public bool HasAlias(string alias) =>
        (aliases ??= [.. modules.Values.SelectMany(m => m.Elf.Info("alias"))]).Contains(alias);

    /// <summary>These modules and everything they depend on.</summary>
    public HashSet<string> Closure(IEnumerable<string> names)
    {
        var closed = new HashSet<string>(StringComparer.Ordinal);
        var work = new Stack<string>(names.Select(Normal));
        while (work.TryPop(out string? name))
        {
            if (!closed.Add(name) || !modules.TryGetValue(name, out ImageModule? module))
                continue;
            foreach (string needs in module.Depends)
                work.Push(needs);
        }
        return closed;
    }

    private void ReadModule(ImageNode node, string name, string release, Facts facts)
    {
        try
        {
            byte[] stored = node.Content.Read(MaxModule), bytes = PackedFile.Unpack(stored, view.Shown(node.Path), MaxModule);
            var elf = ElfLinkage.Read(bytes, view.Shown(node.Path));
            modules.TryAdd(name, new ImageModule(node, release, elf, ReferenceEquals(stored, bytes) ? ""
                : node.Name[node.Name.LastIndexOf('.')..], bytes.AsSpan().EndsWith(ImageModule.SignatureMark), bytes.Length));
        }
        catch (InputException e)
        {
            damaged.Add(name);
            facts.Add(new ProgramDamaged(new Source(e.Input, e.Message), node.Path, e.Reason));
        }
    }

    /// <summary>Dash and underscore are the same in names of modules.</summary>
    internal static string Normal(string name) => name.Replace('-', '_');

    /// <summary>The module's name, from the name of its file; null for other files.</summary>
    internal static string? NameOf(string file)
    {
        int at = file.IndexOf(".ko", StringComparison.Ordinal);
        return at > 0 && file[at..] is ".ko" or ".ko.xz" or ".ko.zst" or ".ko.gz"
            ? Normal(file[..file.IndexOf(".ko", StringComparison.Ordinal)]) : null;
    }

    private static string? ReleaseOf(string path)
    {
        int at = path.IndexOf("/lib/modules/", StringComparison.Ordinal);
        if (at < 0)
            return null;
        int end = path.IndexOf('/', at + 13);
        return end < 0 ? null : path[(at + 13)..end];
    }
}
