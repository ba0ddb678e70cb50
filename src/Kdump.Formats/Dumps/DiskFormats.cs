using System.Buffers.Binary;

namespace Kdump.Formats.Dumps;

/// <summary>
/// File systems, volumes and partition tables, by the magic of their first block: a disk given in place of a file. Sources:
/// include/uapi/linux/magic.h and the super block of each file system (fs/*), LVM's label_header, LUKS's phdr, the UEFI
/// specification 5.3 (GPT). Those whose magic is after the first 4096 bytes (btrfs, ISO 9660) are not known here.
/// </summary>
internal static class DiskFormats
{
    private const int Sector = 512;
    private const int PartitionTable = 446;
    private const int PartitionEntry = 16;

    /// <summary>The file system or disk that begins with these bytes; null for other contents.</summary>
    public static FirstBytes? Of(ReadOnlySpan<byte> head)
    {
        if (IsExt(head))
            return System("an ext2, ext3 or ext4 file system");
        if (At(head, 0, "XFSB"u8))
            return System("an XFS file system");
        if (At(head, 1024, [0x10, 0x20, 0xf5, 0xf2]))
            return System("an F2FS file system");
        if (At(head, 3, "NTFS    "u8))
            return System("an NTFS file system");
        if (At(head, 82, "FAT32   "u8) || At(head, 54, "FAT16   "u8) || At(head, 54, "FAT12   "u8))
            return System("a FAT file system");
        if (head.StartsWith<byte>([0x4c, 0x55, 0x4b, 0x53, 0xba, 0xbe]))
            return new(ContentFamily.Disk, "an encrypted volume (LUKS)");
        if (At(head, Sector, "LABELONE"u8))
            return new(ContentFamily.Disk, "a physical volume of LVM");
        if (At(head, 4096 - 10, "SWAPSPACE2"u8))
            return new(ContentFamily.Disk, "a swap area");
        if (At(head, Sector, "EFI PART"u8))
            return new(ContentFamily.Disk, "a disk with a GPT");
        if (IsPartitioned(head))
            return new(ContentFamily.Disk, "a disk with a partition table");
        if (head.StartsWith("KDMV"u8))
            return new(ContentFamily.Disk, "a VMDK disk image");
        if (head.StartsWith<byte>([0x51, 0x46, 0x49, 0xfb]))
            return new(ContentFamily.Disk, "a qcow2 disk image");
        if (head.StartsWith("vhdxfile"u8) || head.StartsWith("conectix"u8))
            return new(ContentFamily.Disk, "a VHD disk image");
        return null;
    }

    private static FirstBytes System(string name) => new(ContentFamily.FileSystem, name);

    private static bool At(ReadOnlySpan<byte> head, int offset, ReadOnlySpan<byte> magic) =>
        head.Length >= offset + magic.Length && head[offset..].StartsWith(magic);

    /// <summary>s_magic alone is 16 bits, so s_log_block_size and s_rev_level must also be possible (fs/ext4/ext4.h).</summary>
    private static bool IsExt(ReadOnlySpan<byte> head) => At(head, 1024 + 56, [0x53, 0xef])
        && head.Length >= 1024 + 80
        && BinaryPrimitives.ReadUInt32LittleEndian(head[(1024 + 24)..]) <= 6
        && BinaryPrimitives.ReadUInt32LittleEndian(head[(1024 + 76)..]) <= 1;

    /// <summary>An MBR: four entries with a possible boot flag, at least one of them in use, and the signature.</summary>
    private static bool IsPartitioned(ReadOnlySpan<byte> head)
    {
        if (!At(head, Sector - 2, [0x55, 0xaa]))
            return false;
        bool used = false;
        for (int at = PartitionTable; at < Sector - 2; at += PartitionEntry)
        {
            if (head[at] is not (0 or 0x80))
                return false;
            used |= head[at + 4] != 0;
        }
        return used;
    }
}
