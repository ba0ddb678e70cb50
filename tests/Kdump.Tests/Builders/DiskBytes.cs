using System.Buffers.Binary;

namespace Kdump.Tests.Builders;

/// <summary>The first 8 KiB of disks and file systems, as their mkfs writes them: only the fields by which they are recognised.</summary>
internal static class DiskBytes
{
    private const int Super = 1024, Sector = 512, Length = 8192;

    /// <summary>fs/ext4/ext4.h: s_log_block_size 2 (4096 bytes), s_magic, s_rev_level 1.</summary>
    public static byte[] Ext4(uint blocks = 2, uint revision = 1)
    {
        var disk = new byte[Length];
        BinaryPrimitives.WriteUInt32LittleEndian(disk.AsSpan(Super + 24), blocks);
        BinaryPrimitives.WriteUInt16LittleEndian(disk.AsSpan(Super + 56), 0xef53);
        BinaryPrimitives.WriteUInt32LittleEndian(disk.AsSpan(Super + 76), revision);
        return disk;
    }

    /// <summary>A protective MBR with one entry of type 0xee, and the header of the GPT behind it.</summary>
    public static byte[] Gpt()
    {
        byte[] disk = Mbr(type: 0xee, flag: 0);
        "EFI PART"u8.CopyTo(disk.AsSpan(Sector));
        return disk;
    }

    public static byte[] Mbr(byte type, byte flag)
    {
        var disk = new byte[Length];
        disk[446] = flag;
        disk[446 + 4] = type;
        disk[510] = 0x55;
        disk[511] = 0xaa;
        return disk;
    }

    public static byte[] With(int offset, byte[] magic)
    {
        var disk = new byte[Length];
        magic.CopyTo(disk.AsSpan(offset));
        return disk;
    }
}
