using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Kconfig;
using Kdump.Diagnosis.Pci;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Compare;

/// <summary>Compares two machines by what their parts are for (<see cref="MachineMatch"/>); what most likely matters comes first.</summary>
public static class MachineDiff
{
    /// <summary>Differences of a config that are shown.</summary>
    private const int MaxConfig = 40;

    private const string SharesWhy = "What shares a group cannot be isolated: compare ACS of the bridges above";

    public static IReadOnlyList<MachineDifference> Between(Facts a, Facts b)
    {
        var all = new List<MachineDifference>();
        MachineMatch match = new(a.Of<LspciFunction>(), b.Of<LspciFunction>());
        if (a.Any<LspciFunction>() && b.Any<LspciFunction>())
            all.AddRange(Devices(match));
        all.AddRange(Groups(a, b, match));
        all.AddRange(Kernels(a, b));
        all.AddRange(Firmware(a, b));
        all.AddRange(MachineProperties.Between(a, b));
        all.AddRange(Configs(a, b));
        return all.OrderByDescending(d => d.Weight).ThenBy(d => d.Area, StringComparer.Ordinal)
            .ThenBy(d => d.Subject, StringComparer.Ordinal).ToArray();
    }

    private static IEnumerable<MachineDifference> Devices(MachineMatch match)
    {
        foreach (MachineDifference d in match.Same.SelectMany(p => Pair(p.A, p.B)))
            yield return d;
        foreach ((LspciFunction x, LspciFunction y) in match.Replaced)
        {
            bool bridge = x.IsBridge;
            string role = PciClass.Role(x.Class) is "network" or "storage" or "nvme" or "display" or "fibre channel"
                ? PciClass.Role(x.Class) + " device" : Words(x);
            yield return new("device", bridge ? 40 : 62, role, $"{x.Address} {NameOf(x)}", $"{y.Address} {NameOf(y)}", bridge ? ""
                : "Another part does this work: its driver and firmware may be what differs");
        }
        // Any number of functions of one kind is one difference.
        foreach (var kind in match.OnlyA.Select(f => (A: true, F: f)).Concat(match.OnlyB.Select(f => (A: false, F: f)))
            .GroupBy(o => (o.A, Kind: MachineMatch.KindOf(o.F))))
        {
            LspciFunction first = kind.First().F;
            string where = string.Join(' ', kind.Take(4).Select(o => o.F.Address)) +
                (kind.Count() > 4 ? $" and {kind.Count() - 4} more" : "");
            yield return new("device", first.IsBridge ? 30 : 55, $"{Words(first)} {NameOf(first)}".Trim(), kind.Key.A ? where : "",
                kind.Key.A ? "" : where, first.IsBridge ? ""
                : "Only one of them has it: what differs between the machines may be what it does");
        }
    }

    private static string Words(LspciFunction f) => PciClass.Words(f.Class);

    private static string NameOf(LspciFunction f)
    {
        if (f.Name.Length > 0 && f.Name != f.Ids)
            return f.Name;
        return f.Ids is null ? "" : $"[{f.Ids}]{(f.Driver is null ? "" : $" ({f.Driver})")}";
    }

