using Kdump.Formats.Bytes;

namespace Kdump.Formats.Archives;

/// <summary>
/// An initramfs as the kernel unpacks it (init/initramfs.c): any number of cpio archives, each plain or compressed, with zeros between
/// them. Opening walks all of it once and keeps names and places, no content; content is unpacked again when it is asked for.
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

    /// <summary>Where in the file it begins: not at 0 for a unified kernel image.</summary>
    public long Start { get; }

    public long End { get; }

    public IReadOnlyList<ImageSegment> Segments => SegmentList;

    /// <summary>Every name in the order of the image; a name may come several times, and the last one wins.</summary>
    public IReadOnlyList<ImageEntry> Entries => EntryList;

    /// <summary>Where the image is broken.</summary>
    public IReadOnlyList<Damage> Damages => DamageList;

    public IReadOnlyList<Objection> Objections => ObjectionList;

    /// <summary>Bytes of small files held.</summary>
    internal long Kept { get; set; }

    internal List<ImageSegment> SegmentList { get; } = [];

    internal List<ImageEntry> EntryList { get; } = [];

    internal List<Damage> DamageList { get; } = [];

    internal List<Objection> ObjectionList { get; } = [];

    /// <summary>True if an initramfs can begin here.</summary>
    public static bool Recognizes(ReadOnlySpan<byte> head) =>
        head.StartsWith("070701"u8) || head.StartsWith("070702"u8) || Compression.StreamCodecs.Of(head) is not null;

    public static Initramfs Read(IByteSource source) => Read(source, 0, source.Length);

    public static Initramfs Read(IByteSource source, long start, long end)
    {
        var image = new Initramfs(source, start, end);
        new InitramfsWalk(image).Run();
        return image;
    }
}
