using System.Formats.Tar;
using System.IO.Compression;
using Kdump.Formats.Bytes;
using Kdump.Formats.Compression;

namespace Kdump.Sources.Gather;

/// <summary>A tar archive, packed as its name says: .tar.zst (the system's libzstd), .tar.gz or .tar.</summary>
public sealed class ArchiveTarget : IGatherTarget
{
    private readonly TarWriter tar;
    private readonly string top;

    private ArchiveTarget(Stream stream, string top)
    {
        tar = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: false);
        this.top = top;
    }

    /// <summary>Suffixes of archive formats that are not supported for writing: a folder with such a name would be misleading.</summary>
    private static readonly string[] Others =
        [".zip", ".7z", ".rar", ".tar.xz", ".txz", ".tar.bz2", ".tar.lz4", ".tar.lzo", ".cpio", ".gz", ".zst"];

    /// <exception cref="InputException">The name is that of an archive which is not written here.</exception>
    public static bool Is(string path)
    {
        if (Suffix(path) is not null)
            return true;
        if (Array.Exists(Others, s => path.EndsWith(s, StringComparison.OrdinalIgnoreCase)))
            throw new InputException(path, "-o", -1,
                "writing this archive format is not supported: give .tar.zst, .tar.gz, .tar, or a folder");
        return false;
    }

    public static ArchiveTarget Create(string path)
    {
        string suffix = Suffix(path)!;
        Stream? file = null;
        try
        {
            file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
            Stream packed = suffix switch
            {
                ".tar.zst" => new ZstdEncoder(file),
                ".tar" => file,
                _ => new GZipStream(file, CompressionLevel.Optimal),
            };
            return new(packed, Path.GetFileName(path)[..^suffix.Length]);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            file!.Dispose();
            System.IO.File.Delete(path);
            throw new InputException(path, "-o", -1,
                $"needs {ZstdEncoder.Library} (Debian: libzstd1, RHEL: libzstd); .tar.gz needs nothing");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(path, "-o", -1, System.IO.File.Exists(path) ? "exists already: give another name"
                : FileKind.WhyNotWritten(e, path), e);
        }
    }

    public void File(string path, byte[] content, UnixFileMode mode, DateTimeOffset modified) =>
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, top + path) { DataStream = new MemoryStream(content),
            Mode = mode | UnixFileMode.UserRead, ModificationTime = modified });

    public void Link(string path, string target) =>
        tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, top + path) { LinkName = target });

    public void Dispose() => tar.Dispose();

    private static string? Suffix(string path) =>
        new[] { ".tar.zst", ".tar.gz", ".tgz", ".tar" }
        .FirstOrDefault(s => path.EndsWith(s, StringComparison.OrdinalIgnoreCase) && Path.GetFileName(path).Length > s.Length);
}
