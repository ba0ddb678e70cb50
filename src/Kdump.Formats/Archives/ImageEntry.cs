namespace Kdump.Formats.Archives;

/// <summary>Type of a file, recognised by its first bytes.</summary>
public enum ContentKind : byte
{
    Other,
    Empty,
    Elf,
    Script,
    Squashfs,
    Erofs,
    Cpio,
    Compressed,
}

/// <summary>One entry of an archive, as its header describes it.</summary>
public sealed class ImageEntry
{
    /// <summary>The name as stored in the archive. Bytes that are not UTF-8 are decoded as Latin-1.</summary>
    public required string Name { get; init; }

    public uint Mode { get; init; }

    public uint Uid { get; init; }

    public uint Gid { get; init; }

    public uint Links { get; init; }

    /// <summary>Modification time in seconds since 1970.</summary>
    public long Modified { get; init; }

    public long Size { get; init; }

    public uint DeviceMajor { get; init; }

    public uint DeviceMinor { get; init; }

    public uint Inode { get; init; }

    public uint SpecialMajor { get; init; }

    public uint SpecialMinor { get; init; }

    public int Segment { get; init; }

    /// <summary>
    /// Offset of the header in bytes: in the image file for an uncompressed segment, in the unpacked data for a compressed one.
    /// </summary>
    public long HeaderOffset { get; init; }

    /// <summary>Offset of the content, relative to the same start as <see cref="HeaderOffset"/>.</summary>
    public long DataOffset { get; init; }

    /// <summary>The target of a symlink; null for other types.</summary>
    public string? Target { get; init; }

    public ContentKind Kind { get; init; }

    /// <summary>
    /// Number of the hard-link table. Entries with equal inode numbers are hard links only within one table; a trailer ends it.
    /// </summary>
    public int LinkScope { get; init; }

    /// <summary>The reason why the kernel does not create this entry; null if it does.</summary>
    public string? Lost { get; internal set; }

    /// <summary>The content, if it was small enough to keep when a compressed segment was read.</summary>
    internal byte[]? Kept { get; init; }

    public uint Type => Mode & FileType.Mask;
}
