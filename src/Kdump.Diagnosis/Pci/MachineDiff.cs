using Kdump.Diagnosis.Evidence;
using Kdump.Diagnosis.Kconfig;

namespace Kdump.Diagnosis.Pci;

/// <summary>
/// Compares two machines by what their parts are for, not by address: cards of the same kind are matched in order, and a bridge by its
/// own id and the device number it has on its bus, because a good and a bad machine seldom number their buses alike.
/// </summary>
public static class MachineDiff
{
    public static IReadOnlyList<MachineDifference> Between(Facts a, Facts b)
    {
        var all = new List<MachineDifference>();
        all.AddRange(Devices(a, b));
        all.AddRange(Groups(a, b));
        all.AddRange(Kernels(a, b));
        all.AddRange(Firmware(a, b));
        all.AddRange(Configs(a, b));
        return all.OrderByDescending(d => d.Weight).ThenBy(d => d.Area, StringComparer.Ordinal).ThenBy(d => d.Subject, StringComparer.Ordinal).ToArray();
    }

    private static string KindOf(LspciFunction f) => f.Ids ?? (f.Name.Length > 0 ? f.Name : f.Class);

    private static IEnumerable<MachineDifference> Devices(Facts a, Facts b)
    {
        IReadOnlyList<LspciFunction> first = new PciTree(a.Of<LspciFunction>()).All, second = new PciTree(b.Of<LspciFunction>()).All;
        if (first.Count == 0 || second.Count == 0)
            yield break;
        foreach (string kind in first.Concat(second).Select(KindOf).Distinct(StringComparer.Ordinal))
        {
            LspciFunction[] x = first.Where(f => KindOf(f) == kind).ToArray(), y = second.Where(f => KindOf(f) == kind).ToArray();
            for (int i = 0; i < Math.Max(x.Length, y.Length); i++)
            {
                if (i >= x.Length || i >= y.Length)
                {
                    LspciFunction only = i < x.Length ? x[i] : y[i];
                    bool bridge = only.IsBridge;
                    yield return new("device", bridge ? 30 : 55, $"{only.Class}: {only.Name}".TrimEnd(' ', ':'), i < x.Length ? only.Address.ToString() : "", i < x.Length ? "" : only.Address.ToString(),
                        bridge ? "" : "A card that only one of them has: what differs between the machines may be what it does");
                    continue;
                }
                foreach (MachineDifference d in Pair(x[i], y[i]))
                    yield return d;
            }
        }
    }

    private static IEnumerable<MachineDifference> Pair(LspciFunction x, LspciFunction y)
    {
        string subject = x.Address == y.Address ? $"{x.Address} {x.Name}".TrimEnd() : $"{x.Address} / {y.Address} {x.Name}".TrimEnd();
        if (x.ShowsExtended && y.ShowsExtended && (x.AcsCan is null) != (y.AcsCan is null))
            yield return new("acs", 95, subject, x.AcsCan is null ? "no ACS" : "ACS", y.AcsCan is null ? "no ACS" : "ACS", "Without ACS the devices behind this bridge and its siblings share an IOMMU group; a domain of their own cannot be had, and DMA through the IOMMU may fail (-12)");
        else if (x.AcsDoes is not null && y.AcsDoes is not null && x.AcsDoes != y.AcsDoes)
            yield return new("acs", 70, subject, x.AcsDoes, y.AcsDoes, "ACS is there on both and not switched on alike: the IOMMU is off on one, or firmware differs");
        if (x.Driver is not null && y.Driver is not null && x.Driver != y.Driver)
            yield return new("driver", 60, subject, x.Driver, y.Driver, "Another driver is bound");
        if (x.LinkCan is not null && x.Link is not null && y.Link is not null && x.Link != y.Link)
            yield return new("link", x.Link.Width != y.Link.Width ? 50 : 20, subject, $"{x.Link.Speed} x{x.Link.Width}", $"{y.Link.Speed} x{y.Link.Width}", "The links trained differently: slot, riser or contacts");
        if (x.HasAer != y.HasAer && x.ShowsExtended && y.ShowsExtended)
            yield return new("device", 35, subject, x.HasAer ? "AER" : "no AER", y.HasAer ? "AER" : "no AER", "A capability is missing: firmware hides it, or the part is another revision");
        if (x.Sriov is { } s && y.Sriov is { } t && (s.Enabled != t.Enabled || s.Active != t.Active))
            yield return new("sriov", 30, subject, $"{s.Active} VFs", $"{t.Active} VFs", "Virtual functions in use differ");
        string xr = Revision(x.Name), yr = Revision(y.Name);
        if (xr != yr)
            yield return new("device", 25, subject, xr, yr, "Another revision of the same part");
    }

