namespace Kdump.Formats.Archives;

/// <summary>Type of a member of a tar archive.</summary>
public enum TarKind
{
    File,
    Folder,

    /// <summary>A symbolic link; the target is stored unchanged.</summary>
    Link,

    /// <summary>A hard link: another name for a file that occurs earlier in the archive.</summary>
    HardLink,

    /// <summary>A device, a pipe, or a record that is not a file.</summary>
    Other,
}

/// <summary>A member of a tar archive.</summary>
/// <param name="Target">The target of a link; empty for other types.</param>
/// <param name="Size">Size of the file in bytes, including the holes of a sparse file.</param>
/// <param name="Modified">Seconds since 1970; 0 if not known.</param>
public sealed record TarEntry(string Name, TarKind Kind, string Target, long Size, long Modified);
