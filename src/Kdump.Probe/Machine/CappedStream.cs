namespace Kdump.Probe.Machine;

/// <summary>A file descriptor as a stream that ends at a size limit, at an error, or when reading would block.</summary>
internal sealed class CappedStream(int fd, int cap) : Stream
{
    private int left = cap;

    /// <summary>True if reading ended with an error before the end of the file.</summary>
    public bool Failed { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count)
    {
        for (;;)
        {
            int n = Libc.Read(fd, buffer.AsSpan(offset, Math.Min(count, left)));
            if (n < 0 && Libc.LastError == Libc.EINTR)
                continue;
            Failed |= n < 0;
            left -= Math.Max(n, 0);
            return Math.Max(n, 0);
        }
    }

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _ = Libc.Close(fd);
        base.Dispose(disposing);
    }
}
