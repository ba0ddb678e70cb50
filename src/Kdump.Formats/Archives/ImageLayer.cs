using Kdump.Formats.Bytes;

namespace Kdump.Formats.Archives;

/// <summary>
/// One file tree of an image: the tree that the kernel unpacks, or a file system image inside it that becomes the root later
/// (squashfs-root.img of dracut's squash modules), or another initramfs stored inside it (early kdump).
/// </summary>
public sealed class ImageLayer
{
    internal ImageLayer(string name, string format)
        : this(name, format, null)
    {
    }

    private ImageLayer(string name, string format, ImageNode? root)
    {
        Name = name;
        Format = format;
        Root = root ?? new ImageNode("", null, this) { Mode = FileType.Directory | 0x1ed };
    }

    /// <summary>Empty for the tree that the kernel unpacks, otherwise the path of the file that contains this layer.</summary>
    public string Name { get; }

    /// <summary>Format of the layer: <c>cpio</c>, <c>squashfs</c> or <c>erofs</c>.</summary>
    public string Format { get; }

    /// <summary>The compression of a squashfs: <c>zstd</c>; empty for other formats.</summary>
    public string Compression { get; internal set; } = "";

    public ImageNode Root { get; }

    /// <summary>True if this tree replaces the unpacked one as the root when the system starts.</summary>
    public bool BecomesRoot { get; internal init; }

    public List<Damage> Damages { get; } = [];

    /// <summary>The same tree under another name. Its nodes keep the name of the layer from which they were read.</summary>
    internal ImageLayer Renamed(string name) => new(name, Format, Root) { Compression = Compression };

    /// <summary>Finds a path, following symlinks inside this tree; null if there is no such file.</summary>
    public ImageNode? Find(string path, bool followLast = true) => Walk(Root, path, followLast, ImageLimits.MaxLinks, out _);

    /// <summary>The first component of a path that does not exist; null if the whole path exists.</summary>
    public string? BreaksAt(string path)
    {
        Walk(Root, path, followLast: true, ImageLimits.MaxLinks, out string? missing);
        return missing;
    }

    internal ImageNode? Walk(ImageNode from, string path, bool followLast, int links, out string? missing)
    {
        missing = null;
        ImageNode at = path.StartsWith('/') ? Root : from;
        string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < parts.Length; i++)
        {
            if (parts[i] == ".")
                continue;
            if (parts[i] == "..")
            {
                at = at.Parent ?? at;
                continue;
            }
            ImageNode? next = at.Child(parts[i]);
            if (next is null)
            {
                missing = at.Path.TrimEnd('/') + "/" + parts[i];
                return null;
            }
            if (next.Target is not null && (followLast || i < parts.Length - 1))
            {
                if (links-- <= 0)
                {
                    missing = next.Path + " (too many links)";
                    return null;
                }
                string nextMissing = next.Path;
                next = Walk(at, next.Target, true, links, out missing);
                if (next is null)
                {
                    missing ??= nextMissing;
                    return null;
                }
            }
            at = next;
        }
        return at;
    }
}
