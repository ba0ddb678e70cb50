using Kdump.Formats.Bytes;

namespace Kdump.Formats.Archives;

/// <summary>
/// An initramfs as the kernel unpacks it (init/initramfs.c): any number of cpio archives, each plain or compressed, with zeros between
/// them. Opening reads the whole image once and keeps names and offsets but no content; the content of a file is unpacked again when it
/// is requested.
/// </summary>
public sealed class Initramfs
{
    internal Initramfs(IByteSource source, long start, long end)
    {
        Source = source;
        Start = start;
        End = end;
    }

    public IByteSource Source { get; }

    public string Name => Source.Name;

    /// <summary>Byte offset of the initramfs in the file; not 0 in a unified kernel image.</summary>
    public long Start { get; }

    public long End { get; }

    public IReadOnlyList<ImageSegment> Segments => SegmentList;

    /// <summary>Every entry in the order of the image. A name may occur several times; the last entry wins.</summary>
    public IReadOnlyList<ImageEntry> Entries => EntryList;

    /// <summary>The damaged places in the image.</summary>
    public IReadOnlyList<Damage> Damages => DamageList;

    public IReadOnlyList<Objection> Objections => ObjectionList;

    /// <summary>Bytes of small files that are kept in memory.</summary>
    internal long Kept { get; set; }

    internal List<ImageSegment> SegmentList { get; } = [];

    internal List<ImageEntry> EntryList { get; } = [];

    internal List<Damage> DamageList { get; } = [];

    internal List<Objection> ObjectionList { get; } = [];

    /// <summary>True if an initramfs can begin here.</summary>
    public static bool Recognizes(ReadOnlySpan<byte> head) => Kinds.Of(head) is ContentKind.Cpio or ContentKind.Compressed;

    public static Initramfs Read(IByteSource source) => Read(source, 0, source.Length);

    public static Initramfs Read(IByteSource source, long start, long end)
    {
        var image = new Initramfs(source, start, end);
        new InitramfsWalk(image).Run();
        return image;
    }
}
