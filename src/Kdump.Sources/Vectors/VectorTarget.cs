using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;
using Kdump.Formats.Archives;
using Kdump.Sources.Images;
using Kdump.Sources.Machines;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Vectors;

/// <summary>
/// The dump's path, as far as interrupts matter: the devices on the way, and the network interfaces that are brought up for it.
/// </summary>
public sealed class VectorTarget
{
    private readonly HashSet<string> devices = new(StringComparer.Ordinal), interfaces = new(StringComparer.Ordinal);

    public VectorTarget(MachineTree root, BootImage? image, CommandLine capture, Facts facts)
    {
        List<DumpTarget> targets = [.. facts.Of<DumpTarget>()];
        if (targets.Count == 0)
        {
            var own = new Facts();
            if (!root.Parse("/etc/kdump.conf", new KdumpConf(), own) || !own.Any<DumpTarget>())
                root.Parse("/etc/fstab", new Fstab(FstabScope.Root), own);
            targets.AddRange(own.Of<DumpTarget>());
        }
        Network = targets.Any(t => t.IsRemote);
        Name = targets.Select(t => t.Spec).FirstOrDefault(s => s.Length > 0) ?? "";
        Interfaces(root, image, capture, Network ? Name : null);
        if (Network)
            return;
        var found = new Facts();
        var follow = new ImageTargets(root, found);
        foreach (DumpTarget target in targets.DistinctBy(t => (t.Device.Kind, t.Device.Value)))
            follow.Follow(target, null);
        foreach (TargetPath path in found.Of<TargetPath>())
            devices.UnionWith(path.Devices);
    }

    /// <summary>The dump goes over the network.</summary>
    public bool Network { get; }

    /// <summary>As configured; empty when no target is.</summary>
    public string Name { get; }

    public bool Passes(string device) => devices.Contains(device);

    /// <summary>
    /// Whether one of a device's interfaces is brought up; null when the dump needs the network but does not name the interface.
    /// </summary>
    public bool? Brings(IEnumerable<string> names)
    {
        string[] own = [.. names];
        if (own.Length == 0)
            return null;
        if (own.Any(interfaces.Contains))
            return true;
        return Network && interfaces.Count == 0 ? null : false;
    }

    /// <summary>
    /// Interfaces that the image configures (<c>ip=</c>, <c>ifname=</c>), for any target; without one, for a target on the network,
    /// the interface that leads to the host.
    /// </summary>
    private void Interfaces(MachineTree root, BootImage? image, CommandLine capture, string? host)
    {
        var view = image is null ? null : new ImageView(image, image.Root);
        IEnumerable<string> texts = (view?.Find("/etc/cmdline.d")?.Children ?? []).Select(c => view!.Text(c.Path) ?? "");
        string[] known = [.. root.List("/sys/class/net").Where(n => root.Link($"/sys/class/net/{n}/device") is not null)];
        foreach (KernelParameter p in texts.SelectMany(t => CommandLine.Parse(t.Replace('\n', ' ')).Parameters).Concat(capture.Parameters)
            .Where(p => p.Name is "ip" or "ifname" or "bootdev" or "bond" or "team" or "bridge"))
        {
            string value = p.Value ?? "";
            interfaces.UnionWith(value.Split(':', ',').Where(known.Contains));
            // ifname=NEW:MAC
            if (p.Name == "ifname" && value.IndexOf(':') is > 0 and var colon)
                interfaces.UnionWith(known.Where(
                    n => string.Equals(root.Text($"/sys/class/net/{n}/address"), value[(colon + 1)..],
                    StringComparison.OrdinalIgnoreCase)));
        }
        if (host is null)
            return;
        if (interfaces.Count == 0 && Routes.To(root, host) is { } route)
            interfaces.Add(route);
        foreach (string name in interfaces)
        {
            if (root.Resolve($"/sys/class/net/{name}/device") is { } path)
                devices.UnionWith(path.Split('/', StringSplitOptions.RemoveEmptyEntries));
        }
    }
}
