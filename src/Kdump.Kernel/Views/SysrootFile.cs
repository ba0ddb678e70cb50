namespace Kdump.Kernel.Views;

/// <summary>Files of the dead machine's tree, which may lie below a folder.</summary>
public static class SysrootFile
{
    /// <summary>Null where there is no folder, or no such file below it.</summary>
    public static Stream? Open(string? root, string file)
    {
        if (root is null || !file.StartsWith('/') || file.Split('/').Contains(".."))
            return null;
        string path = Path.Join(root, file);
        try
        {
            // Links of the tree are its own: an absolute one would lead to this machine's files.
            return File.Exists(path) && (File.ResolveLinkTarget(path, returnFinalTarget: true) is not { } target ||
                target.FullName.StartsWith(Path.GetFullPath(root), StringComparison.Ordinal)) ? File.OpenRead(path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
