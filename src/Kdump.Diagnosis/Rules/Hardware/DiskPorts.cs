using Kdump.Diagnosis.Catalogue.Devices;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>
/// Which disk is at which SATA port, where no line says so: libata reports an error of the port (<c>ata7</c>), and a few lines further
/// the SCSI layer reports the same error of the disk (<c>sdg</c>).
/// </summary>
internal static class DiskPorts
{
    /// <summary>The port's whole report lies between (ata_eh_link_report(), then scsi_io_completion()).</summary>
    private const int Near = 16;

    /// <summary>Disks by their ports; a port or disk that could belong to two is left out.</summary>
    public static Dictionary<string, string> Of(IEnumerable<DeviceSaid> said)
    {
        DeviceSaid[] all = [.. said];
        (string Port, string Disk)[] pairs = [.. all.Where(s => s.Driver == "ata").SelectMany(port => all
                .Where(disk => disk.Driver == "sd" && disk.Source.Input == port.Source.Input &&
                    disk.Source.Order - port.Source.Order is > 0 and <= Near)
                .Select(disk => (port.Device, disk.Device))).Distinct()];
        return pairs.Where(p => pairs.Count(o => o.Port == p.Port) == 1 && pairs.Count(o => o.Disk == p.Disk) == 1)
            .ToDictionary(p => p.Port, p => p.Disk, StringComparer.Ordinal);
    }
}
