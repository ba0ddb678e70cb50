using Kdump.Diagnosis.Catalogue.Devices;
using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>
/// What is at a port of libata that is in trouble, where the log tells it: a drive for CDs, DVDs or tapes (ATAPI) is no hard disk, and a
/// PATA port has no SATA link.
/// </summary>
internal sealed record AtaDrive(string Port, bool Packet, string Model)
{
    private const string OfLink = "the SATA link ", OnLink = "on the SATA link ";

    private static readonly Fix[] OfPacket =
        [new("Try another medium in the drive, then its cable and power; if it is not needed, unplug it")];

    /// <summary>Null where nothing is known that differs from a disk at a SATA link.</summary>
    public static AtaDrive? At(DeviceSaid[] said, DeviceSaid[] after, Facts facts)
    {
        DeviceSaid first = said[0];
        if (first.Driver != "ata")
            return null;
        AtaPort[] known = [.. facts.Of<AtaPort>().Where(p => p.Port == first.Device && p.Boot == first.Boot &&
            p.Source.Input == first.Source.Input)];
        // A port may have a disk beside such a drive.
        bool packet = (known.Any(p => p.Packet) || said.Concat(after).Any(IsPacket)) && !known.Any(p => p.Disk) &&
            !said.Concat(after).Any(IsOfDisk);
        string[] models = [.. known.Select(p => p.Model).Where(m => m.Length > 0).Distinct(StringComparer.Ordinal)];
        return packet || known.Any(p => p.Parallel) ? new(first.Device, packet, models is [var only] ? only : "") : null;
    }

    /// <summary>The commands PACKET (a0) and IDENTIFY PACKET DEVICE (a1) are given only to such drives.</summary>
    private static bool IsPacket(DeviceSaid said) => said.Taken.Any(t => t is "0xa0" or "0xa1" || t.Trim() is "PACKET" or
        "IDENTIFY PACKET DEVICE");

    /// <summary>READ DMA, WRITE FPDMA QUEUED, FLUSH CACHE: commands that no ATAPI drive takes.</summary>
    private static bool IsOfDisk(DeviceSaid said) => said.Taken.Any(t => t.Trim() is var command &&
        (command.StartsWith("READ ", StringComparison.Ordinal) || command.StartsWith("WRITE ", StringComparison.Ordinal) ||
        command.StartsWith("FLUSH ", StringComparison.Ordinal)));

    public string Retitle(string title)
    {
        string of = Packet ? $"the link {Port} of an ATAPI drive" : $"the link {Port}";
        return title.Replace(OnLink + Port, "on " + of, StringComparison.Ordinal).Replace(OfLink + Port, of, StringComparison.Ordinal);
    }

    public string? Says
    {
        get
        {
            if (!Packet)
                return null;
            return Model.Length > 0
                ? $"At {Port} is {Model}, a drive for CDs, DVDs or tapes (ATAPI), no hard disk: no disk is in trouble by this."
                : $"Packet commands are given only to drives for CDs, DVDs or tapes (ATAPI): at {Port} is no hard disk.";
        }
    }

    /// <summary>Instead of the family's own; null: those hold.</summary>
    public IReadOnlyList<Fix>? Fixes => Packet ? OfPacket : null;
}
