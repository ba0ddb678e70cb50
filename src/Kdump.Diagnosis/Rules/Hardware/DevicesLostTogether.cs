using System.Globalization;
using Kdump.Diagnosis.Catalogue.Devices;
using Kdump.Diagnosis.Speakers;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>
/// Several devices that have something in common (a hub, a controller, a backplane, a supply) were lost or failed in the same moment:
/// one reason, which is not in any of them.
/// </summary>
public sealed class DevicesLostTogether : Rule
{
    /// <summary>Seconds, and lines where there are no times, that still are one moment.</summary>
    private const double Moment = 1.5;

    private const int Near = 12;

    /// <summary>The most devices that are named, and the most consequences that are quoted.</summary>
    private const int MaxNamed = 6, MaxQuoted = 6;

    public override string Id => "devices-lost-together";

    public override Entry Entry => new(Id, "several devices failed in the same moment")
    {
        Area = Area.Hardware,
        Signature = ["usb 1-1: USB disconnect and usb 1-1.2: USB disconnect", "ata1: device unplugged and ata2: device unplugged",
            "I/O error, dev sdb and I/O error, dev sdd of one controller"],
        Cause = "Devices do not break in the same second by themselves. What they have in common failed: a hub or dock, a controller or " +
            "expander, a backplane, their power supply, or the machine did something to all of them (a reset, a sleep).",
        Fixes = [new("Look at what they have in common before any of them is replaced",
            "lsblk -o NAME,HCTL,TRAN,MODEL; lsusb -t; lspci -tv")],
        Origin = "drivers/usb/core/hub.c usb_disconnect(), drivers/ata/libata-eh.c, block/blk-core.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (IGrouping<(Boot? Boot, string Input), DeviceSaid> life in facts.Of<DeviceSaid>()
            .Where(s => !s.Overcome && !s.Word.Aftermath).GroupBy(s => (s.Boot, s.Source.Input)))
        {
            foreach (DeviceSaid[] group in Moments(life.Where(s => s.Family == Disks.UsbLeft)))
            {
                foreach (Finding finding in OfUsb(group, facts))
                    yield return finding;
            }
            foreach (DeviceSaid[] group in Moments(life.Where(s => s.Family == Disks.Offline && IsAta(s))))
                yield return OfDisks(group, "SATA links", "were lost", "ata", "sit in the same backplane or enclosure, or have the same " +
                    "supply or controller");
            foreach (IGrouping<string, DeviceSaid> host in life.Where(s => s.Family == Disks.IoError && s.ScsiPlace is not null)
                .GroupBy(s => s.ScsiPlace![..s.ScsiPlace!.IndexOf(':', StringComparison.Ordinal)]))
            {
                foreach (DeviceSaid[] group in Moments(host))
                    yield return OfDisks(group, $"disks of the controller scsi host {host.Key}", "failed", $"host{host.Key}",
                        "are behind the same controller, expander and supply, and were perhaps woken from standby together");
            }
            // The functions of one card are one device.
            foreach (DeviceSaid[] group in Moments(life.Where(s => s.Family == Disks.NvmeFailed && s.Word.Severity is null))
                .Where(g => g.Select(SlotOf).Distinct(StringComparer.Ordinal).Count() > 1))
                yield return OfDisks(group, "NVMe controllers", "failed", "nvme", "have a PCIe switch, a backplane or a supply in common");
            foreach (DeviceSaid[] group in Moments(life.Where(IsGone))
                .Where(g => g.Select(s => s.Address!.Value.Bus).Distinct().Count() > 1))
                yield return OfGone(group);
        }
    }

    /// <summary>It no longer answers on PCIe, as far as its driver can tell.</summary>
    private static bool IsGone(DeviceSaid s) => s.Address is not null && s.Word.Severity is null &&
        (s.Family == PciLinks.Lost || s.Family == StorageControllers.UsbDied);

    private Finding OfGone(DeviceSaid[] group) => new(Id,
        $"{group.Length} PCIe devices went away at once: " +
            $"{Named(group.Select(s => s.Driver.Length > 0 ? $"{s.Driver} {s.Device}" : s.Device))}",
        Severity.Error, 0.8,
        $"They are behind the same port{Span(group)}: a dock or box at Thunderbolt or USB4 (a laptop's own such controller, too), a " +
        "riser, a PCIe switch. It was unplugged, lost its power, or went to sleep and did not wake up. What is behind it is not at fault.")
    {
        Subject = "pcie",
        Evidence = [.. group.Take(MaxQuoted).Select(s => s.Source)],
        Explains = [.. group.Select(s => new FindingRef(s.Family.Id, s.Device))],
        CausedBy = ["aer-uncorrectable", "pcie-link-down"],
        Fixes =
        [
            new Fix("If nobody unplugged it: see what they have in common, and update that controller's and the dock's firmware",
                "lspci -tv; fwupdmgr get-updates"),
            new Fix("To test whether power saving is the cause, boot with pcie_aspm=off pcie_port_pm=off", Risk: "the machine draws more"),
        ],
    };

    private static string SlotOf(DeviceSaid s) => (s.Address?.ToString() ?? s.Device).Split('.')[0];

    private static bool IsAta(DeviceSaid s) => s.Device.StartsWith("ata", StringComparison.Ordinal);

    /// <summary>Groups of at least two devices whose first lines are of one moment.</summary>
    private static IEnumerable<DeviceSaid[]> Moments(IEnumerable<DeviceSaid> said)
    {
        var group = new List<DeviceSaid>();
        foreach (DeviceSaid next in said.GroupBy(s => s.Device, StringComparer.Ordinal).Select(g => g.MinBy(s => s.Source.Order)!)
            .OrderBy(s => s.Source.Order))
        {
            if (group.Count > 0 && !IsSoon(group[^1], next))
            {
                if (group.Count > 1)
                    yield return [.. group];
                group.Clear();
            }
            group.Add(next);
        }
        if (group.Count > 1)
            yield return [.. group];
    }

    private static bool IsSoon(DeviceSaid one, DeviceSaid next) => one.Time is { } then && next.Time is { } now
        ? Math.Abs(now - then) < Moment : next.Source.Order - one.Source.Order <= Near;

    private Finding OfDisks(DeviceSaid[] group, string what, string failed, string subject, string common)
    {
        string names = Named(group.Select(s => s.Device));
        return new Finding(Id, $"{group.Length} {what} {failed} at once: {names}", Severity.Error, 0.8,
            $"They {common}: that is what failed or was disturbed{Span(group)}. " +
            "That each of them broke by itself in the same moment is unlikely, so none of them is to be replaced before.")
        {
            Subject = subject,
            Evidence = [.. group.Take(MaxQuoted).Select(s => s.Source)],
            Explains = [.. group.Select(s => new FindingRef(s.Family.Id, s.Device))],
            CausedBy = ["aer-uncorrectable", "storage-controller-failed", "pcie-link-lost", "pcie-link-down",
                "storage-controller-reset", "raid-controller-event"],
            Fixes =
            [
                new Fix("Check their common power (plugs, splitters, supply under load), the backplane and the cables to it"),
                new Fix("See which controller, expander or slot they share, and what it reported",
                    "lsblk -o NAME,HCTL,TRAN,MODEL; lspci -tv; " +
                    "dmesg | grep -i -e reset -e fault -e link | tail -40"),
            ],
        };
    }

    /// <summary>A hub and what is behind it, or several devices behind one hub that stayed.</summary>
    private IEnumerable<Finding> OfUsb(DeviceSaid[] group, Facts facts)
    {
        var left = new List<DeviceSaid>(group);
        while (left.Count > 1)
        {
            DeviceSaid first = left.MinBy(s => s.Device.Length)!;
            string hub = first.Device;
            DeviceSaid[] behind = [.. left.Where(s => IsBehind(s.Device, hub))];
            left.Remove(first);
            if (behind.Length == 0)
                continue;
            left.RemoveAll(s => behind.Contains(s));
            yield return Of($"the USB hub {hub} left the bus, and with it {Named(behind.Select(s => s.Device))}", hub,
                [first, .. behind], "What is behind a hub goes with it. The hub (a dock, a monitor) was unplugged, lost its power or " +
                "contact, or restarted by itself: the devices behind it are not at fault.", facts);
        }
        foreach (IGrouping<string, DeviceSaid> siblings in group.Where(s => !group.Any(o => IsBehind(s.Device, o.Device) ||
            IsBehind(o.Device, s.Device))).GroupBy(s => ParentOf(s.Device)).Where(g => g.Count() > 1))
            yield return Of($"{siblings.Count()} USB devices left the bus at once: {Named(siblings.Select(s => s.Device))}", siblings.Key,
                [.. siblings], $"All of them are at {siblings.Key}: its power was switched off or broke down, or its controller was reset.",
                facts);
    }

    private Finding Of(string title, string hub, DeviceSaid[] gone, string why, Facts facts)
    {
        DeviceSaid first = gone.MinBy(s => s.Source.Order)!;
        TroubleLines[] after = [.. facts.Of<TroubleLines>().Where(t => t.Boot == first.Boot && t.Source.Input == first.Source.Input &&
            t.Speaker.Device is { } d && (d == hub || IsBehind(d, hub) || gone.Any(g => g.Device == d)) &&
            t.Source.Order > first.Source.Order)];
        DeviceSaid[] disks = [.. facts.Of<DeviceSaid>().Where(e => (e.Family == Disks.IoError || e.Family == Disks.Offline) &&
            e.Boot == first.Boot && e.Device.StartsWith("sd", StringComparison.Ordinal) && e.Source.Input == first.Source.Input &&
            (e.Time is { } now && first.Time is { } then ? now - then is > -1 and < 2
                : e.Source.Order - first.Source.Order is > 0 and < Near))];
        bool used = after.Length > 0 || disks.Length > 0;
        if (after.Length > 0)
            why += $" The {Counted.Of(after.Sum(t => t.Count), "error")} of {Named(after.Select(t => t.Speaker.Device!))} after it are " +
                "its consequence.";
        return new Finding(Id, title, used ? Severity.Warning : Severity.Info, 0.9, why)
        {
            Subject = hub,
            Evidence = [.. gone.Take(MaxQuoted).Select(s => s.Source), .. after.SelectMany(t => t.Lines).Take(MaxQuoted)],
            Explains = [.. gone.Select(s => new FindingRef(Disks.UsbLeft.Id, s.Device)),
                .. disks.Select(d => new FindingRef(d.Family.Id, d.Device))],
            CausedBy = ["usb-controller-died"],
            Fixes =
            [
                new Fix("If nobody unplugged it: give the hub a power supply of its own, try another cable and another port", "lsusb -t"),
                new Fix("Test whether energy saving is the cause: keep the hub awake",
                    $"echo on > /sys/bus/usb/devices/{hub}/power/control"),
            ],
        };
    }

    /// <summary><c>1-1.4.2</c> is behind <c>1-1.4</c>.</summary>
    private static bool IsBehind(string device, string hub) => device.Length > hub.Length + 1 && device[hub.Length] == '.' &&
        device.StartsWith(hub, StringComparison.Ordinal);

    /// <summary>The hub of a device; a root hub is named by its bus.</summary>
    private static string ParentOf(string device)
    {
        int dot = device.LastIndexOf('.'), dash = device.IndexOf('-', StringComparison.Ordinal);
        if (dot > 0)
            return device[..dot];
        return dash > 0 ? $"usb{device[..dash]}" : device;
    }

    private static string Named(IEnumerable<string> names)
    {
        string[] all = [.. names.Distinct(StringComparer.Ordinal)];
        return string.Join(", ", all.Take(MaxNamed)) + (all.Length > MaxNamed ? string.Create(CultureInfo.InvariantCulture,
            $" and {all.Length - MaxNamed} more") : "");
    }

    /// <summary>How close together, where the lines have times.</summary>
    private static string Span(DeviceSaid[] group)
    {
        double[] times = [.. group.Select(s => s.Time).OfType<double>()];
        return times.Length < 2 ? "" : string.Create(CultureInfo.InvariantCulture,
            $" (all within {Math.Max(1, Math.Ceiling((times.Max() - times.Min()) * 1000)):0} ms)");
    }
}
