using Kdump.Formats.Bytes;

namespace Kdump.Sources.Gather;

/// <summary>A new folder, readable by its owner only: the collection is root's view of a machine.</summary>
public sealed class FolderTarget : IGatherTarget
{
    private readonly string root;

    public FolderTarget(string path)
    {
        if (path.Length == 0)
            throw new InputException(path, "-o", -1, "an empty name: give a new folder or archive");
        root = Path.GetFullPath(path).TrimEnd('/');
        try
        {
            if (System.IO.File.Exists(root) || (Directory.Exists(root) && Directory.EnumerateFileSystemEntries(root).Any()))
                throw new InputException(path, "-o", -1, "exists already: give a new or empty folder");
            Directory.CreateDirectory(root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(path, "-o", -1, FileKind.WhyNotWritten(e, path), e);
        }
    }

    public void File(string path, byte[] content, UnixFileMode mode, DateTimeOffset modified)
    {
        string file = Place(path);
        using (var stream = new FileStream(file,
            new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode | UnixFileMode.UserRead }))
            stream.Write(content);
        System.IO.File.SetLastWriteTimeUtc(file, modified.UtcDateTime);
        // Keep the file's mode independent of the umask: write permission is meaningful (managed interrupts).
        System.IO.File.SetUnixFileMode(file, mode | UnixFileMode.UserRead);
    }

    public void Link(string path, string target) => System.IO.File.CreateSymbolicLink(Place(path), target);

    public void Dispose() { }

    private string Place(string path)
    {
        string file = root + path;
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        return file;
    }
}