    private static IEnumerable<MachineDifference> Pair(LspciFunction x, LspciFunction y)
    {
        string what = $"{(x.Name.Length == 0 || x.Name == x.Ids ? Words(x) + " " : "")}{MachineMatch.WithoutRevision(NameOf(x))}".Trim();
        string subject = x.Address == y.Address ? $"{x.Address} {what}" : $"{x.Address} / {y.Address} {what}";
        if (x.ShowsExtended && y.ShowsExtended && (x.AcsCan is null) != (y.AcsCan is null))
            yield return new("acs", 95, subject, x.AcsCan is null ? "no ACS" : "ACS", y.AcsCan is null ? "no ACS" : "ACS",
                "Without ACS the devices behind this bridge and its siblings share an IOMMU group; a domain of their own cannot be had, " +
                "and DMA through the IOMMU may fail (-12)");
        else if (x.AcsDoes is not null && y.AcsDoes is not null && x.AcsDoes != y.AcsDoes)
            yield return new("acs", 70, subject, x.AcsDoes, y.AcsDoes,
                "ACS is there on both and not switched on alike: the IOMMU is off on one, or firmware differs");
        if ((x.Driver ?? "") != (y.Driver ?? "") && (x.Driver is not null || y.Driver is not null) && (x.ShowsDriver && y.ShowsDriver))
            yield return new("driver", 60, subject, x.Driver ?? "no driver", y.Driver ?? "no driver", x.Driver is null || y.Driver is null
                ? "Its driver is missing, was kept off, or failed to start" : "Another driver is bound");
        if (x.LinkCan is not null && x.Link is not null && y.Link is not null && x.Link != y.Link)
            yield return new("link", x.Link.Width != y.Link.Width ? 50 : 20, subject, $"{x.Link.Speed} x{x.Link.Width}",
                $"{y.Link.Speed} x{y.Link.Width}", "The links trained differently: slot, riser or contacts");
        if (x.HasAer != y.HasAer && x.ShowsExtended && y.ShowsExtended)
            yield return new("device", 35, subject, x.HasAer ? "AER" : "no AER", y.HasAer ? "AER" : "no AER",
                "A capability is missing: firmware hides it, or the part is another revision");
        if (x.Sriov is { } s && y.Sriov is { } t && (s.Enabled != t.Enabled || s.Active != t.Active || s.Total != t.Total))
            yield return new("sriov", 30, subject, $"{s.Active} of {s.Total} VFs", $"{t.Active} of {t.Total} VFs",
                "Virtual functions differ");
        if (x.Numa is int n && y.Numa is int m && n != m)
            yield return new("numa", 15, subject, $"node {n}", $"node {m}", "It hangs on another processor");
        string xr = Revision(x.Name), yr = Revision(y.Name);
        if (xr != yr && xr.Length + yr.Length > 0)
            yield return new("device", 25, subject, xr, yr, "Another revision of the same part");
    }

    private static string Revision(string name) => name.LastIndexOf("(rev ", StringComparison.Ordinal) is >= 0 and var at ? name[at..] : "";

    /// <summary>
    /// Compares which devices share a group: the number of a group has no meaning, and an address only together with its
    /// counterpart.
    /// </summary>
    private static IEnumerable<MachineDifference> Groups(Facts a, Facts b, MachineMatch match)
    {
        Dictionary<PciAddress, PciAddress[]> x = Sharing(a), y = Sharing(b);
        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach ((PciAddress device, PciAddress[] with) in x.OrderBy(p => p.Key))
        {
            // Without lspci of both machines only the address tells which device is which.
            PciAddress other = match.Same.Count == 0 ? device : match.CounterpartOf(device) ?? device;
            if ((match.Same.Count > 0 && match.CounterpartOf(device) is null) || !y.TryGetValue(other, out PciAddress[]? withOther))
                continue;
            PciAddress?[] expected = with.Select(w => match.Same.Count == 0 ? w : match.CounterpartOf(w)).ToArray();
            // Partners that one machine does not have at all are a difference of devices, not of groups.
            PciAddress[] lost = with.Where((w, i) => expected[i] is { } e && y.ContainsKey(e) && !withOther.Contains(e)).ToArray(),
                gained = withOther.Where(w => !expected.Contains(w) && IsKnown(w, match, x)).ToArray();
            if (lost.Length == 0 && gained.Length == 0)
                continue;
            // One group that grew or was taken apart is one difference, not one for each member.
            string group = gained.Length > 0 ? "B " + string.Join(' ', withOther.Append(other).Order()) : "A " +
                string.Join(' ', with.Append(device).Order());
            if (told.Add(group))
                yield return new("iommu-group", 90, device == other ? device.ToString() : $"{device} / {other}", Shared(with),
                    Shared(withOther), SharesWhy);
        }
    }

    private static bool IsKnown(PciAddress onB, MachineMatch match, Dictionary<PciAddress, PciAddress[]> x) =>
        match.Same.Count == 0 ? x.ContainsKey(onB) : match.Same.Concat(match.Replaced)
            .Any(p => p.B.Address == onB && x.ContainsKey(p.A.Address));

    private static string Shared(PciAddress[] with) =>
        with.Length == 0 ? "alone in its group"
        : $"shares with {string.Join(' ', with.Take(8).Select(w => w.ToString()))}" +
            (with.Length > 8 ? $" and {with.Length - 8} more" : "");

