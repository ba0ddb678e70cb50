namespace Kdump.Formats.Archives;

/// <summary>What the first bytes of a file are.</summary>
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

/// <summary>One name in an archive, as its header has it.</summary>
public sealed class ImageEntry
{
    /// <summary>As it stands in the archive, bytes that are no UTF-8 as Latin-1.</summary>
    public required string Name { get; init; }

    public uint Mode { get; init; }

    public uint Uid { get; init; }

    public uint Gid { get; init; }

    public uint Links { get; init; }

    /// <summary>Seconds since 1970.</summary>
    public long Modified { get; init; }

    public long Size { get; init; }

    public uint DeviceMajor { get; init; }

    public uint DeviceMinor { get; init; }

    public uint Inode { get; init; }

    public uint SpecialMajor { get; init; }

    public uint SpecialMinor { get; init; }

    public int Segment { get; init; }

    /// <summary>Offset of the header: in the file for a plain segment, in the unpacked bytes for a compressed one.</summary>
    public long HeaderOffset { get; init; }

    /// <summary>Where the content begins, counted as <see cref="HeaderOffset"/>.</summary>
    public long DataOffset { get; init; }

    /// <summary>Of a symlink.</summary>
    public string? Target { get; init; }

    public ContentKind Kind { get; init; }

    /// <summary>Names are the same inode only within one scope: a trailer ends it.</summary>
    public int LinkScope { get; init; }

    /// <summary>Why the kernel creates nothing for it, where it does not.</summary>
    public string? Lost { get; internal set; }

    /// <summary>The content, where it was small enough to keep while walking a compressed segment.</summary>
    internal byte[]? Kept { get; init; }

    public uint Type => Mode & FileType.Mask;
}
