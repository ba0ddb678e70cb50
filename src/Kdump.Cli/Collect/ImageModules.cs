using Kdump.Diagnosis;
using Kdump.Diagnosis.Evidence;
using Kdump.Formats.Archives;
using Kdump.Formats.Bytes;
using Kdump.Formats.Elf;

namespace Kdump.Cli.Collect;

/// <summary>The kernel modules of an image: what they are, what they need, and what their kernel has built in.</summary>
internal sealed class ImageModules
{
    /// <summary>The largest modules (amdgpu, xfs with debug info) have some tens of megabytes.</summary>
    private const int MaxModule = 128 << 20;

    private readonly ImageView view;
    private readonly HashSet<string> builtin = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Module> modules = new(StringComparer.Ordinal);

    public ImageModules(ImageView view) => this.view = view;

    private sealed record Module(ImageNode Node, string Release, ElfLinkage Elf);

    public int Count => modules.Count;

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

    /// <summary>All were taken. What is built in stands in the image, or else on the machine.</summary>
    public void Finish(ImageRoot? root)
    {
        Releases = modules.Values.GroupBy(m => m.Release).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).Select(g => g.Key).ToArray();
        foreach (string release in Releases)
        {
            string? list = view.Text($"/lib/modules/{release}/modules.builtin") ?? view.Text($"/usr/lib/modules/{release}/modules.builtin") ?? root?.Text($"/lib/modules/{release}/modules.builtin") ?? root?.Text($"/usr/lib/modules/{release}/modules.builtin");
            foreach (string line in (list ?? "").Split('\n'))
            {
                if (NameOf(line[(line.LastIndexOf('/') + 1)..].Trim()) is { } name)
                    builtin.Add(name);
            }
        }
    }

    /// <summary>In the image, or built into its kernel.</summary>
    public bool Has(string module) => modules.ContainsKey(Normal(module)) || builtin.Contains(Normal(module));

    public bool Holds(string module) => modules.ContainsKey(Normal(module));

    /// <summary>These modules and everything they depend on.</summary>
    public HashSet<string> Closure(IEnumerable<string> names)
    {
        var closed = new HashSet<string>(StringComparer.Ordinal);
        var work = new Stack<string>(names.Select(Normal));
        while (work.TryPop(out string? name))
        {
            if (!closed.Add(name) || !modules.TryGetValue(name, out Module? module))
                continue;
            foreach (string needs in Depends(module.Elf))
                work.Push(needs);
        }
        return closed;
    }

    /// <summary>Needs that nothing in the image meets.</summary>
    public void Judge(HashSet<string> wanted, ImageRoot? root, Facts facts)
    {
        var firmware = new HashSet<string>(StringComparer.Ordinal);
        foreach ((string name, Module module) in modules.OrderBy(m => m.Key, StringComparer.Ordinal))
        {
            foreach (string needs in Depends(module.Elf).Where(n => !Has(n)))
                facts.Add(new ModuleNeedUnmet(view.Quote(module.Node, $"depends={string.Join(',', module.Elf.Info("depends"))}"), name, needs, wanted.Contains(name)));
            // A module without vermagic is one that was never finished; modprobe --force only.
            string? magic = module.Elf.Info("vermagic").FirstOrDefault();
            if (magic is not null && magic.Split(' ')[0] != module.Release)
                facts.Add(new ModuleVermagicOther(view.Quote(module.Node, $"vermagic={magic}"), name, magic, module.Release));
            foreach (string file in module.Elf.Info("firmware"))
            {
                if (!HasFirmware(file, module.Release) && firmware.Add(name + " " + file))
                    facts.Add(new FirmwareNeedUnmet(view.Quote(module.Node, $"firmware={file}"), name, file, wanted.Contains(name), root is null ? null : RootHasFirmware(root, file, module.Release)));
            }
        }
    }

    private bool HasFirmware(string file, string release) => Places(file, release).Any(p => view.Find(p) is not null);

    private static bool RootHasFirmware(ImageRoot root, string file, string release) => Places(file, release).Any(root.IsFile);

    /// <summary>Where fw_path[] of drivers/base/firmware_loader/main.c looks, with the suffixes of its decompressors.</summary>
    private static IEnumerable<string> Places(string file, string release) =>
        from folder in new[] { "/lib/firmware/updates/" + release, "/lib/firmware/updates", "/lib/firmware/" + release, "/lib/firmware", "/usr/lib/firmware" }
        from suffix in new[] { "", ".xz", ".zst" }
        select $"{folder}/{file}{suffix}";

    private void ReadModule(ImageNode node, string name, string release, Facts facts)
    {
        try
        {
            byte[] bytes = PackedFile.Unpack(node.Content.Read(MaxModule), view.Shown(node.Path), MaxModule);
            modules.TryAdd(name, new Module(node, release, ElfLinkage.Read(bytes, view.Shown(node.Path))));
        }
        catch (InputException e)
        {
            facts.Add(new ProgramDamaged(new Source(e.Input, e.Message), node.Path, e.Reason));
        }
    }

    private static IEnumerable<string> Depends(ElfLinkage elf) =>
        elf.Info("depends").SelectMany(d => d.Split(',', StringSplitOptions.RemoveEmptyEntries)).Select(Normal);

    /// <summary>Dash and underscore are the same in names of modules.</summary>
    internal static string Normal(string name) => name.Replace('-', '_');

    /// <summary>The module that a file is, from its name; null for other files.</summary>
    internal static string? NameOf(string file)
    {
        int at = file.IndexOf(".ko", StringComparison.Ordinal);
        return at > 0 && file[at..] is ".ko" or ".ko.xz" or ".ko.zst" or ".ko.gz" ? Normal(file[..file.IndexOf(".ko", StringComparison.Ordinal)]) : null;
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
