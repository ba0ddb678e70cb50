using Kdump.Formats.Bytes;
using Kdump.Formats.Compression;

namespace Kdump.Formats.Archives;

/// <summary>A compressed stretch of an input, unpacked on the way, with a cap on what may come out of it.</summary>
internal sealed class UnpackedBytes : ForwardBytes
{
    private readonly IByteSource source;
    private readonly StreamCodec codec;
    private readonly long offset;
    private readonly long end;
    private readonly StreamDecoder decoder;
    private readonly byte[] input;
    private long next;
    private int start;
    private int count;
    private long written;
    private bool ended;

    public UnpackedBytes(IByteSource source, long offset, long end, StreamCodec codec, int window = 1024 * 1024)
        : base(window)
    {
        this.source = source;
        this.codec = codec;
        this.offset = next = offset;
        this.end = end;
        input = new byte[Math.Clamp(end - offset, 64, 256 * 1024)];
        try
        {
            decoder = codec.Open();
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            throw new InputException(source.Name, codec.Name, offset, $"the system has no {codec.Library} to decode it", e);
        }
    }

    /// <summary>Offset in the input behind the compressed stream, once it has been read to its end.</summary>
    public long InputPosition => next - count;

    protected override int Fill(Span<byte> buffer)
    {
        while (!ended)
        {
            if (count == 0)
                Refill();
            StreamStep step;
            try
            {
                step = decoder.Step(input.AsSpan(start, count), last: next >= end, buffer);
            }
            catch (StreamBrokenException e)
            {
                throw new InputException(source.Name, codec.Name, InputPosition, e.Message, e);
            }
            start += step.Consumed;
            count -= step.Consumed;
            written += step.Written;
            ended = step.Ended;
            if (written > ImageLimits.MaxUnpacked)
                throw new InputException(source.Name, codec.Name, offset, $"unpacks to more than {ImageLimits.MaxUnpacked >> 30} GiB");
            if (written > ImageLimits.RatioFree && written / ImageLimits.MaxRatio > InputPosition - offset)
                throw new InputException(source.Name, codec.Name, offset, $"unpacks to more than {ImageLimits.MaxRatio} times its size");
            if (step.Written > 0)
                return step.Written;
            if (step.Consumed == 0 && !ended && !Refill())
                throw new InputException(source.Name, codec.Name, InputPosition, "the compressed data is cut short");
        }
        return 0;
    }

    protected override long Pass(long bytes, Span<byte> scratch)
    {
        long done = 0;
        while (done < bytes)
        {
            int n = Fill(scratch[..(int)Math.Min(scratch.Length, bytes - done)]);
            if (n == 0)
                break;
            done += n;
        }
        return done;
    }

    protected override void Dispose(bool disposing)
    {
        decoder.Dispose();
        base.Dispose(disposing);
    }

    private bool Refill()
    {
        input.AsSpan(start, count).CopyTo(input);
        start = 0;
        int room = (int)Math.Min(input.Length - count, end - next);
        int n = room <= 0 ? 0 : source.Read(next, input.AsSpan(count, room));
        next += n;
        count += n;
        if (n == 0)
            // The source ended before it said it would: the decoder is told on its next step.
            next = Math.Max(next, end);
        return n > 0;
    }
}
