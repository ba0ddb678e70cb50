namespace Kdump.Formats.Archives;

/// <summary>A file, folder or link in the tree that an image unpacks to. Hard links share their content.</summary>
public sealed class ImageNode
{
    private Dictionary<string, ImageNode>? children;

    internal ImageNode(string name, ImageNode? parent, ImageLayer layer)
    {
        Name = name;
        Parent = parent;
        Layer = layer;
        Depth = parent is null ? 0 : parent.Depth + 1;
    }

    /// <summary>Number of folders above it; 0 for the root of a layer.</summary>
    internal int Depth { get; }

    public string Name { get; }

    public ImageNode? Parent { get; }

    public ImageLayer Layer { get; }

    public uint Mode { get; internal set; }

    public uint Uid { get; internal set; }

    public uint Gid { get; internal set; }

    public uint Links { get; internal set; }

    /// <summary>Modification time in seconds since 1970.</summary>
    public long Modified { get; internal set; }

    public uint SpecialMajor { get; internal set; }

    public uint SpecialMinor { get; internal set; }

    /// <summary>The target of a symlink; null for other types.</summary>
    public string? Target { get; internal set; }

    public ContentKind Kind => Content.Kind;

    public NodeContent Content { get; internal set; } = EmptyContent.Instance;

    public long Size => Target?.Length ?? Content.Length;

    public uint Type => Mode & FileType.Mask;

    public bool IsDirectory => Type == FileType.Directory;

    public bool IsFile => Type == FileType.Regular;

    public bool IsExecutable => (Mode & 0x49) != 0;

    /// <summary>The full path, with a leading slash; <c>/</c> for the root.</summary>
    public string Path
    {
        get
        {
            if (Parent is null)
                return "/";
            var parts = new Stack<string>();
            for (ImageNode n = this; n.Parent is not null; n = n.Parent)
                parts.Push(n.Name);
            return "/" + string.Join('/', parts);
        }
    }

    public IEnumerable<ImageNode> Children =>
        children is null ? [] : children.Values.OrderBy(c => c.Name, StringComparer.Ordinal);

    public int Count => children?.Count ?? 0;

    public ImageNode? Child(string name) => children is not null && children.TryGetValue(name, out ImageNode? node) ? node : null;

    internal ImageNode Put(string name)
    {
        var node = new ImageNode(name, this, Layer);
        (children ??= new(StringComparer.Ordinal))[name] = node;
        return node;
    }

    /// <summary>This node and everything below it, a folder before its content, sorted by name.</summary>
    public IEnumerable<ImageNode> All()
    {
        var open = new Stack<ImageNode>();
        open.Push(this);
        while (open.TryPop(out ImageNode? node))
        {
            yield return node;
            foreach (ImageNode child in node.Children.Reverse())
                open.Push(child);
        }
    }
}
