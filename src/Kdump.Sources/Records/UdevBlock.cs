using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;

namespace Kdump.Sources.Records;

/// <summary>
/// What udev's database has of one device: <c>udevadm info</c> (<c>P:</c> its path, <c>N:</c> its node, <c>E:</c> properties),
/// <c>udevadm info --query=property</c>, and its files under /run/udev/data.
/// </summary>
internal sealed class UdevBlock
{
    private string? disk;
    private string bus = "", plain = "", scsi = "", ata = "";
    private bool partition;
    private Source? at;

    public bool Open => disk is not null || plain.Length > 0 || scsi.Length > 0 || ata.Length > 0;

    /// <summary>The line names another disk: properties of several may follow each other without an empty line.</summary>
    public bool IsOther(ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> p = text.StartsWith("E: ", StringComparison.Ordinal) ? text["E: ".Length..] : text;
        return disk is not null && p.StartsWith("DEVNAME=", StringComparison.Ordinal) &&
            DiskNames.Of(p["DEVNAME=".Length..].Trim('\'')) != disk;
    }

    /// <summary>True if the line is of this form.</summary>
    public bool Line(ReadOnlySpan<char> text, in TextLine line)
    {
        if (text.StartsWith("P: ", StringComparison.Ordinal))
            return Path(text);
        if (text.StartsWith("N: ", StringComparison.Ordinal))
        {
            disk ??= DiskNames.Of(text[3..]);
            return true;
        }
        ReadOnlySpan<char> p = text.StartsWith("E:", StringComparison.Ordinal) ? text[2..].TrimStart() : text;
        int equal = p.IndexOf('=');
        if (equal < 0)
            return false;
        ReadOnlySpan<char> value = p[(equal + 1)..].Trim().Trim('\'');
        switch (p[..equal])
        {
            case "DEVNAME":
                disk = DiskNames.Of(value);
                return true;
            case "DEVPATH":
                return Path(value);
            case "DEVTYPE":
                partition = value is "partition";
                return true;
            case "ID_BUS":
                bus = value.ToString();
                return true;
            case "ID_SERIAL_SHORT":
                plain = value.ToString();
                break;
            case "ID_SCSI_SERIAL" or "SCSI_IDENT_SERIAL":
                scsi = value.ToString();
                break;
            default:
                return text.StartsWith("E:", StringComparison.Ordinal);
        }
        at ??= line.ToSource();
        return true;
    }

    /// <param name="named">The disk, where the block does not name it.</param>
    public void End(Facts facts, string? named = null)
    {
        Source source = at ?? new Source("", "");
        if ((named ?? disk) is { } name)
        {
            // For a SCSI disk ID_SERIAL_SHORT is its world-wide name (scsi_id, page 83h).
            if (DiskSerial.Of(scsi.Length switch { > 0 => scsi, _ when bus is "scsi" => "", _ => plain }) is { } serial)
                facts.Add(new DiskSerial(source, name, serial, Own: false));
            if (ata.Length > 0 && !partition)
                facts.Add(new DiskPlace(source, ata, name));
        }
        (disk, bus, plain, scsi, ata, partition, at) = (null, "", "", "", "", false, null);
    }

    /// <summary><c>/devices/pci0000:00/0000:00:17.0/ata3/host2/target2:0:0/2:0:0:0/block/sda</c></summary>
    private bool Path(ReadOnlySpan<char> path)
    {
        if (path.IndexOf("/ata", StringComparison.Ordinal) is >= 0 and var from && path.Contains("/block/", StringComparison.Ordinal))
        {
            ReadOnlySpan<char> port = path[(from + 1)..];
            ata = port[..Math.Max(0, port.IndexOf('/'))].ToString();
        }
        return true;
    }
}