    private static string Revision(string name) => name.LastIndexOf("(rev ", StringComparison.Ordinal) is >= 0 and var at ? name[at..] : "";

    /// <summary>Who shares a group with whom, by slot and function: the number of a group means nothing.</summary>
    private static IEnumerable<MachineDifference> Groups(Facts a, Facts b)
    {
        Dictionary<string, string> x = Sharing(a), y = Sharing(b);
        if (x.Count == 0 || y.Count == 0)
            yield break;
        foreach (string device in x.Keys.Intersect(y.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            if (x[device] != y[device])
            {
                yield return new("iommu-group", 90, device, x[device].Length == 0 ? "alone in its group" : $"shares with {x[device]}", y[device].Length == 0 ? "alone in its group" : $"shares with {y[device]}",
                    "What shares a group cannot be isolated: compare ACS of the bridges above");
            }
        }
    }

    private static Dictionary<string, string> Sharing(Facts facts)
    {
        var sharing = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var group in facts.Of<IommuGroupMember>().GroupBy(m => (m.Boot, m.Group)))
        {
            PciAddress[] members = group.Select(m => m.Device).Distinct().Order().ToArray();
            foreach (PciAddress device in members)
                sharing[device.ToString()] = string.Join(' ', members.Where(m => m != device));
        }
        return sharing;
    }

    private static IEnumerable<MachineDifference> Kernels(Facts a, Facts b)
    {
        string x = a.Of<KernelBanner>() is [.., var k] ? k.Release : "", y = b.Of<KernelBanner>() is [.., var l] ? l.Release : "";
        if (x != y && x.Length > 0 && y.Length > 0)
            yield return new("kernel", 65, "kernel release", x, y, "Compare their configs as well (kdt kconfig diff)");
        string[] p = Parameters(a), q = Parameters(b);
        if (p.Length == 0 || q.Length == 0)
            yield break;
        foreach (string parameter in p.Except(q, StringComparer.Ordinal).Concat(q.Except(p, StringComparer.Ordinal)))
        {
            string name = parameter.Split('=')[0];
            bool mine = p.Contains(parameter);
            string other = (mine ? q : p).FirstOrDefault(o => o.Split('=')[0] == name) ?? "";
            // A parameter that both have with other values is one difference.
            if (!mine && other.Length > 0)
                continue;
            int weight = name.Contains("iommu", StringComparison.Ordinal) ? 85 : name is "crashkernel" or "nr_cpus" or "pci" or "pcie_aspm" or "pcie_ports" or "intremap" or "iomem" ? 60 : name is "root" or "BOOT_IMAGE" or "resume" or "rd.lvm.lv" ? 5 : 30;
            yield return new("cmdline", weight, name, mine ? parameter : other, mine ? other : parameter, weight >= 80 ? "Decides whether and how DMA is translated" : "");
        }
    }

    private static string[] Parameters(Facts facts) =>
        facts.Of<KernelCommandLine>() is [.., var line] ? line.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).ToArray() : [];

    private static IEnumerable<MachineDifference> Firmware(Facts a, Facts b)
    {
        string x = a.Of<MachineName>() is [.., var n] ? n.Text : "", y = b.Of<MachineName>() is [.., var o] ? o.Text : "";
        if (x != y && x.Length > 0 && y.Length > 0)
            yield return new("bios", 75, "machine and BIOS", x, y, "Firmware sets up ACS, IOMMU tables and memory windows: the same version belongs on both before anything else is suspected");
        foreach (var device in a.Of<FirmwareVersion>().GroupBy(f => f.Driver))
        {
            string[] mine = device.Select(f => f.Version).Distinct().ToArray(), theirs = b.Of<FirmwareVersion>().Where(f => f.Driver == device.Key).Select(f => f.Version).Distinct().ToArray();
            if (theirs.Length > 0 && !mine.ToHashSet().SetEquals(theirs))
                yield return new("firmware", 60, $"{device.Key} devices", string.Join(' ', mine), string.Join(' ', theirs), "Another firmware on cards of the same driver");
        }
    }

    private static IEnumerable<MachineDifference> Configs(Facts a, Facts b)
    {
        if (a.Of<KernelConfigSeen>() is not [.., var x] || b.Of<KernelConfigSeen>() is not [.., var y])
            yield break;
        foreach (KconfigChange c in KconfigDiff.Between(x.Config, y.Config).Where(c => c.Weight >= 35).Take(40))
            yield return new("config", c.Weight - 5, c.Option, c.Before, c.After, c.Why);
    }
}
