using System.Security.Cryptography;

namespace Kdump.Tests.Formats.Archives;

/// <summary>A folder on disk as an image shows it.</summary>
public sealed class SampleTreeAt(string tree)
{
    /// <summary>Everything in the folder: path, mode, and a hash of the content or the link's target.</summary>
    public SortedDictionary<string, string> OnDisk()
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (FileSystemInfo info in Below(new DirectoryInfo(tree)))
        {
            string path = info.FullName[tree.Length..];
            if (info.LinkTarget is { } target)
                all[path] = "-> " + target;
            else if (info is DirectoryInfo)
                all[path] = "folder " + Octal((uint)info.UnixFileMode);
            else
                all[path] = $"{Octal((uint)info.UnixFileMode)} {Hash(File.ReadAllBytes(info.FullName))}";
        }
        return all;
    }

    /// <summary>Links to folders are not walked into.</summary>
    private static IEnumerable<FileSystemInfo> Below(DirectoryInfo folder) =>
        folder.EnumerateFileSystemInfos().SelectMany(i => i is DirectoryInfo d && d.LinkTarget is null ? Below(d).Prepend(d) : [i]);

    public static string Octal(uint mode) => Convert.ToString(mode, 8);

    private static string Hash(byte[] bytes) => $"{bytes.Length} {Convert.ToHexString(SHA256.HashData(bytes))[..16]}";
}
