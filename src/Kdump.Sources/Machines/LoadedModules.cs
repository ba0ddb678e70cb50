using Kdump.Sources.Images;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Machines;

/// <summary>
/// Whether a driver is a loaded module or part of the kernel. A link driver/module alone does not tell: newer kernels (seen in
/// 6.12, not in 6.1) have it for built-in drivers too. /sys/module/X/initstate is there for a loaded module only, and /proc/modules
/// lists them.
/// </summary>
public sealed class LoadedModules(MachineTree root)
{
    private readonly Lazy<HashSet<string>?> listed = new(() => root.Text("/proc/modules") is { Length: > 0 } text
        ? text.Split('\n').Select(l => ImageModules.Normal(l.Split(' ')[0])).ToHashSet(StringComparer.Ordinal) : null);

    private readonly Lazy<bool> states = new(() => root.List("/sys/module").Any(m => root.IsFile($"/sys/module/{m}/initstate")));

    /// <summary>The module behind a link, where it is one that was loaded; null for a driver of the kernel itself.</summary>
    public string? Behind(string link)
    {
        if (root.Link(link) is not { } target)
            return null;
        string name = target[(target.LastIndexOf('/') + 1)..];
        return IsLoaded(name) == false ? null : name;
    }

    /// <summary>True if it is a loaded module; null where the tree does not tell.</summary>
    private bool? IsLoaded(string module)
    {
        if (root.IsFile($"/sys/module/{module}/initstate"))
            return true;
        if (listed.Value is { } names)
            return names.Contains(ImageModules.Normal(module));
        return root.IsFolder($"/sys/module/{module}") && states.Value ? false : null;
    }
}
