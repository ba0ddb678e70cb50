using System.Buffers.Binary;
using Kdump.Formats.Bytes;

namespace Kdump.Sources.Rehearsals;

/// <summary>
/// The place of a raw target: the name that the kernel gives it, split into the disk's controller, its number among disks of the
/// same kind, and the partition; and a partition table (MBR) that has it.
/// </summary>
/// <param name="Controller">The controller of QEMU whose driver gives such names.</param>
/// <param name="Disks">Disks of the same kind before it: 1 for <c>vdb</c>.</param>
/// <param name="Number">Of the partition; 0: the whole disk.</param>
public sealed record RehearsalPartition(string Controller, int Disks, int Number)
{
    private const int Sector = 512, FirstSector = 2048, SmallSectors = 2048;

    /// <summary>Null for a name that no disk in QEMU gets.</summary>
    public static RehearsalPartition? Of(string device, string fallback)
    {
        string name = device.StartsWith("/dev/", StringComparison.Ordinal) ? device["/dev/".Length..] : "";
        if (name.StartsWith("nvme", StringComparison.Ordinal))
        {
            string[] parts = name["nvme".Length..].Split('n', 'p');
            return parts is [var c, "1", ..] && int.TryParse(c, out int controller) && controller is >= 0 and < 8
                ? new("nvme", controller, parts is [_, _, var p] && int.TryParse(p, out int n) ? n : 0) : null;
        }
        if (name.Length < 3 || name[1] != 'd' || name[0] is not ('v' or 's') || name[2] is < 'a' or > 'h')
            return null;
        int number = 0;
        if (name.Length > 3 && (!int.TryParse(name.AsSpan(3), out number) || number is < 1 or > 4))
            return null;
        return new(name[0] switch
        {
            'v' => "virtio-blk",
            _ when fallback is "ahci" or "megasas" or "pvscsi" => fallback,
            _ => "virtio-scsi",
        }, name[2] - 'a',
            number);
    }

    /// <summary>Offset and length of the partition, in bytes, on a disk of this size in bytes.</summary>
    public (long Offset, long Length) Range(long disk)
    {
        if (Number == 0)
            return (0, disk);
        long first = FirstSector + ((Number - 1L) * SmallSectors);
        return (first * Sector, disk - (first * Sector));
    }

    /// <summary>Partitions before it have one megabyte each; this one takes the rest.</summary>
    public void WriteTable(string disk)
    {
        if (Number == 0)
            return;
        using var file = new FileStream(disk, FileMode.Open, FileAccess.ReadWrite);
        var table = new byte[Sector];
        for (int i = 1; i <= Number; i++)
        {
            Span<byte> entry = table.AsSpan(446 + ((i - 1) * 16), 16);
            entry[4] = 0x83;
            long first = FirstSector + ((i - 1L) * SmallSectors);
            long count = i == Number ? (file.Length / Sector) - first : SmallSectors;
            if (count <= 0)
                throw new InputException(disk, "partition table", -1, "the scratch disk is too small for it");
            BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], (uint)first);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], (uint)count);
        }
        table[510] = 0x55;
        table[511] = 0xaa;
        file.Write(table);
    }
}
