namespace Kdump.Sources.Trees;

/// <summary>
/// Files of a machine or a case: below a folder, or inside an archive. Paths begin with a slash and have no links, dots or empty parts in
/// them. Nothing here throws for what is in the tree; what is missing or cannot be read is null, false or empty.
/// </summary>
public interface IFileTree
{
    /// <summary>How messages name a file.</summary>
    string Shown(string path);

    bool IsFile(string path);

    bool IsFolder(string path);

    /// <summary>A regular file from its beginning on.</summary>
    Stream? Open(string path);

    /// <summary>The file is there, and this user may not read it.</summary>
    bool IsForbidden(string path);

    /// <summary>What a symbolic link holds, as it stands there; null when it is none.</summary>
    string? LinkTarget(string path);

    /// <summary>Names of what lies in a folder.</summary>
    IEnumerable<string> Names(string folder);

    /// <summary>Seconds since 1970, or 0.</summary>
    long Modified(string path);

    /// <summary>Somebody may execute the file; null where the tree does not keep modes.</summary>
    bool? IsExecutable(string path) => null;

    /// <summary>SELinux's label of a file or folder, <c>""</c> for none; null where the tree does not keep labels.</summary>
    string? Label(string path) => null;
}
