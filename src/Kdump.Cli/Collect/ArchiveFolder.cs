using System.Formats.Tar;
using Kdump.Formats.Bytes;
using Kdump.Formats.Compression;

namespace Kdump.Cli.Collect;

/// <summary>
/// An archive of a machine (kdt host collect, a sosreport), unpacked into a folder of our own that goes when this is disposed. Nothing
/// in it can lead out of that folder: names are taken apart, links are made but never written through, and only files, folders and links come out.
/// </summary>
internal sealed class ArchiveFolder : IDisposable
{
    private const int MaxEntries = 500_000;
    private const long MaxBytes = 4L << 30;
    private const int MaxName = 4096;

    private readonly string temporary;
    private readonly HashSet<string> folders = new(StringComparer.Ordinal);
    private long bytes;

    private ArchiveFolder(string temporary) => this.temporary = temporary;

    /// <summary>The machine's root: the archive's only top folder, or all of it.</summary>
    public string Folder { get; private set; } = "";

    /// <summary>Why it ends early; null when it was read whole.</summary>
    public string? Damage { get; private set; }

    public static bool Is(string path) =>
        new[] { ".tar", ".tar.zst", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2" }.Any(s => path.EndsWith(s, StringComparison.Ordinal)) && File.Exists(path) && FileKind.Refusal(path) is null;

    public static ArchiveFolder Open(string path)
    {
        var archive = new ArchiveFolder(Directory.CreateTempSubdirectory("kdt-").FullName);
        try
        {
            archive.Unpack(path);
            string[] top = Directory.GetFileSystemEntries(archive.temporary);
            archive.Folder = top.Length == 1 && Directory.Exists(top[0]) && new DirectoryInfo(top[0]).LinkTarget is null ? top[0] : archive.temporary;
            return archive;
        }
        catch
        {
            archive.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(temporary, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A folder in /tmp that stays is no reason to lose the answer.
        }
    }

    private void Unpack(string path)
    {
        int entries = 0;
        try
        {
            using Stream stream = Unpacked(path);
            using var tar = new TarReader(stream);
            while (tar.GetNextEntry() is { } entry)
            {
                if (++entries > MaxEntries || (bytes += entry.Length) > MaxBytes)
                {
                    Damage = $"only {MaxEntries} entries and {MaxBytes >> 30} GB of an archive are read";
                    return;
                }
                Place(entry);
            }
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or EndOfStreamException or StreamBrokenException or ArgumentException or OverflowException or NotSupportedException)
        {
            if (entries == 0)
                throw new InputException(path, "archive", -1, e.Message, e);
            Damage = $"damaged behind its entry {entries}: {e.Message}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(path, "archive", -1, e.Message, e);
        }
    }

    private static Stream Unpacked(string path)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var head = new byte[StreamCodecs.MagicBytes];
        int length = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        file.Position = 0;
        if (StreamCodecs.Of(head.AsSpan(0, length)) is not { } codec)
            return file;
        try
        {
            return new DecodedStream(file, codec.Open());
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            file.Dispose();
            throw new InputException(path, codec.Name, 0, $"the system has no {codec.Library} to decode it", e);
        }
    }

    private void Place(TarEntry entry)
    {
        string[] steps = entry.Name.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(s => s != ".").ToArray();
        if (steps.Length == 0 || entry.Name.Length > MaxName || steps.Contains("..") || entry.Name.Contains('\0'))
            return;
        if (entry.EntryType is TarEntryType.Directory)
        {
            Make(steps);
            return;
        }
        if (!Make(steps[..^1]))
            return;
        string file = temporary + "/" + string.Join('/', steps);
        if (File.Exists(file) || Directory.Exists(file) || new FileInfo(file).LinkTarget is not null)
            return;
        if (entry.EntryType is TarEntryType.SymbolicLink && entry.LinkName.Length > 0 && !entry.LinkName.Contains('\0'))
            File.CreateSymbolicLink(file, entry.LinkName);
        else if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile)
        {
            UnixFileMode mode = (entry.Mode & (UnixFileMode)0x1ff) | UnixFileMode.UserRead;
            using (var to = new FileStream(file, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode }))
                entry.DataStream?.CopyTo(to);
            File.SetLastWriteTimeUtc(file, entry.ModificationTime.UtcDateTime);
            File.SetUnixFileMode(file, mode);
        }
    }

    /// <summary>Folders of a path, each made by us: a link in the way stops it.</summary>
    private bool Make(string[] steps)
    {
        string at = temporary;
        foreach (string step in steps)
        {
            at += "/" + step;
            if (folders.Contains(at))
                continue;
            if (File.Exists(at) || new FileInfo(at).LinkTarget is not null)
                return false;
            Directory.CreateDirectory(at);
            folders.Add(at);
        }
        return true;
    }
}
