namespace Kdump.Formats.Compression;

/// <summary>What a <see cref="StreamDecoder"/> makes of a stream, as a stream to read from. The compressed one is closed with it.</summary>
public sealed class DecodedStream(Stream packed, StreamDecoder decoder) : Stream
{
    private readonly byte[] input = new byte[128 << 10];
    private int start;
    private int count;
    private bool last;
    private bool ended;
    private bool disposed;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        while (!ended && buffer.Length > 0)
        {
            if (count == 0 && !last)
                Refill();
            StreamStep step = decoder.Step(input.AsSpan(start, count), last, buffer);
            start += step.Consumed;
            count -= step.Consumed;
            ended = step.Ended;
            if (step.Written > 0)
                return step.Written;
            if (step.Consumed == 0 && !ended)
            {
                if (last)
                    throw new StreamBrokenException("the compressed data is cut short");
                Refill();
            }
        }
        return 0;
    }

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        // A decoder frees native memory, and readers of archives close a stream once more than needed.
        if (disposing && !disposed)
        {
            disposed = true;
            decoder.Dispose();
            packed.Dispose();
        }
        base.Dispose(disposing);
    }

    /// <summary>Keeps what a decoder left over in front of what comes next.</summary>
    private void Refill()
    {
        input.AsSpan(start, count).CopyTo(input);
        start = 0;
        int n = packed.Read(input, count, input.Length - count);
        count += n;
        last = n == 0;
    }
}
