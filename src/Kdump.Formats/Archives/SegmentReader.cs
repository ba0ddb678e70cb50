using Kdump.Formats.Bytes;
using Kdump.Formats.Compression;

namespace Kdump.Formats.Archives;

/// <summary>
/// Reads content from segments. A compressed segment is unpacked from its start; the position reached is kept, so that files read in the
/// order of the image need only one pass. No unpacked data is kept.
/// </summary>
internal sealed class SegmentReader(Initramfs image) : IDisposable
{
    private UnpackedBytes? open;
    private int openSegment = -1;

    public IByteSource Source => image.Source;

    public bool IsPlain(int segment) => image.SegmentList[segment].Compression == "none";

    public void Copy(int segment, long offset, long length, ContentSink sink)
    {
        if (IsPlain(segment))
            CopyPlain(offset, length, sink);
        else
            CopyPacked(segment, offset, length, sink);
    }

    public void Dispose()
    {
        open?.Dispose();
        open = null;
        openSegment = -1;
    }

    private void CopyPlain(long offset, long length, ContentSink sink)
    {
        var buffer = new byte[(int)Math.Min(length, 256 * 1024)];
        for (long done = 0; done < length;)
        {
            int n = image.Source.Read(offset + done, buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - done)));
            if (n == 0)
                throw new InputException(image.Name, "content", offset + done, $"needs {length - done} bytes, 0 left");
            done += n;
            if (!sink(buffer.AsSpan(0, n)))
                return;
        }
    }

    private void CopyPacked(int segment, long offset, long length, ContentSink sink)
    {
        if (open is null || openSegment != segment || open.Position > offset)
        {
            Dispose();
            ImageSegment s = image.SegmentList[segment];
            StreamCodec codec = Array.Find(StreamCodecs.All, c => c.Name == s.Compression)!;
            open = new UnpackedBytes(image.Source, s.Offset, image.End, codec);
            openSegment = segment;
        }
        try
        {
            open.Skip(offset - open.Position);
            for (long done = 0; done < length;)
            {
                ReadOnlySpan<byte> piece = open.PeekAny();
                if (piece.IsEmpty)
                    throw new InputException(image.Name, "content", open.InputPosition, $"needs {length - done} bytes, 0 left");
                piece = piece[..(int)Math.Min(piece.Length, length - done)];
                bool more = sink(piece);
                done += piece.Length;
                open.Skip(piece.Length);
                if (!more)
                    return;
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }
}
