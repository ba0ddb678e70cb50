using System.Buffers.Binary;
using Kdump.Formats.Compression;

namespace Kdump.Formats.Archives;

/// <summary>Recognises the type of a file by its first bytes.</summary>
internal static class Kinds
{
    /// <summary>Number of bytes needed: the super block of erofs begins at offset 1024.</summary>
    public const int Head = 1028;

    public static ContentKind Of(ReadOnlySpan<byte> head)
    {
        if (head.IsEmpty)
            return ContentKind.Empty;
        if (head.StartsWith("\x7f"u8) && head[1..].StartsWith("ELF"u8))
            return ContentKind.Elf;
        if (head.StartsWith("#!"u8))
            return ContentKind.Script;
        if (head.StartsWith("hsqs"u8))
            return ContentKind.Squashfs;
        if (head.StartsWith("070701"u8) || head.StartsWith("070702"u8))
            return ContentKind.Cpio;
        if (head.Length >= 1028 && BinaryPrimitives.ReadUInt32LittleEndian(head[1024..]) == Erofs.Magic)
            return ContentKind.Erofs;
        return StreamCodecs.Of(head) is not null ? ContentKind.Compressed : ContentKind.Other;
    }
}
