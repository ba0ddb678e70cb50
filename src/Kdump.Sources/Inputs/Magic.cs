namespace Kdump.Sources.Inputs;

/// <summary>Formats that are no text, by their first bytes, and the command that reads them where there is one.</summary>
public static class Magic
{
    public const string Vmcore = "vmcore";

    private const string ForVmcore = "a dump: give it as a file of its own, it cannot be read from a pipe";
    private const string ForImage = "an initramfs: judged by kdt image check FILE";

    /// <summary>Null for what may be text.</summary>
    public static (string Kind, string Note)? Of(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("KDUMP   "u8) || head.StartsWith("DISKDUMP"u8) || head.StartsWith("makedumpfile\0"u8))
            return (Vmcore, ForVmcore);
        if (head.StartsWith("\x7f"u8) && head[1..].StartsWith("ELF"u8))
            return head.Length > 17 && (head[5] == 2 ? head[17] : head[16]) == 4 ? (Vmcore, ForVmcore)
                : ("ELF file", "a program, library, module or kernel: not read");
        if (head.StartsWith("QEVM"u8) || head.StartsWith("LibvirtQemudSave"u8) || head.StartsWith("LibvirtQemudPart"u8))
            return ("QEMU memory snapshot", "not read: virsh dump --memory-only or dump-guest-memory writes a dump that is");
        if (head.Length >= 4 && head[0] is 0xd0 or 0xd1 or 0xd2 or 0xd3 && head[1] == 0xbe && head[2] == 0xd2 && head[3] == 0xbe)
            return ("VMware snapshot", "not read: vmss2core makes a dump of it");
        if (head.StartsWith("070701"u8) || head.StartsWith("070702"u8))
            return ("initramfs", ForImage);
        if (head.StartsWith("hsqs"u8))
            return ("squashfs", "a file system image: not read");
        if (head.StartsWith("PK\x03\x04"u8) || head.StartsWith<byte>([0x37, 0x7a, 0xbc, 0xaf]) ||
            (head.Length > 262 && head[257..].StartsWith("ustar"u8)))
            return ("archive", "unpack it and give the folder");
        if (Compressor(head) is { } name)
            return ("compressed",
                $"packed with {name}: give it unpacked, or - for a pipe ({name} -dc FILE | kdt explain -); an initramfs goes to kdt " +
                $"image check");
        if (head.Length > 0x206 && head[0x1fe] == 0x55 && head[0x1ff] == 0xaa && head[0x202..].StartsWith("HdrS"u8))
            return ("kernel image", "a bzImage: not read");
        return null;
    }

    public static bool IsGzip(ReadOnlySpan<byte> head) => head.StartsWith<byte>([0x1f, 0x8b, 0x08]);

    /// <summary>A byte order mark of UTF-16, as terminal programs on Windows write it: true for big endian.</summary>
    public static bool? Utf16(ReadOnlySpan<byte> head) =>
        head.StartsWith<byte>([0xff, 0xfe]) ? false : head.StartsWith<byte>([0xfe, 0xff]) ? true : null;

    /// <summary>JSON whose first member is the schema of the probe's report.</summary>
    public static bool IsProbeReport(ReadOnlySpan<byte> head) =>
        head.TrimStart(" \t\r\n"u8).StartsWith("{"u8) && head[..Math.Min(head.Length, 256)].IndexOf("\"kdump-probe.report/"u8) > 0;

    private static string? Compressor(ReadOnlySpan<byte> head) =>
        head.StartsWith<byte>([0x28, 0xb5, 0x2f, 0xfd]) ? "zstd"
        : head.StartsWith<byte>([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]) ? "xz"
        : head.StartsWith("BZh"u8) && head.Length > 4 && head[4..].StartsWith<byte>([0x31, 0x41, 0x59, 0x26]) ? "bzip2"
        : head.StartsWith<byte>([0x04, 0x22, 0x4d, 0x18]) || head.StartsWith<byte>([0x02, 0x21, 0x4c, 0x18]) ? "lz4"
        : head.StartsWith<byte>([0x89, 0x4c, 0x5a, 0x4f]) ? "lzop" : null;
}
