using Kdump.Formats.Bytes;

namespace Kdump.Formats.Archives;

/// <summary>Reads bytes once, forward only, with lookahead. Skipped bytes are not read if the input allows it.</summary>
internal abstract class ForwardBytes : IDisposable
{
    private byte[] window;
    private int start;
    private int count;

    protected ForwardBytes(int windowSize) => window = new byte[windowSize];

    /// <summary>Number of bytes consumed so far.</summary>
    public long Position { get; private set; }

    /// <summary>The next bytes, up to <paramref name="wanted"/>, without consuming them; fewer only at the end.</summary>
    public ReadOnlySpan<byte> Peek(int wanted)
    {
        if (count < wanted)
        {
            if (window.Length - start < wanted)
            {
                byte[] target = window.Length < wanted ? new byte[wanted] : window;
                window.AsSpan(start, count).CopyTo(target);
                window = target;
                start = 0;
            }
            while (count < wanted && Fill(window.AsSpan(start + count)) is > 0 and var n)
                count += n;
        }
        return window.AsSpan(start, Math.Min(count, wanted));
    }

    /// <summary>The bytes that are buffered, without consuming them; at least one except at the end.</summary>
    public ReadOnlySpan<byte> PeekAny()
    {
        if (count == 0)
            Peek(1);
        return window.AsSpan(start, count);
    }

    /// <summary>Skips bytes; returns how many were skipped, fewer only at the end.</summary>
    public long Skip(long bytes)
    {
        long done = Math.Min(bytes, count);
        start += (int)done;
        count -= (int)done;
        if (count == 0)
            start = 0;
        if (done < bytes)
            done += Pass(bytes - done, window);
        Position += done;
        return done;
    }

    public int Read(Span<byte> buffer)
    {
        int done = Math.Min(buffer.Length, count);
        window.AsSpan(start, done).CopyTo(buffer);
        start += done;
        count -= done;
        if (count == 0)
            start = 0;
        while (done < buffer.Length && Fill(buffer[done..]) is > 0 and var n)
            done += n;
        Position += done;
        return done;
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Reads the next bytes into the buffer; returns 0 only at the end.</summary>
    protected abstract int Fill(Span<byte> buffer);

    /// <summary>Skips bytes that are not in the buffer; <paramref name="scratch"/> may be overwritten.</summary>
    protected abstract long Pass(long bytes, Span<byte> scratch);

    protected virtual void Dispose(bool disposing) { }
}

/// <summary>A range of an input, unchanged.</summary>
internal sealed class PlainBytes(IByteSource source, long offset, long end) : ForwardBytes(64 * 1024)
{
    private long at = offset;

    protected override int Fill(Span<byte> buffer)
    {
        int n = source.Read(at, buffer[..(int)Math.Min(buffer.Length, end - at)]);
        at += n;
        return n;
    }

    protected override long Pass(long bytes, Span<byte> scratch)
    {
        long n = Math.Min(bytes, end - at);
        at += n;
        return n;
    }
}
