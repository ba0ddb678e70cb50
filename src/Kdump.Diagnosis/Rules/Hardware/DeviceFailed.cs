using System.Globalization;
using Kdump.Diagnosis.Catalogue;
using Kdump.Diagnosis.Catalogue.Devices;
using Kdump.Diagnosis.Catalogue.Families;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Pci;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>A driver reports a problem of its device in a wording that a family of the catalogue contains.</summary>
public sealed class DeviceFailed(DeviceFamily family) : Rule
{
    /// <summary>Seconds within which a problem of a controller or port explains problems of the devices behind it.</summary>
    private const double Near = 120;

    /// <summary>Seconds in which a machine still starts its devices.</summary>
    private const double Start = 180;

    public override string Id => family.Id;

    public override Entry Entry => family;

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (var life in facts.Of<DeviceSaid>().Where(s => s.Family == family && !s.Overcome && !IsOfStart(s)).GroupBy(s => s.Boot))
        {
            if (family.In == Life.First && life.Key?.Capture == true)
                continue;
            // One device has several names: group them by address, otherwise by interface.
            // A line with only the interface may come before the line that has both.
            var joined = life.Where(s => s is { Address: not null, Name: not null })
                .GroupBy(s => s.Name!, StringComparer.Ordinal).Where(g => g.Select(s => s.Device).Distinct().Count() == 1)
                .ToDictionary(g => g.Key, g => g.First().Device, StringComparer.Ordinal);
            // A line may name the driver only: it is the driver's one device.
            foreach (var only in life.Where(s => s.Address is not null && s.Driver.Length > 0).GroupBy(s => s.Driver,
                StringComparer.Ordinal)
                .Where(g => g.Select(s => s.Device).Distinct().Count() == 1))
                joined.TryAdd(only.Key, only.First().Device);
            var devices = life.Where(s => !s.Word.Aftermath && !(s.Word.Alone && HasBetter(s, facts)))
                .GroupBy(s => joined.GetValueOrDefault(s.Device, s.Device), StringComparer.Ordinal).ToArray();
            DeviceSaid[] after = life.Where(s => s.Word.Aftermath).ToArray();
            Dictionary<string, string> ports = family == Disks.MediumError ? DiskPorts.Of(life) : [];
            foreach (var device in devices)
            {
                DeviceSaid[] all = device.Where(s => s.Count >= s.Word.Least).OrderBy(s => s.Source.Order).ToArray();
                // libata and the SCSI layer both report the same error, of the port and of the disk at it.
                if (ports.ContainsValue(device.Key))
                    continue;
                if (ports.TryGetValue(device.Key, out string? disk))
                    all = [.. all.Select(s => s with { Name = disk }), .. devices.First(d => d.Key == disk)];
                if (all.Length == 0 || IsToldAsVolume(device.Key, facts))
                    continue;
                if (WasPulled(all, facts))
                    continue;
                DeviceSaid[] then = after.Where(a => a.Device == device.Key || (devices.Length == 1 && !Named(a, life))).ToArray();
                yield return Of(all, then, facts);
            }
        }
    }

    /// <summary>
    /// A disk is switched off (ata_dev_disable()) also after it was pulled out: its link went down by itself, and no error of it stands
    /// before that.
    /// </summary>
    private bool WasPulled(DeviceSaid[] all, Facts facts)
    {
        if (family != Disks.Offline || !all.All(s => s.Driver == "ata" && s.Word.Shape.StartsWith("^disable", StringComparison.Ordinal)))
            return false;
        DeviceSaid[] before = [.. facts.Of<DeviceSaid>().Where(s => s.Boot == all[0].Boot && s.Device == all[0].Device &&
            s.Source.Order < all[0].Source.Order)];
        return before.Any(s => s.Word.Shape.StartsWith("SATA link down", StringComparison.Ordinal)) &&
            !before.Any(s => s.Family == Disks.LinkErrors || s.Family == Disks.MediumError || s.Family == Disks.PortMultiplier ||
                (s.Family == Disks.LinkFrozen && !s.Word.Aftermath));
    }

    private static bool IsOfStart(DeviceSaid said) => said.Word.Late && (said.LastTime is not { } time || time < Start);

    /// <summary>The device's own line of the same report is there: what it only goes on with counts nothing beside it.</summary>
    private static bool HasBetter(DeviceSaid part, Facts facts) => facts.Of<DeviceSaid>().Any(s => s.Boot == part.Boot &&
        s.Device == part.Device && !s.Word.Alone && !s.Word.Aftermath && !s.Overcome);

    /// <summary>True if the later lines are about a device that has its own name in this boot.</summary>
    private static bool Named(DeviceSaid after, IEnumerable<DeviceSaid> life) =>
        after.Address is not null && life.Any(s => !s.Word.Aftermath && s.Address is not null && s.Device != after.Device);

    /// <summary>
    /// Errors of a volume (dm-3, md0, vda) are reported by the volume's rule, so do not report them again as errors of a disk.
    /// </summary>
    private bool IsToldAsVolume(string device, Facts facts) =>
        (family == Disks.IoError && BlockName.Below(device) is not null &&
            facts.Of<FamilySeen>().Any(s => s.Family.OnBlockDevice && s.Object == device)) ||
        (family == StorageControllers.FabricLost && device.StartsWith("connection", StringComparison.Ordinal) &&
            facts.Of<FamilySeen>().Any(s => IsSession(s, device))) ||
        (family == StorageControllers.FabricLost && device.StartsWith("session", StringComparison.Ordinal) &&
            ToldTogether(device, facts)) ||
        (family == StorageControllers.FabricLost &&
            facts.Of<FamilySeen>().Any(s => ReferenceEquals(s.Family, VolumeFamilies.PathFailed) &&
                (s.Object == device || s.Taken.Contains(device))));

    /// <summary><c>session1</c> and <c>connection1:0</c> are of the iSCSI session 1, and so is what is said of its connection.</summary>
    private static bool IsSession(FamilySeen said, string device)
    {
        int digit = device.IndexOfAny(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
        return digit > 0 && ReferenceEquals(said.Family, NetworkStorageFamilies.Silent) &&
            device[digit..].Split(':')[0] == said.Object;
    }

    /// <summary>Several sessions broke, and one finding tells of all.</summary>
    private static bool ToldTogether(string device, Facts facts) => facts.Of<FamilySeen>().Any(s => s.Telling.Many is not null &&
        IsSession(s, device) && facts.Of<FamilySeen>().Any(o => o.Boot == s.Boot && o.Telling.Many == s.Telling.Many &&
            o.Object != s.Object));

    /// <summary>A drive with removable medium reports such errors for reads of its first sectors while it is empty.</summary>
    private bool IsEmptyDrive(DeviceSaid[] all) => family == Disks.IoError && BlockName.IsRemovable(all[0].Device) &&
        all.All(s => s.Values.All(v => v is "0" or "2" or "4" or "8"));

    private Finding Of(DeviceSaid[] all, DeviceSaid[] after, Facts facts)
    {
        bool empty = IsEmptyDrive(all);
        after = [.. after.Where(a => !a.Word.Recovered || a.LastOrder > all.Min(s => s.Source.Order))];
        // A removed device is a problem only if something that used it fails.
        bool missed = family == Disks.UsbLeft && (all.Any(l => UsbDisk.IsMissed(l, facts)) || facts.Of<DeviceSaid>().Any(e =>
            (e.Family == Disks.IoError || e.Family == Disks.Offline) && all.Any(l => (Before(l, e) && IsOfUsb(l, e)) || LeftAfter(l, e))));
        DeviceSaid? left = family == Disks.IoError ? facts.Of<DeviceSaid>().FirstOrDefault(l => l.Family == Disks.UsbLeft &&
            all.Any(e => LeftAfter(l, e))) : null;
        Severity SeverityOf(DeviceSaid s)
        {
            if (empty)
                return Severity.Info;
            return missed ? Severity.Warning : s.Word.Severity ?? family.Severity;
        }
        DeviceSaid first = all.OrderByDescending(SeverityOf).ThenByDescending(s => s.Address is not null)
            .ThenBy(s => s.Source.Order).First();
        DeviceSaid[] told = [first, .. all.Where(s => s != first)];
        // One of its lines names the device only by its driver, another by its address.
        if (first.Address is null && all.FirstOrDefault(s => s.Address is not null) is { } whole &&
            (first.Device.Length == 0 || first.Device == first.Driver))
            first = first with { Device = whole.Device, Address = whole.Address, Name = whole.Name };
        var why = new List<string>
        {
            empty ? "An empty drive, or one with an unreadable medium, reports this when its first sectors are read."
                : family.Remark?.Invoke(after) ?? family.Cause,
        };
        why.Add($"In this log: {string.Join("; ", told.Select(Sentence).Distinct(StringComparer.Ordinal).Take(5))}.");
        if (after.Length > 0)
            why.Add($"And: {string.Join("; ", after.OrderBy(a => a.Source.Order).Take(6).Select(Sentence))}.");
        Severity worst = all.Max(SeverityOf);
        string? end = HowItEnded(all, after, worst, out bool back);
        if (end is not null)
            why.Add(end);
        if (Behind(all) is { } behind)
            why.Add(behind);
        if (family == Disks.IoError && all.Length > 0 && Suppressed.Of(facts, first.Boot, Unprinted) is > 0 and var unprinted)
            why.Add($"The kernel suppressed {Counted.Of(unprinted, "more message")} of this kind.");
        if (Seconds(all) is { } span)
            why.Add(span);
        AtaDrive? drive = AtaDrive.At(all, after, facts);
        if (drive?.Says is { } says)
            why.Add(says);
        if (left is not null)
            why.Add($"Right after that the USB device {left.Device} left the bus: the disk went away, which is the reason of the errors.");
        string key = first.Device.Length > 0 ? first.Device : "";
        bool mild = family.Milder is not null && (worst < family.Severity || back);
        FindingRef[] causes = [.. CausesOf(all, facts).Distinct()];
        // It left because its controller died: nobody pulled it out, and its cable is not what is wrong.
        bool led = family == Disks.UsbLeft && causes.Any(c => c.Id == StorageControllers.UsbDied.Id);
        string title = Fill(mild ? family.Milder! : family.Title, first).TrimEnd();
        return new Finding(Id, $"{drive?.Retitle(title) ?? title}: {Meaning(first)}" +
            (left is null ? "" : $"; then the USB device {left.Device} left the bus") + (back ? ", and works again" : ""), worst,
            family.Confidence, string.Join(' ', why))
        {
            Subject = key.Length > 0 ? key : null,
            Fixes = led ? [] : [.. OfLeft(left), .. drive?.Fixes ?? family.Ways.Where(w => !empty && Fits(w, all))
                .Select(w => FixOf(w, first)).Distinct(), .. Handled(all, facts)],
            Evidence = [.. told.Take(5).Concat(after.Take(4)).Concat(left is null ? [] : [left]).Select(s => s.Source)
                .OrderBy(s => s.Line)],
            CausedBy = causes,
            Explains = [.. family.Explains.Where(e => !e.Contains("{bdf}") || first.Address is not null)
                .Select(e => FindingRef.Parse(Fill(e, first)))],
        };
    }

    /// <summary>A module from outside the kernel that spoke of the same device before: it may be what disturbs it.</summary>
    private static IEnumerable<Fix> Handled(DeviceSaid[] all, Facts facts) =>
        facts.Of<ForeignHand>().Where(h => h.Boot == all[0].Boot && all.Any(s => s.Source.Order > h.Source.Order &&
                (s.Device == h.Device || s.Name == h.Device))).Select(h => h.Module).Distinct(StringComparer.Ordinal).Take(2)
            .Select(m => new Fix($"See whether it also happens without {m}, a module that handles the same device and spoke of it before",
                Risk: "what it does is then not there"));

    /// <summary>
    /// Of a device that was reset with and without success only the order tells how it stands at the end of the log.
    /// </summary>
    private static string? HowItEnded(DeviceSaid[] all, DeviceSaid[] after, Severity worst, out bool back)
    {
        DeviceSaid? recovered = after.Where(a => a.Word.Recovered).MaxBy(a => a.LastOrder);
        DeviceSaid last = all.MaxBy(s => s.LastOrder)!;
        back = recovered is not null && recovered.LastOrder > last.LastOrder;
        if (recovered is null || !all.Concat(after).Any(s => s.LastOrder > recovered.LastOrder && !s.Word.Recovered))
            return null;
        return back || worst < Severity.Error || last.LastOrder < recovered.LastOrder ? null
            : $"It worked again in between; the last that is said of it is: {Meaning(last)}.";
    }

    private static readonly string[] Unprinted =
        ["blk_print_req_error", "print_req_error", "blk_update_request", "buffer_io_error"];

    /// <summary>The disks, or the driver code, that the following lines name.</summary>
    private string? Behind(DeviceSaid[] all)
    {
        string[] names = [.. all.SelectMany(s => s.Sequel).GroupBy(p => p.Key, StringComparer.Ordinal)
            .Select(g => (Name: g.Key, Count: g.Sum(p => p.Value))).OrderByDescending(p => p.Count)
            .Select(p => p.Count > 1 ? $"{p.Name} ({p.Count} times)" : p.Name)];
        if (names.Length == 0)
            return null;
        if (family == PciLinks.Eeh)
            return $"It was detected when the driver {string.Join(", ", names)} read from its device.";
        string which = names.Length == 1 ? "that disk" : "those disks";
        return $"The commands were for {string.Join(", ", names.Take(8))}: check {which} first, " +
            "and the cable and slot in front of it.";
    }

    private static string Sentence(DeviceSaid s) => Meaning(s) + (s.Count > 1 ? $" ({s.Count} times{Others(s)})" : "");

    /// <summary>The other queues or sectors: "(3 times, also 5, 7)".</summary>
    private static string Others(DeviceSaid s) => s.Values.Count > 1 ? $", also {string.Join(", ", s.Values.Skip(1).Take(4))}" : "";

    private static string Meaning(DeviceSaid s)
    {
        string text = s.Word.Means;
        for (int i = 0; i < s.Taken.Count; i++)
            text = text.Replace($"{{{i + 1}}}", Number(s.Taken[i].Trim().TrimEnd('.')), StringComparison.Ordinal);
        return text;
    }

    /// <summary>An error number that a driver prints without its sign: <c>ffffffea</c> is -22.</summary>
    private static string Number(string taken) => taken.Length == 8 && taken.StartsWith("fffff", StringComparison.Ordinal) &&
        uint.TryParse(taken, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint bits)
            ? string.Create(CultureInfo.InvariantCulture, $"{taken}, that is {unchecked((int)bits)}") : taken;

    private static IEnumerable<Fix> OfLeft(DeviceSaid? left) =>
        left is null ? [] : Disks.UsbLeft.Ways.Take(1).Select(w => FixOf(w, left));

    private static string? Seconds(DeviceSaid[] all)
    {
        double[] times = all.SelectMany(s => new[] { s.Time, s.LastTime }).OfType<double>().ToArray();
        return times.Length > 1 && times.Max() - times.Min() is >= 1 and var span ? $"All within {span:0} s." : null;
    }

    private static bool Fits(DeviceFix way, DeviceSaid[] all)
    {
        bool except = way.Drivers.StartsWith('!');
        return way.Drivers.Length == 0 || except != way.Drivers[(except ? 1 : 0)..].Split(' ').Any(d => all.Any(s =>
            s.Driver.StartsWith(d, StringComparison.Ordinal) || (s.Word.Headless && s.Taken.Any(t => t == d))));
    }

    private static Fix FixOf(DeviceFix way, DeviceSaid s)
    {
        // A volume has no SMART values: point to the device below it.
        if (way.Command?.StartsWith("smartctl ", StringComparison.Ordinal) == true && BlockName.Below(s.Device) is { } below)
            return new($"Check the device below it. {below}", BlockName.IsOfHost(s.Device) ? null : $"lsblk -s /dev/{s.Device}");
        string? command = way.Command is null ? null : Fill(way.Command, s);
        return new(way.Text, command?.Contains('{') == true ? null : command, way.Risk);
    }

    /// <summary>Placeholders without a value stay in the text, so that a command never has a gap.</summary>
    private static string Fill(string text, DeviceSaid s)
    {
        string plain = s.Device;
        bool disk = plain.StartsWith("sd", StringComparison.Ordinal) || plain.StartsWith("vd", StringComparison.Ordinal) ||
            (plain.StartsWith("nvme", StringComparison.Ordinal) && plain.Length > 4);
        // drm is the layer that prints it, of whatever driver.
        string shown;
        if (plain is "" or "drm")
            shown = "";
        else if (s.Address is { } a)
            shown = $"{(s.Driver.Length > 0 && s.Driver != "NVRM" ? $"{s.Driver} " : "")}{a}{(s.Name is { } n ? $" ({n})" : "")}";
        else
            shown = s.Name is { } other ? $"{plain} ({other})" : plain;
        text = text.Replace("{device}", shown, StringComparison.Ordinal).Replace("  ", " ", StringComparison.Ordinal)
            .Replace("{0}", plain, StringComparison.Ordinal);
        if (s.Address is { } bdf)
            text = text.Replace("{bdf}", bdf.ToString(), StringComparison.Ordinal);
        if ((s.Name ?? (s.Address is null && !disk && plain.Length > 0 ? plain : null)) is { } name)
            text = text.Replace("{name}", name, StringComparison.Ordinal);
        string? node;
        if (disk)
            node = plain;
        else
            node = s.Name?.StartsWith("nvme", StringComparison.Ordinal) == true ? s.Name : null;
        return node is null ? text : text.Replace("{disk}", node, StringComparison.Ordinal);
    }

    /// <summary>Earlier findings of the same boot about the same device or a device above it.</summary>
    private IEnumerable<FindingRef> CausesOf(DeviceSaid[] all, Facts facts)
    {
        DeviceSaid first = all.MinBy(s => s.Source.Order)!;
        if (first.Address is { } own)
        {
            yield return new("aer-uncorrectable", $"{own}");
            foreach (Fact fault in Faults(facts).Where(f => f.Device == own && Before(f.Fact, first)).Select(f => f.Fact).Take(1))
                yield return fault is DmarFault ? new FindingRef("iommu-fault", own.Short) : "iommu-fault";
        }
        foreach (DeviceSaid cause in facts.Of<DeviceSaid>().Where(c => c.Family != family && !c.Word.Aftermath && Before(c, first)))
        {
            bool same = cause.Device == first.Device || (cause.Address is { } a && a == first.Address) ||
                Controller(first.Device) is { } nvme && (cause.Device == nvme || cause.Name == nvme);
            if (same ? family.CausedBy.Contains(cause.Family.Id) : family.CausedNearBy.Contains(cause.Family.Id) && Soon(cause, first) &&
                Behind(cause, first) && (family != Disks.UsbLeft || DiedJustBefore(cause, first)) &&
                (cause.Family != Disks.UsbLeft || IsOfUsb(cause, first)))
            {
                yield return new FindingRef(cause.Family.Id, cause.Device);
                if (cause.Family == StorageControllers.FabricLost)
                    yield return new FindingRef(VolumeFamilies.PathFailed.Id, cause.Device);
            }
        }
        if (family == StorageControllers.FabricLost &&
            facts.Of<FamilySeen>().FirstOrDefault(s => IsSession(s, first.Device) && Before(s, first)) is { } connection)
            yield return new FindingRef(connection.Family.Id, connection.Object);
        foreach (string id in family.CausedBy.Concat(family.CausedNearBy).Where(c => !DeviceFamilies.All.Any(f => f.Id == c)))
        {
            if (id == "iommu-fault" && Faults(facts).Any(f => Before(f.Fact, first)))
                yield return id;
            else if (id is not "iommu-fault")
                yield return first.Device.Length > 0 && !id.StartsWith("smmu", StringComparison.Ordinal)
                    ? new FindingRef(id, Controller(first.Device) ?? first.Name ?? first.Device) : id;
        }
    }

    private static IEnumerable<(Fact Fact, PciAddress? Device)> Faults(Facts facts) =>
        facts.Of<DmarFault>().Select(f => ((Fact)f, (PciAddress?)f.Device))
            .Concat(facts.Of<AmdViEvent>().Select(e => ((Fact)e, e.Device)));

    /// <summary>nvme0 of nvme0n1; null for other names.</summary>
    private static string? Controller(string device)
    {
        int n = device.StartsWith("nvme", StringComparison.Ordinal) ? device.IndexOf('n', 4) : -1;
        return n > 4 ? device[..n] : null;
    }

    private static bool Before(Fact cause, Fact effect) =>
        cause.Boot == effect.Boot && cause.Source.Input == effect.Source.Input && cause.Source.Order <= effect.Source.Order;

    private static bool Soon(DeviceSaid cause, DeviceSaid effect) =>
        cause.LastTime is not { } then || effect.Time is not { } now || now - then < Near;

    /// <summary>True for a SCSI disk that fails within two seconds after a USB device was disconnected.</summary>
    private static bool IsOfUsb(DeviceSaid left, DeviceSaid effect) =>
        effect.Device.StartsWith("sd", StringComparison.Ordinal) && (left.LastTime is { } then && effect.Time is { } now
            ? now - then < 2 : effect.Source.Order - left.Source.Order <= 8);

    /// <summary>
    /// True if a USB device was disconnected within a second after a disk's errors: what was under way fails before the hub's driver
    /// has taken the device away and says so.
    /// </summary>
    private static bool LeftAfter(DeviceSaid left, DeviceSaid failed) => failed.Boot == left.Boot &&
        failed.Source.Input == left.Source.Input && failed.Device.StartsWith("sd", StringComparison.Ordinal) &&
        left.Source.Order > failed.LastOrder && (left.Time is { } then && failed.LastTime is { } now
            ? then - now < 1 : left.Source.Order - failed.LastOrder <= 4);

    /// <summary>A controller that is given up disconnects what is behind it at once (usb_hc_died).</summary>
    private static bool DiedJustBefore(DeviceSaid controller, DeviceSaid left) => controller.LastTime is { } then && left.Time is { } now
        ? now - then < 3 : left.Source.Order - controller.LastOrder <= 8;

    /// <summary>A device below a port has a higher bus number in the same segment; without addresses, time decides.</summary>
    private static bool Behind(DeviceSaid cause, DeviceSaid effect) =>
        cause.Family.Id != "pcie-link-down" || effect.Address is not { } below || cause.Address is not { } port ||
            (below.Segment == port.Segment && below.Bus > port.Bus);
}
