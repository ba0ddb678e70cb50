using Kdump.Formats.Bytes;

namespace Kdump.Formats.Archives;

/// <summary>The content of a cpio entry.</summary>
internal sealed class CpioContent(SegmentReader reader, ImageEntry entry) : NodeContent
{
    public override long Length => entry.Size;

    public override (int Segment, long Offset) Order => (entry.Segment, entry.DataOffset);

    public override ContentKind Kind => entry.Kind;

    public ImageEntry Entry => entry;

    /// <summary>The content as part of the image file, if the segment is not compressed; otherwise null.</summary>
    public IByteSource? AsSource(string name) =>
        reader.IsPlain(entry.Segment) ? new SliceSource(reader.Source, name, entry.DataOffset, entry.Size) : null;

    public override void CopyTo(ContentSink sink)
    {
        if (entry.Kept is { } bytes)
            sink(bytes);
        else
            reader.Copy(entry.Segment, entry.DataOffset, entry.Size, sink);
    }
}
