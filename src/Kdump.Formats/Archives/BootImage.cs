using Kdump.Formats.Bytes;

namespace Kdump.Formats.Archives;

/// <summary>
/// A boot image with everything in it: the initramfs (a plain file, or the <c>.initrd</c> section of a unified kernel image), the file
/// tree it unpacks to, the file system images inside it (dracut's squash modules), and an early-kdump image inside it. Nothing is written
/// to disk.
/// </summary>
public sealed class BootImage : IDisposable
{
    private readonly IByteSource source;
    private readonly List<ImageLayer> layers = [];
    private readonly List<SegmentReader> readers = [];
    private readonly List<BootImage> nested = [];
    private KernelFile? kernelFile;

    private BootImage(IByteSource source, UnifiedKernel? kernel, Initramfs initramfs)
    {
        this.source = source;
        Kernel = kernel;
        Initramfs = initramfs;
    }

    public string Name => source.Name;

    public long Length => source.Length;

    public UnifiedKernel? Kernel { get; }

    /// <summary>The kernel file that contains the initramfs (a unified kernel image); null for an initramfs alone.</summary>
    public KernelFile? KernelFile => Kernel is null ? null : kernelFile ??= KernelFile.Read(source);

    public Initramfs Initramfs { get; }

    /// <summary>The layers of the image; the tree that the kernel unpacks is the first.</summary>
    public IReadOnlyList<ImageLayer> Layers => layers;

    public ImageLayer Outer => layers[0];

    /// <summary>The tree that programs see after boot: the squashfs or erofs root if there is one.</summary>
    public ImageLayer Root => layers.Find(l => l.BecomesRoot) ?? layers[0];

    /// <summary>Damage in the image and in the layers inside it.</summary>
    public IEnumerable<Damage> Damages => Initramfs.Damages.Concat(layers.SelectMany(l => l.Damages));

    /// <summary>True if an initramfs or a unified kernel image begins with these bytes.</summary>
    public static bool Recognizes(ReadOnlySpan<byte> head) =>
        Initramfs.Recognizes(head.TrimStart((byte)0)) || UnifiedKernel.Recognizes(head);

    public static BootImage Open(string path) => Open(FileSource.Open(path));

    /// <summary>Opens an image. The returned object owns the source and disposes of it.</summary>
    public static BootImage Open(IByteSource source, int depth = 0)
    {
        Span<byte> head = stackalloc byte[2];
        head = head[..source.Read(0, head)];
        UnifiedKernel? kernel = null;
        Initramfs initramfs;
        ContentKind bare = BareRoot(source);
        if (bare is ContentKind.Squashfs or ContentKind.Erofs)
            initramfs = Initramfs.Read(source, 0, 0);
        else if (UnifiedKernel.Recognizes(head))
        {
            kernel = UnifiedKernel.Read(source);
            if (!kernel.Sections.TryGetValue(".initrd", out (long Offset, long Length) place))
                throw new InputException(source.Name, ".initrd", -1, "this PE file has no such section: " +
                    $"it is {KernelFile.Read(source)?.Name ?? "an EFI program"}, and no initramfs is in it");
            initramfs = Initramfs.Read(source, place.Offset, place.Offset + place.Length);
        }
        else if (depth == 0 && KernelFile.Read(source) is { } bareKernel)
            throw new InputException(source.Name, "content", 0, $"it is {bareKernel.Name}, and no initramfs is in it");
        else
            initramfs = Initramfs.Read(source);
        var image = new BootImage(source, kernel, initramfs);
        image.Load(depth);
        if (bare == ContentKind.Squashfs)
            image.layers.Add(Squashfs.Open(source, "root.img").Layer);
        else if (bare == ContentKind.Erofs)
            image.layers.Add(Erofs.Open(source, "root.img").Layer);
        return image;
    }

    /// <summary>A squashfs or erofs root as a separate file, extracted from an image.</summary>
    private static ContentKind BareRoot(IByteSource source)
    {
        var head = new byte[Kinds.Head];
        return Kinds.Of(head.AsSpan(0, source.Read(0, head)));
    }

    /// <summary>
    /// Finds a path: <c>squashfs-root.img:/etc/x</c> in the named layer; any other path first in the root that programs see after boot,
    /// then in the tree that the kernel unpacks.
    /// </summary>
    public ImageNode? Find(string path, bool followLast = true)
    {
        foreach (ImageLayer layer in layers)
        {
            if (layer.Name.Length > 0 && path.StartsWith(layer.Name + ":", StringComparison.Ordinal))
                return layer.Find(path[(layer.Name.Length + 1)..], followLast);
        }
        return Root.Find(path, followLast) ?? Outer.Find(path, followLast);
    }

    public void Dispose()
    {
        foreach (BootImage image in nested)
            image.Dispose();
        foreach (SegmentReader reader in readers)
            reader.Dispose();
        source.Dispose();
    }

    private void Load(int depth)
    {
        var reader = new SegmentReader(Initramfs);
        readers.Add(reader);
        layers.Add(new CpioTree(Initramfs, reader).Build());
        if (depth > 0)
            return;
        foreach (ImageNode node in Outer.Root.All().Where(IsNested).Take(8).ToArray())
        {
            try
            {
                Nest(node);
            }
            catch (InputException e)
            {
                Outer.Damages.Add(Damage.From(e));
            }
        }
    }

    /// <summary>
    /// True if the file may contain another layer: a squashfs or erofs image (<c>*.img</c>), or an initramfs (<c>initr*</c>,
    /// <c>*kdump.img</c>).
    /// </summary>
    private static bool IsNested(ImageNode node) => node.IsFile && node.Kind switch
    {
        ContentKind.Squashfs or ContentKind.Erofs => node.Name.EndsWith(".img", StringComparison.Ordinal),
        ContentKind.Cpio or ContentKind.Compressed =>
            node.Name.StartsWith("initr", StringComparison.Ordinal) && !node.Name.EndsWith(".gz", StringComparison.Ordinal) ||
            node.Name.EndsWith("kdump.img", StringComparison.Ordinal),
        _ => false,
    };

    private void Nest(ImageNode node)
    {
        string name = node.Path[1..];
        IByteSource inner = InPlace(node.Content, $"{Name}:{name}");
        if (node.Kind == ContentKind.Squashfs)
            layers.Add(Squashfs.Open(inner, name).Layer);
        else if (node.Kind == ContentKind.Erofs)
            layers.Add(Erofs.Open(inner, name).Layer);
        else
        {
            BootImage image = Open(inner, depth: 1);
            nested.Add(image);
            layers.Add(image.Outer.Renamed(name));
            layers[^1].Damages.AddRange(image.Damages);
        }
    }

    private static IByteSource InPlace(NodeContent content, string name)
    {
        NodeContent real = content is LinkedContent linked ? linked.Inner : content;
        if (real is CpioContent cpio && cpio.AsSource(name) is { } slice)
            return slice;
        if (real.Length > ImageLimits.MaxNested)
            throw new InputException(name, "size", -1,
                $"{real.Length} bytes inside a compressed segment are more than {ImageLimits.MaxNested >> 20} MiB");
        return new MemorySource(name, real.Read((int)real.Length));
    }
}
