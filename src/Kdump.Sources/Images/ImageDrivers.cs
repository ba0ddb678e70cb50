using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Text;
using Kdump.Formats.Archives;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Images;

/// <summary>
/// Finds which driver of an image would be loaded for a device: by the image's own modules.alias, as its udev does, without modules
/// blacklisted there or on the command line.
/// </summary>
public sealed class ImageDrivers
{
    private readonly HashSet<string> modules, builtin, blocked;
    private readonly string aliases;

    public ImageDrivers(BootImage image, MachineTree root, CommandLine capture)
    {
        var view = new ImageView(image, image.Root);
        ImageNode[] files = image.Root.Root.All().Where(n => n.IsFile).ToArray();
        modules = files.Select(f => ImageModules.NameOf(f.Name)).OfType<string>().ToHashSet(StringComparer.Ordinal);
        string? folder = files.Where(f => ImageModules.NameOf(f.Name) is not null).Select(f => Folder(f.Path))
            .FirstOrDefault(f => f is not null);
        aliases = folder is null ? "" : view.Text(folder + "/modules.alias") ?? "";
        builtin = Names((folder is null ? null : view.Text(folder + "/modules.builtin") ?? root.Text(folder + "/modules.builtin")) ?? "");
        blocked = Blocked(capture);
        foreach (string place in new[] { "/etc/modprobe.d", "/usr/lib/modprobe.d", "/lib/modprobe.d", "/run/modprobe.d" })
        {
            foreach (ImageNode conf in view.Find(place)?.Children.Where(c => c.Name.EndsWith(".conf", StringComparison.Ordinal)) ?? [])
                Blacklist(view.Text(conf.Path) ?? "", blocked);
        }
    }

    /// <summary>The image has modules.alias, which maps devices to modules; without it only names can be compared.</summary>
    public bool HasAliases => aliases.Length > 0;

    public bool IsBuiltin(string module) => builtin.Contains(module);

    public bool Holds(string module) => modules.Contains(module) && !blocked.Contains(module);

    /// <summary>True for a module that the image or the command line forbids.</summary>
    public bool Blocks(string module) => blocked.Contains(module);

    /// <summary>For each modalias, the modules of the image that would be loaded for it.</summary>
    public string[][] For(IReadOnlyList<string> wanted)
    {
        if (!HasAliases)
            return [.. wanted.Select(_ => Array.Empty<string>())];
        var lines = new LineReader("modules.alias", new MemoryStream(System.Text.Encoding.UTF8.GetBytes(aliases)));
        return [.. ModulesAlias.Match(lines, wanted).Select(m => m.Select(ImageModules.Normal).Where(Holds).Distinct().ToArray())];
    }

    private static string? Folder(string path)
    {
        int at = path.IndexOf("/lib/modules/", StringComparison.Ordinal);
        int end = at < 0 ? -1 : path.IndexOf('/', at + "/lib/modules/".Length);
        return end < 0 ? null : path[..end];
    }

    private static HashSet<string> Names(string list) =>
        list.Split('\n').Select(l => ImageModules.NameOf(l[(l.LastIndexOf('/') + 1)..].Trim())).OfType<string>()
            .ToHashSet(StringComparer.Ordinal);

    /// <summary>Names that the command line forbids: to the kernel, to dracut's udev rules, to modprobe.</summary>
    private static HashSet<string> Blocked(CommandLine line) => line.Parameters
        .Where(p => p.Name is "module_blacklist" or "rd.driver.blacklist" or "rdblacklist" or "modprobe.blacklist")
        .SelectMany(p => (p.Value ?? "").Split(',')).Select(ImageModules.Normal).ToHashSet(StringComparer.Ordinal);

    /// <summary><c>blacklist NAME</c>, and <c>install NAME /bin/true</c>, which has the same effect.</summary>
    private static void Blacklist(string conf, HashSet<string> blocked)
    {
        foreach (string line in conf.Split('\n'))
        {
            string[] words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words is ["blacklist", var name] ||
                (words is ["install", var installed, var program, ..] && (name = installed) is not null &&
                program.Split('/')[^1] is "true" or "false"))
                blocked.Add(ImageModules.Normal(name));
        }
    }
}
