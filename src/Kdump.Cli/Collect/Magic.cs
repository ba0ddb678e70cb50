namespace Kdump.Cli.Collect;

/// <summary>Formats that are no text, by their first bytes.</summary>
internal static class Magic
{
    public static (string Kind, string? Note)? Of(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("KDUMP   "u8) || head.StartsWith("DISKDUMP"u8) || head.StartsWith("makedumpfile\0"u8))
            return ("vmcore", "a dump file: not read by this version");
        if (head.StartsWith("\x7f"u8) && head[1..].StartsWith("ELF"u8))
            return head.Length > 17 && head[16] == 4 ? ("vmcore", "a dump file: not read by this version") : ("ELF file", "a program, library or module: not read");
        if (head.StartsWith("070701"u8) || head.StartsWith("070702"u8))
            return ("initramfs", "an initramfs: not read by this version");
        if (head.StartsWith<byte>([0x1f, 0x8b]) || head.StartsWith<byte>([0x28, 0xb5, 0x2f, 0xfd]) || head.StartsWith<byte>([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]))
            return ("compressed", "compressed: give it uncompressed");
        return null;
    }
}
