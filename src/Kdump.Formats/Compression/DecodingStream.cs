using Kdump.Formats.Bytes;

namespace Kdump.Formats.Compression;

/// <summary>
/// What a compressed stream holds, read forward. Knows exactly where in the source the stream ended, so that what follows can be found.
/// It produces no more than it is asked for; how much to ask for is the reader's cap.
/// </summary>
public abstract class DecodingStream : IDisposable
{
    private const int InputSize = 64 * 1024;
    private readonly byte[] input = new byte[InputSize];
    private long next;
    private int head;
    private int tail;
    private bool ended;

    protected DecodingStream(IByteSource source, long offset, string codec)
    {
        Source = source;
        Start = offset;
        next = offset;
        CodecName = codec;
    }

    public string CodecName { get; }

    /// <summary>Offset in the source of the stream's first byte.</summary>
    public long Start { get; }

    /// <summary>Offset in the source of the first byte that was not used: the end of the stream once <see cref="Read"/> has returned 0.</summary>
    public long End => next - (tail - head);

    protected IByteSource Source { get; }

    /// <summary>Fills the buffer as far as the stream goes; fewer bytes than asked for, or 0, only at its end.</summary>
    /// <exception cref="InputException">The stream is broken or cut.</exception>
    public int Read(Span<byte> buffer)
    {
        int done = 0;
        while (done < buffer.Length && !ended)
        {
            if (head == tail && next < Source.Length)
            {
                tail = Source.Read(next, input);
                next += tail;
                head = 0;
            }
            int given = tail - head;
            string? error = Decode(input.AsSpan(head, given), buffer[done..], out int used, out int made, out ended);
            head += used;
            done += made;
            if (error is not null)
                throw new InputException(Source.Name, CodecName, End, error);
            if (used == 0 && made == 0 && !ended)
            {
                // A decoder that neither takes nor gives with input left over is waiting for more than there will ever be.
                if (next >= Source.Length || given == InputSize)
                    throw new InputException(Source.Name, CodecName, End, "the compressed stream is cut short");
                Refill();
            }
        }
        return done;
    }

    /// <summary>Decodes a little: from <paramref name="source"/> (empty at the end of the input) into <paramref name="target"/> (never empty).</summary>
    /// <returns>Null, or the reason why the stream is broken.</returns>
    protected abstract string? Decode(ReadOnlySpan<byte> source, Span<byte> target, out int used, out int made, out bool ended);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }

    private void Refill()
    {
        input.AsSpan(head, tail - head).CopyTo(input);
        tail -= head;
        head = 0;
        int got = Source.Read(next, input.AsSpan(tail));
        tail += got;
        next += got;
        if (got == 0)
            throw new InputException(Source.Name, CodecName, End, "the compressed stream is cut short");
    }
}
