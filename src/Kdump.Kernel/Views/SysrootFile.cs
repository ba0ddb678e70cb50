namespace Kdump.Kernel.Views;

/// <summary>Opens files of the crashed machine's file tree, below a folder on this machine.</summary>
public static class SysrootFile
{
    /// <summary>The file; null if no folder is specified, or if there is no such file below it.</summary>
    public static Stream? Open(string? root, string file)
    {
        if (root is null || !file.StartsWith('/') || file.Split('/').Contains(".."))
            return null;
        string path = Path.Join(root, file);
        try
        {
            // Links in the tree refer to files of the tree: an absolute one would lead to this machine's files.
            return File.Exists(path) && (File.ResolveLinkTarget(path, returnFinalTarget: true) is not { } target ||
                target.FullName.StartsWith(Path.GetFullPath(root), StringComparison.Ordinal)) ? File.OpenRead(path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
