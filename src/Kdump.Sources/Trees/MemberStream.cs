using Kdump.Formats.Bytes;

namespace Kdump.Sources.Trees;

/// <summary>A member of an archive; closing it ends the pass over the archive.</summary>
internal sealed class MemberStream(Stream content, IDisposable pass, long limit) : ForwardStream
{
    private long left = limit;

    public override int Read(Span<byte> buffer)
    {
        try
        {
            int n = content.Read(buffer[..(int)Math.Min(buffer.Length, left)]);
            left -= n;
            return n;
        }
        catch (InvalidDataException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            pass.Dispose();
        base.Dispose(disposing);
    }
}