    private static Dictionary<PciAddress, PciAddress[]> Sharing(Facts facts)
    {
        var sharing = new Dictionary<PciAddress, PciAddress[]>();
        foreach (var group in facts.Of<IommuGroupMember>().GroupBy(m => (m.Boot, m.Group)))
        {
            PciAddress[] members = group.Select(m => m.Device).Distinct().Order().ToArray();
            foreach (PciAddress device in members)
                sharing[device] = members.Where(m => m != device).ToArray();
        }
        return sharing;
    }

    private static IEnumerable<MachineDifference> Kernels(Facts a, Facts b)
    {
        string x = a.Of<KernelBanner>() is [.., var k] ? k.Release : "", y = b.Of<KernelBanner>() is [.., var l] ? l.Release : "";
        if (x != y && x.Length > 0 && y.Length > 0)
            yield return new("kernel", 65, "kernel release", x, y, "Compare their configs as well (kdt kconfig diff)");
        CommandLine ours = LineOf(a), theirs = LineOf(b);
        string[] p = Parameters(ours), q = Parameters(theirs);
        if (p.Length == 0 || q.Length == 0)
            yield break;
        if (ours.ForInit != theirs.ForInit)
            yield return new("cmdline", 5, "arguments of init", ours.ForInit, theirs.ForInit, "");
        foreach (string parameter in p.Except(q, StringComparer.Ordinal).Concat(q.Except(p, StringComparer.Ordinal)))
        {
            string name = parameter.Split('=')[0];
            bool mine = p.Contains(parameter);
            string other = (mine ? q : p).FirstOrDefault(o => o.Split('=')[0] == name) ?? "";
            // A parameter that both have with other values is one difference.
            if (!mine && other.Length > 0)
                continue;
            int weight;
            if (name.Contains("iommu", StringComparison.Ordinal))
                weight = 85;
            else if (name is "crashkernel" or "nr_cpus" or "pci" or "pcie_aspm" or "pcie_ports" or "intremap" or "iomem")
                weight = 60;
            else
                weight = name is "root" or "BOOT_IMAGE" or "resume" or "rd.lvm.lv" ? 5 : 30;
            yield return new("cmdline", weight, name, mine ? parameter : other, mine ? other : parameter, weight >= 80
                ? "Decides whether and how DMA is translated" : "");
        }
    }

    private static CommandLine LineOf(Facts facts) =>
        CommandLine.Parse(facts.Of<KernelCommandLine>() is [.., var line] ? line.Text : "");

    private static string[] Parameters(CommandLine line) =>
        [.. line.Parameters.Select(p => p.ToString()).Distinct(StringComparer.Ordinal)];

    private static IEnumerable<MachineDifference> Firmware(Facts a, Facts b)
    {
        string x = a.Of<MachineName>() is [.., var n] ? n.Text : "", y = b.Of<MachineName>() is [.., var o] ? o.Text : "";
        bool told = a.Of<MachineProperty>().Concat(b.Of<MachineProperty>()).Any(p => p.Area == "bios");
        if (x != y && x.Length > 0 && y.Length > 0 && !told)
            yield return new("bios", 75, "machine and BIOS", x, y, MachineProperties.BiosWhy);
        foreach (var device in a.Of<FirmwareVersion>().GroupBy(f => f.Driver))
        {
            string[] mine = device.Select(f => f.Version).Distinct().ToArray(),
                theirs = b.Of<FirmwareVersion>().Where(f => f.Driver == device.Key).Select(f => f.Version).Distinct().ToArray();
            if (theirs.Length > 0 && !mine.ToHashSet().SetEquals(theirs))
                yield return new("firmware", 60, $"{device.Key} devices", string.Join(' ', mine), string.Join(' ', theirs),
                    "Another firmware on cards of the same driver");
        }
    }

    private static IEnumerable<MachineDifference> Configs(Facts a, Facts b)
    {
        if (a.Of<KernelConfigSeen>() is not [.., var x] || b.Of<KernelConfigSeen>() is not [.., var y])
            yield break;
        foreach (KconfigChange c in KconfigDiff.Between(x.Config, y.Config).Where(c => c.Weight >= 35).Take(MaxConfig))
            yield return new("config", c.Weight - 5, c.Option, c.Before, c.After, c.Why);
    }
}
