using Kdump.Diagnosis.Evidence.Images;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Images;

/// <summary>Requirements of an image's modules that are not met: other modules, firmware, an index, an unpacker, a signature.</summary>
public sealed class ImageModuleNeeds(ImageView view, ImageModules modules, MachineTree? root)
{
    /// <summary>
    /// Drivers that are known to allocate much memory, and why kdump images leave them out. Figures: kdump-utils' estimate and its
    /// omit list.
    /// </summary>
    private static readonly (string Name, string Why)[] Appetites =
    [
        ("amdgpu", "a GPU driver with its firmware uses more memory than a crash kernel has"),
        ("radeon", "a GPU driver with its firmware uses more memory than a crash kernel has"),
        ("nouveau", "a GPU driver with its firmware uses more memory than a crash kernel has"),
        ("i915", "a GPU driver with its firmware uses more memory than a crash kernel has"),
        ("xe", "a GPU driver with its firmware uses more memory than a crash kernel has"),
        ("nvidia", "a GPU driver with its firmware uses more memory than a crash kernel has"),
        ("mlx5_core", "one adapter uses about 150 MB, on pages of 64 KB more than twice that"),
        ("mlx4_core", "one adapter uses tens of megabytes for its queues"),
        ("ice", "it sets up queues for every CPU and uses tens of megabytes"),
        ("qla2xxx", "it allocates for its own firmware dump"),
        ("ib_core", "the RDMA stack uses up to 200 MB"),
    ];

    /// <summary>Needs that nothing in the image meets.</summary>
    /// <param name="wanted">Modules of the way to the dump target.</param>
    public void Judge(HashSet<string> wanted, Facts facts)
    {
        var firmware = new HashSet<string>(StringComparer.Ordinal);
        foreach ((string name, ImageModule module) in modules.All.OrderBy(m => m.Key, StringComparer.Ordinal))
        {
            foreach (string needs in module.Depends.Where(n => !modules.Has(n)))
                facts.Add(new ModuleNeedUnmet(view.Quote(module.Node, $"depends={string.Join(',', module.Elf.Info("depends"))}"), name,
                    needs, wanted.Contains(name)));
            foreach (string soft in wanted.Contains(name)
                ? module.WantedBefore.Where(w => IsOffered(w, module.Release) && !modules.Has(w) && !modules.HasAlias(w)) : [])
                facts.Add(new ModuleNeedUnmet(view.Quote(module.Node, $"softdep={string.Join(' ', module.Elf.Info("softdep"))}"), name,
                    soft, true));
            // A module without vermagic was never finished; only modprobe --force loads it.
            string? magic = module.Elf.Info("vermagic").FirstOrDefault();
            if (magic is not null && magic.Split(' ')[0] != module.Release)
                facts.Add(new ModuleVermagicOther(view.Quote(module.Node, $"vermagic={magic}"), name, magic, module.Release));
            foreach (string file in module.Elf.Info("firmware"))
            {
                if (!HasFirmware(file, module.Release) && firmware.Add(name + " " + file))
                    facts.Add(new FirmwareNeedUnmet(view.Quote(module.Node, $"firmware={file}"), name, file, wanted.Contains(name),
                        root is null ? null : Places(file, module.Release).Any(root.IsFile)));
            }
        }
        Index(facts);
        Signatures(wanted, facts);
        Appetite(wanted, facts);
    }

    /// <summary>True if the machine has a module with this name; only then does its absence from the image matter.</summary>
    private bool IsOffered(string name, string release)
    {
        if (root is null)
            return false;
        string aliases = root.Text($"/lib/modules/{release}/modules.alias") ?? "",
            dependencies = root.Text($"/lib/modules/{release}/modules.dep") ?? "";
        return aliases.Contains($"\nalias {name} ", StringComparison.Ordinal) ||
            dependencies.Contains($"/{name}.ko", StringComparison.Ordinal);
    }

    private void Index(Facts facts)
    {
        foreach (IGrouping<string, ImageModule> release in modules.All.Values.GroupBy(m => m.Release))
        {
            string folder = release.First().Node.Path is var p ? p[..(p.IndexOf("/lib/modules/", StringComparison.Ordinal) + 13)] +
                release.Key : "";
            (string file, IEnumerable<string>? lines) = IndexOf(folder);
            if (lines is null)
            {
                facts.Add(new ModuleIndexBroken(new Source(view.Shown(folder), "neither modules.dep.bin nor modules.dep"), release.Key,
                    []));
                continue;
            }
            var listed = lines.Select(l => l.Split(':')[0]).Where(l => l.Length > 0)
                .Select(l => ImageModules.NameOf(l[(l.LastIndexOf('/') + 1)..])).ToHashSet(StringComparer.Ordinal);
            string[] unlisted = release.Select(m => ImageModules.NameOf(m.Node.Name)!).Where(n => !listed.Contains(n))
                .Order(StringComparer.Ordinal).ToArray();
            if (unlisted.Length > 0)
                facts.Add(new ModuleIndexBroken(
                    new Source(view.Shown(file), $"has no line for {string.Join(", ", unlisted.Take(4))}"), release.Key, unlisted));
        }
    }

    /// <summary>
    /// The index that the image's modprobe uses: kmod's (and udev's) the binary form, and the text where that cannot be used; busybox's
    /// the text.
    /// </summary>
    private (string File, IEnumerable<string>? Lines) IndexOf(string folder)
    {
        bool busybox = view.Program("modprobe") is { Name: "busybox" };
        string file = folder + "/modules.dep.bin";
        if (!busybox && view.Bytes(file) is { } index && KmodIndex.Read(index) is { } values)
            return (file, values);
        file = folder + "/modules.dep";
        return (file, view.Text(file)?.Split('\n'));
    }

    private void Signatures(HashSet<string> wanted, Facts facts)
    {
        if (facts.Of<SignatureDemand>() is not [var demand, ..])
            return;
        foreach ((string name, ImageModule module) in modules.All.Where(m => !m.Value.Signed).OrderBy(m => m.Key, StringComparer.Ordinal))
            facts.Add(new ModuleUnsigned(view.Quote(module.Node, "does not end with a signature"), name, demand.Source,
                wanted.Contains(name)));
    }

    private void Appetite(HashSet<string> wanted, Facts facts)
    {
        foreach ((string name, string why) in Appetites)
        {
            if (modules.All.TryGetValue(name, out ImageModule? module) && !wanted.Contains(name))
                facts.Add(new ModuleAppetite(view.Quote(module.Node, $"{Counted.Of(module.Bytes, "byte")}"), name, why, module.Bytes,
                    root?.IsFile($"/sys/module/{name}/initstate")));
        }
    }

    private bool HasFirmware(string file, string release) => Places(file, release).Any(p => view.Find(p) is not null);

    /// <summary>
    /// The places where fw_path[] of drivers/base/firmware_loader/main.c looks, with the suffixes of its decompressors.
    /// </summary>
    private static IEnumerable<string> Places(string file, string release) =>
        from folder in new[] { "/lib/firmware/updates/" + release, "/lib/firmware/updates", "/lib/firmware/" + release, "/lib/firmware",
            "/usr/lib/firmware" }
        from suffix in new[] { "", ".xz", ".zst" }
        select $"{folder}/{file}{suffix}";
}
