using System.Runtime.InteropServices;
using System.Text;
using Kdump.Formats.Bytes;

namespace Kdump.Sources.Trees;

/// <summary>The files below a folder of this machine; <c>/</c> is the machine itself.</summary>
public sealed partial class FolderTree(string directory) : IFileTree
{
    private readonly string root = directory.TrimEnd('/');

    public string Shown(string path) => root + path;

    public bool IsFile(string path) => File.Exists(root + path);

    public bool IsFolder(string path) => Directory.Exists(root + path);

    public Stream? Open(string path)
    {
        // A pipe instead of a file would block.
        if (!IsFile(path) || FileKind.Refusal(root + path) is not null)
            return null;
        try
        {
            return new FileStream(root + path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public bool IsForbidden(string path)
    {
        if (!IsFile(path) || FileKind.Refusal(root + path) is not null)
            return false;
        try
        {
            using var stream = new FileStream(root + path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete,
                bufferSize: 0);
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    public string? LinkTarget(string path)
    {
        try
        {
            return new FileInfo(root + path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    public bool? IsExecutable(string path)
    {
        try
        {
            return OperatingSystem.IsLinux() && IsFile(path) ? (File.GetUnixFileMode(root + path) & (UnixFileMode.UserExecute |
                UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0 : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public IEnumerable<string> Names(string folder)
    {
        try
        {
            return Directory.Exists(root + folder)
                ? Directory.EnumerateFileSystemEntries(root + (folder.Length == 0 ? "/" : folder)).Select(p => Path.GetFileName(p))
                    .ToArray()
                : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Only for this machine itself: a copied tree has the labels of the place it was copied to.</summary>
    public string? Label(string path)
    {
        if (root.Length > 0)
            return null;
        var buffer = new byte[1024];
        nint length;
        try
        {
            length = GetAttribute(path, "security.selinux", ref buffer[0], buffer.Length);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
        const int NoSuchAttribute = 61;
        if (length >= 0)
            return Encoding.UTF8.GetString(buffer, 0, (int)length).TrimEnd('\0');
        return Marshal.GetLastPInvokeError() == NoSuchAttribute ? "" : null;
    }

    [LibraryImport("libc", EntryPoint = "lgetxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetAttribute(string path, string name, ref byte value, nint size);

    public long Modified(string path)
    {
        try
        {
            return IsFile(path) ? new DateTimeOffset(File.GetLastWriteTimeUtc(root + path)).ToUnixTimeSeconds() : 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            return 0;
        }
    }
}
