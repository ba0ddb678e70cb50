using Kdump.Formats.Bytes;

namespace Kdump.Cli.Collect;

/// <summary>What <c>--root</c> names: the running machine, a folder, or an archive, which is unpacked for as long as this lives.</summary>
internal sealed class RootArgument : IDisposable
{
    private readonly ArchiveFolder? archive;

    private RootArgument(ImageRoot root, ArchiveFolder? archive)
    {
        Root = root;
        this.archive = archive;
    }

    public ImageRoot Root { get; }

    public static RootArgument Open(string path)
    {
        if (Directory.Exists(path))
            return new(new ImageRoot(path), null);
        if (!ArchiveFolder.Is(path))
            throw new InputException(path, "--root", -1, "is neither a folder nor an archive (.tar.zst, .tar.gz, .tar.xz, .tar)");
        ArchiveFolder archive = ArchiveFolder.Open(path);
        return new(new ImageRoot(archive.Folder, path), archive);
    }

    public void Dispose() => archive?.Dispose();
}
