using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;

namespace Kdump.Sources.Records;

/// <summary>
/// Serial numbers in a kernel's log: drivers/scsi/mpt3sas prints those of its disks, drivers/usb/core/hub.c those of USB devices;
/// lines of drivers/scsi/sd.c and usb-storage name the disks. Names are those of one boot.
/// </summary>
internal sealed class KernelDisks
{
    private const int Most = 4096;

    private readonly Dictionary<string, string> disks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Serial, Source At)> serials = new(StringComparer.Ordinal),
        usb = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> hosts = new(StringComparer.Ordinal);

    public static readonly string[] Signs = ["] Attached SCSI disk", "serial_number(", "SerialNumber: ", ": usb-storage ",
        ": pci function "];

    public void Line(ReadOnlySpan<char> m, in TextLine line, Facts facts)
    {
        if (disks.Count + serials.Count + usb.Count + hosts.Count >= Most)
            return;
        var c = new TextCursor(m);
        if (c.Skip("sd ") && c.Before(": [", out ReadOnlySpan<char> address))
        {
            if (c.Before("] Attached SCSI disk", out ReadOnlySpan<char> disk) && DiskNames.IsDisk(disk))
                disks[address.ToString()] = disk.ToString();
        }
        else if (c.Skip("scsi ") && c.Before(": serial_number(", out address))
        {
            if (c.Before(")", out ReadOnlySpan<char> text) && DiskSerial.Of(text) is { } serial)
                serials[address.ToString()] = (serial, line.ToSource());
        }
        else if (c.Skip("host") && c.Before(": usb-storage ", out ReadOnlySpan<char> number))
            hosts[number.ToString()] = Before(c.Rest, ':');
        else if (c.Skip("usb ") && c.Before(": SerialNumber: ", out ReadOnlySpan<char> device))
        {
            if (DiskSerial.Of(c.Rest) is { } serial)
                usb[device.ToString()] = (serial, line.ToSource());
        }
        else if (m.StartsWith("nvme nvme", StringComparison.Ordinal) && c.Skip("nvme ") &&
            c.Before(": pci function ", out ReadOnlySpan<char> controller) && DiskNames.IsDisk(controller) &&
            PciAddress.TryParse(c.Rest.Trim(), out PciAddress function))
            facts.Add(new DiskPlace(line.ToSource(), function.ToString(), controller.ToString()));
    }

    public void End(Facts facts)
    {
        foreach ((string address, string disk) in disks)
        {
            string host = address[..Math.Max(0, address.IndexOf(':'))];
            if (serials.TryGetValue(address, out (string Serial, Source At) told))
                facts.Add(new DiskSerial(told.At, disk, told.Serial, Own: true));
            else if (hosts.TryGetValue(host, out string? device) && usb.TryGetValue(device, out told))
                facts.Add(new DiskSerial(told.At, disk, told.Serial, Own: false));
        }
        disks.Clear();
        serials.Clear();
        usb.Clear();
        hosts.Clear();
    }

    private static string Before(ReadOnlySpan<char> text, char end) =>
        text.IndexOf(end) is >= 0 and var at ? text[..at].ToString() : text.ToString();
}
