using Kdump.Formats.Bytes;

namespace Kdump.Formats.Archives;

/// <summary>
/// One root file system of an image: what the kernel unpacks, or a file system image inside that becomes the root later
/// (squashfs-root.img of dracut's squash modules), or another initramfs carried along (early kdump).
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

    /// <summary>Empty for the outer one, else the path of the file it stands in.</summary>
    public string Name { get; }

    /// <summary><c>cpio</c>, <c>squashfs</c> or <c>erofs</c>.</summary>
    public string Format { get; }

    /// <summary>How a squashfs packs its blocks: <c>zstd</c>; empty for other formats.</summary>
    public string Compression { get; internal set; } = "";

    public ImageNode Root { get; }

    /// <summary>Replaces the outer root when the system starts, instead of being carried along.</summary>
    public bool BecomesRoot { get; internal init; }

    public List<Damage> Damages { get; } = [];

    /// <summary>The same tree under another name; its nodes keep naming the layer they were read from.</summary>
    internal ImageLayer Renamed(string name) => new(name, Format, Root) { Compression = Compression };

    /// <summary>Finds a path, following symlinks inside this tree; null when it leads nowhere.</summary>
    public ImageNode? Find(string path, bool followLast = true) => Walk(Root, path, followLast, ImageLimits.MaxLinks, out _);

    /// <summary>Where a path that leads nowhere breaks off: the first name that is not there.</summary>
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
