using Kdump.Formats.Bytes;
using Kdump.Formats.Compression;

namespace Kdump.Formats.Archives;

/// <summary>A compressed range of an input, unpacked while it is read, with a limit on the unpacked size.</summary>
internal sealed class UnpackedBytes : ForwardBytes
{
    private readonly IByteSource source;
    private readonly StreamCodec codec;
    private readonly long offset;
    private readonly long end;
    private readonly StreamDecoder decoder;
    private readonly PackedInput input;
    private long next;
    private long written;
    private bool ended;

    public UnpackedBytes(IByteSource source, long offset, long end, StreamCodec codec, int window = 1024 * 1024)
        : base(window)
    {
        this.source = source;
        this.codec = codec;
        this.offset = next = offset;
        this.end = end;
        input = new PackedInput(Refill, new byte[Math.Clamp(end - offset, 64, 256 * 1024)]);
        decoder = codec.Open();
    }

    /// <summary>
    /// Offset in the input of the first byte after the compressed stream; valid once the stream has been read to its end.
    /// </summary>
    public long InputPosition => offset + input.Used;

    protected override int Fill(Span<byte> buffer)
    {
        if (ended)
            return 0;
        int n;
        try
        {
            n = decoder.Read(input, buffer);
        }
        catch (StreamBrokenException e)
        {
            throw new InputException(source.Name, codec.Name, InputPosition, e.Cut ? "the compressed data is cut short" : e.Message, e);
        }
        ended = n == 0;
        written += n;
        if (written > ImageLimits.MaxUnpacked)
            throw new InputException(source.Name, codec.Name, offset, $"unpacks to more than {ImageLimits.MaxUnpacked >> 30} GiB");
        if (written > ImageLimits.RatioFree && written / ImageLimits.MaxRatio > input.Used)
            throw new InputException(source.Name, codec.Name, offset, $"unpacks to more than {ImageLimits.MaxRatio} times its size");
        return n;
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

    private int Refill(Span<byte> room)
    {
        int n = source.Read(next, room[..(int)Math.Min(room.Length, end - next)]);
        next += n;
        return n;
    }
}
