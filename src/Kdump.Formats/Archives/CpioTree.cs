namespace Kdump.Formats.Archives;

/// <summary>
/// Applies the entries of an initramfs one after the other as the kernel does: a later name replaces an earlier one, parents are looked
/// up through symlinks, a hard link refers to the first name of its inode, and entries that cannot be created are skipped without a
/// message.
/// </summary>
internal sealed class CpioTree(Initramfs image, SegmentReader reader)
{
    private readonly ImageLayer layer = new("", "cpio") { BecomesRoot = false };
    private readonly Dictionary<(int Scope, uint Major, uint Minor, uint Inode, uint Type), LinkedContent> links = [];

    public ImageLayer Build()
    {
        // usr/gen_init_cpio's default list, linked into every kernel: /dev, /dev/console and /root exist before the image is unpacked.
        Directory("dev");
        Directory("root");
        foreach (ImageEntry entry in image.EntryList)
        {
            if (entry.Lost is null)
                entry.Lost = Apply(entry);
        }
        return layer;
    }

    private void Directory(string name) => layer.Root.Put(name).Mode = FileType.Directory | 0x1ed;

    /// <summary>Creates the entry in the tree. Returns null, or the reason why the kernel would not create it.</summary>
    private string? Apply(ImageEntry entry)
    {
        string path = entry.Name.TrimEnd('/');
        int slash = path.LastIndexOf('/');
        string name = path[(slash + 1)..];
        if (name is "" or "." or "..")
        {
            if (entry.Type == FileType.Directory)
            {
                if (name != ".." && slash < 0)
                    Fill(layer.Root, entry);
                return null;
            }
            return "its name is not a valid file name";
        }
        ImageNode? parent = slash < 0 ? layer.Root
            : layer.Walk(layer.Root, path[..(slash + 1)], followLast: true, ImageLimits.MaxLinks, out _);
        if (parent is null)
            return $"its folder {path[..slash]} does not exist";
        if (!parent.IsDirectory)
            return $"{path[..slash]} is no folder";
        ImageNode? old = parent.Child(name);
        if (entry.Type == FileType.Directory)
        {
            if (old is not null && old.IsDirectory)
            {
                Fill(old, entry);
                return null;
            }
            if (old is not null && !Removable(old))
                return "something that cannot be removed is in its place";
            Fill(parent.Put(name), entry);
            return null;
        }
        if (old is not null && old.IsDirectory && old.Count > 0)
            return "a folder that is not empty is in its place";
        return Put(parent, name, entry);
    }

    private static bool Removable(ImageNode node) => !node.IsDirectory || node.Count == 0;

    private string? Put(ImageNode parent, string name, ImageEntry entry)
    {
        if (entry.Type is not (FileType.Regular or FileType.Link or FileType.Block or FileType.Character or FileType.Fifo or
            FileType.Socket))
            return $"its type 0{Convert.ToString(entry.Mode, 8)} is invalid";
        if (entry.Links >= 2 && entry.Type != FileType.Link)
        {
            var key = (entry.LinkScope, entry.DeviceMajor, entry.DeviceMinor, entry.Inode, entry.Type);
            if (!links.TryGetValue(key, out LinkedContent? shared))
                links[key] = shared = new LinkedContent();
            ImageNode node = parent.Put(name);
            Fill(node, entry);
            // The content may be stored with any one of the names; all names share it.
            if (entry.Size > 0)
                shared.Inner = node.Content;
            node.Content = shared;
            return null;
        }
        Fill(parent.Put(name), entry);
        return null;
    }

    private void Fill(ImageNode node, ImageEntry entry)
    {
        node.Mode = entry.Mode;
        node.Uid = entry.Uid;
        node.Gid = entry.Gid;
        node.Links = entry.Links;
        node.Modified = entry.Modified;
        node.SpecialMajor = entry.SpecialMajor;
        node.SpecialMinor = entry.SpecialMinor;
        node.Target = entry.Target;
        if (entry.Type == FileType.Regular && entry.Size > 0)
            node.Content = new CpioContent(reader, entry);
    }
}
