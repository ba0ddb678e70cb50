namespace Kdump.Formats.Archives;

/// <summary>What a member of a tar archive is.</summary>
public enum TarKind
{
    File,
    Folder,

    /// <summary>A symbolic link; its target is as it was written.</summary>
    Link,

    /// <summary>Another name for a file that stands earlier in the archive.</summary>
    HardLink,

    /// <summary>A device, a pipe, or a record that is no file.</summary>
    Other,
}

/// <summary>A member of a tar archive.</summary>
/// <param name="Target">Where a link leads; empty for all others.</param>
/// <param name="Size">Bytes of the file; holes of a sparse one are counted.</param>
/// <param name="Modified">Seconds since 1970, or 0.</param>
public sealed record TarEntry(string Name, TarKind Kind, string Target, long Size, long Modified);
