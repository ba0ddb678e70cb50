namespace Kdump.Formats.Dumps;

/// <summary>What an input that is no dump seems to be, for the one line that refuses it.</summary>
internal static class LooksLike
{
    public static string Name(ReadOnlySpan<byte> head)
    {
        if (head.IsEmpty)
            return "the input is empty";
        if (head.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]))
            return "it looks like gzip data; unpack it first";
        if (head.StartsWith((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd]))
            return "it looks like zstd data; unpack it first";
        if (head.StartsWith((ReadOnlySpan<byte>)[0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z']))
            return "it looks like xz data; unpack it first";
        if (head.StartsWith("BZh"u8))
            return "it looks like bzip2 data; unpack it first";
        if (head.StartsWith("07070"u8))
            return "it looks like an initramfs (cpio)";
        if (head.StartsWith("QFI"u8))
            return "it looks like a qcow2 disk image";
        if (head.Length > 0x206 && head[0x202..].StartsWith("HdrS"u8))
            return "it looks like a kernel (bzImage)";
        if (head.Length > 262 && head[257..].StartsWith("ustar"u8))
            return "it looks like a tar archive; unpack it first";
        if (!head.ContainsAnyExcept((byte)0))
            return "it begins with zeros only (a dump that was never written, or a disk?)";
        return IsText(head) ? "it looks like text" : "nothing we know begins so";
    }

    private static bool IsText(ReadOnlySpan<byte> head)
    {
        foreach (byte b in head)
        {
            if (b < 0x20 && b is not ((byte)'\n' or (byte)'\r' or (byte)'\t' or 0x1b))
                return false;
        }
        return true;
    }
}
