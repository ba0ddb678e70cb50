using Kdump.Formats.Bytes;

namespace Kdump.Formats.Compression;

/// <summary>
/// The bytes behind a compressed stream, one after the other, of all its members (gzip, xz, zstd and bzip2 files may hold several).
/// It never throws for what is in the data: where that is damaged or cut it ends, and <see cref="Note"/> says so.
/// </summary>
public sealed class DecodedStream : ForwardStream
{
    private readonly Stream packed;
    private readonly StreamCodec codec;
    private readonly byte[] input = new byte[64 << 10];
    private readonly long limit;
    private StreamDecoder? decoder;
    private int at, filled;
    private bool last, over;
    private long done;

    /// <param name="limit">Bytes that are given at most; a bomb ends there.</param>
    /// <exception cref="CodecMissingException">The system's library for this compression is not installed.</exception>
    public DecodedStream(Stream packed, StreamCodec codec, long limit)
    {
        this.packed = packed;
        this.codec = codec;
        this.limit = limit;
        decoder = Open();
    }

    /// <summary>Why the data ended early; null when it was read whole.</summary>
    public string? Note { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return 0;
        while (!over)
        {
            if (done >= limit)
                return End($"only the first {limit >> 20} MB of the unpacked data were read");
            if (at == filled && !last)
                Fill();
            if (decoder is null && !NextMember())
                break;
            StreamStep step;
            try
            {
                step = decoder!.Step(input.AsSpan(at, filled - at), last, buffer[..(int)Math.Min(buffer.Length, limit - done)]);
            }
            catch (StreamBrokenException e)
            {
                return End($"the {codec.Name} data is damaged after {done} unpacked bytes ({e.Message})");
            }
            at += step.Consumed;
            done += step.Written;
            if (step.Ended)
            {
                decoder!.Dispose();
                decoder = null;
            }
            if (step.Written > 0)
                return step.Written;
            if (step is { Consumed: 0, Ended: false })
            {
                if (last)
                    return End($"the {codec.Name} data is cut short after {done} unpacked bytes");
                Fill();
            }
        }
        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            decoder?.Dispose();
            decoder = null;
            over = true;
            packed.Dispose();
        }
        base.Dispose(disposing);
    }

    private StreamDecoder Open()
    {
        try
        {
            return codec.Open();
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            throw new CodecMissingException(codec, e);
        }
    }

    /// <summary>Behind one member another may begin; zeros between and behind members are padding.</summary>
    private bool NextMember()
    {
        for (;;)
        {
            while (at < filled && input[at] == 0)
                at++;
            if (at < filled)
                break;
            if (last)
                return false;
            Fill();
        }
        while (filled - at < StreamCodecs.MagicBytes && !last)
            Fill();
        if (!codec.Recognizes(input.AsSpan(at, filled - at)))
        {
            Note ??= $"{filled - at}{(last ? "" : " or more")} bytes behind the {codec.Name} data are none of it: not read";
            return false;
        }
        decoder = Open();
        return true;
    }

    /// <summary>Some more input; what is left moves to the front.</summary>
    private void Fill()
    {
        Array.Copy(input, at, input, 0, filled - at);
        filled -= at;
        at = 0;
        int n = packed.Read(input, filled, input.Length - filled);
        filled += n;
        last = n == 0;
    }

    private int End(string why)
    {
        Note ??= why;
        over = true;
        return 0;
    }
}

/// <summary>The library that decodes a compression is not installed: no fault of the input.</summary>
public sealed class CodecMissingException(StreamCodec codec, Exception inner)
    : Exception($"needs {codec.Library} to unpack {codec.Name} data, which is not installed", inner);
