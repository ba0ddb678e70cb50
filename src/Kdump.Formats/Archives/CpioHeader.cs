using Kdump.Formats.Bytes;

namespace Kdump.Formats.Archives;

/// <summary>
/// A newc cpio header: 110 bytes of text, Documentation/driver-api/early-userspace/buffer-format.rst. Magic 070701, or 070702 with a
/// checksum of the content, which the kernel accepts and verifies since Linux 5.19. Earlier kernels stop at such a header with "no cpio
/// magic".
/// </summary>
internal readonly record struct CpioHeader(
    bool Checksummed, uint Inode, uint Mode, uint Uid, uint Gid, uint Links, uint Modified, uint Size,
    uint DeviceMajor, uint DeviceMinor, uint SpecialMajor, uint SpecialMinor, uint NameSize, uint Check)
{
    public const int Length = 110;

    /// <summary>Offset from the header to the content, in bytes, if the header begins at a multiple of four.</summary>
    public long NameEnd => (Length + (long)NameSize + 3) & ~3L;

    public static CpioHeader Read(ref Cursor c)
    {
        ReadOnlySpan<byte> magic = c.Bytes(6, "c_magic");
        bool check = magic.SequenceEqual("070702"u8);
        if (!check && !magic.SequenceEqual("070701"u8))
        {
            throw c.Bad("c_magic", magic.SequenceEqual("070707"u8)
                ? "incorrect cpio method used: use -H newc option"
                : "no cpio magic");
        }
        return new(check,
            Inode: Hex(ref c, "c_ino"), Mode: Hex(ref c, "c_mode"), Uid: Hex(ref c, "c_uid"), Gid: Hex(ref c, "c_gid"),
            Links: Hex(ref c, "c_nlink"), Modified: Hex(ref c, "c_mtime"), Size: Hex(ref c, "c_filesize"),
            DeviceMajor: Hex(ref c, "c_maj"), DeviceMinor: Hex(ref c, "c_min"),
            SpecialMajor: Hex(ref c, "c_rmaj"), SpecialMinor: Hex(ref c, "c_rmin"),
            NameSize: Hex(ref c, "c_namesize"), Check: Hex(ref c, "c_chksum"));
    }

    private static uint Hex(ref Cursor c, string field)
    {
        uint value = 0;
        foreach (byte b in c.Bytes(8, field))
        {
            int digit = b switch
            {
                >= (byte)'0' and <= (byte)'9' => b - '0',
                >= (byte)'a' and <= (byte)'f' => b - 'a' + 10,
                >= (byte)'A' and <= (byte)'F' => b - 'A' + 10,
                _ => throw c.Bad(field, "is no hexadecimal number"),
            };
            value = (value << 4) | (uint)digit;
        }
        return value;
    }
}
