using Kdump.Formats.Bytes;

namespace Kdump.Sources.Inputs;

/// <summary>A stream whose first bytes were already taken to look at them.</summary>
public sealed class Prepended(ReadOnlyMemory<byte> head, Stream rest) : ForwardStream
{
    private ReadOnlyMemory<byte> head = head;

    public override int Read(Span<byte> buffer)
    {
        if (head.IsEmpty)
            return rest.Read(buffer);
        int n = Math.Min(buffer.Length, head.Length);
        head.Span[..n].CopyTo(buffer);
        head = head[n..];
        return n;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            rest.Dispose();
        base.Dispose(disposing);
    }
}
