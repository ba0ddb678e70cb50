using Kdump.Formats.Bytes;

namespace Kdump.Formats.Archives;

/// <summary>The packed bytes of one file of a zip archive, from the current position of its stream.</summary>
internal sealed class ZipPacked(Stream archive, long length) : ForwardStream
{
    private long left = length;

    public override int Read(Span<byte> buffer)
    {
        int n = archive.Read(buffer[..(int)Math.Min(buffer.Length, left)]);
        left -= n;
        return n;
    }
}
