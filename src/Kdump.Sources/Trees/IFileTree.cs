namespace Kdump.Sources.Trees;

/// <summary>
/// Files of a machine or a case: below a folder, or inside an archive. Paths begin with a slash and have no links, dots or empty parts in
/// them. Nothing here throws for what is in the tree; what is missing or cannot be read is null, false or empty.
/// </summary>
public interface IFileTree
{
    /// <summary>The name of a file for messages.</summary>
    string Shown(string path);

    bool IsFile(string path);

    bool IsFolder(string path);

    /// <summary>Opens a regular file at its beginning; null if it cannot be read.</summary>
    Stream? Open(string path);

    /// <summary>The file exists, but this user may not read it.</summary>
    bool IsForbidden(string path);

    /// <summary>The target of a symbolic link as written in it; null when the path is no link.</summary>
    string? LinkTarget(string path);

    /// <summary>Names of the entries of a folder.</summary>
    IEnumerable<string> Names(string folder);

    /// <summary>Seconds since 1970, or 0.</summary>
    long Modified(string path);

    /// <summary>Somebody may execute the file; null where the tree does not keep modes.</summary>
    bool? IsExecutable(string path) => null;

    /// <summary>SELinux's label of a file or folder, <c>""</c> for none; null where the tree does not keep labels.</summary>
    string? Label(string path) => null;
}
