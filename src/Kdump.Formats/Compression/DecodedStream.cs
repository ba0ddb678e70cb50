using Kdump.Formats.Bytes;

namespace Kdump.Formats.Compression;

/// <summary>
/// The bytes behind a compressed stream, one after the other, of all its members (gzip, xz, zstd and bzip2 files may hold several).
/// It never throws because of the data: if that is damaged or truncated the stream ends, and <see cref="Note"/> reports it.
/// </summary>
public sealed class DecodedStream : ForwardStream
{
    private readonly Stream packed;
    private readonly StreamCodec codec;
    private readonly PackedInput input;
    private readonly long limit;
    private StreamDecoder? decoder;
    private bool over;
    private long done;

    /// <param name="limit">Limit for the output, as protection against decompression bombs.</param>
    public DecodedStream(Stream packed, StreamCodec codec, long limit)
    {
        this.packed = packed;
        this.codec = codec;
        this.limit = limit;
        input = new PackedInput(packed.Read, new byte[64 << 10]);
        decoder = codec.Open();
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
            if (decoder is null && !NextMember())
                break;
            int n;
            try
            {
                n = decoder!.Read(input, buffer[..(int)Math.Min(buffer.Length, limit - done)]);
            }
            catch (StreamBrokenException e)
            {
                return End(e.Cut ? $"the {codec.Name} data is cut short after {done} unpacked bytes"
                    : $"the {codec.Name} data is damaged after {done} unpacked bytes ({e.Message})");
            }
            done += n;
            if (n > 0)
                return n;
            decoder.Dispose();
            decoder = null;
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

    /// <summary>Behind one member another may begin; zeros between and behind members are padding.</summary>
    private bool NextMember()
    {
        for (;;)
        {
            int zeros = input.Bytes.IndexOfAnyExcept((byte)0);
            input.Use(zeros < 0 ? input.Bytes.Length : zeros);
            if (zeros >= 0)
                break;
            if (!input.More())
                return false;
        }
        while (input.Bytes.Length < StreamCodecs.MagicBytes && input.More()) { }
        if (StreamCodecs.OfFile(input.Bytes) != codec)
        {
            Note ??= $"{input.Bytes.Length}{(input.Last ? "" : " or more")} bytes after the {codec.Name} data do not belong to it: not " +
                $"read";
            return false;
        }
        decoder = codec.Open();
        return true;
    }

    private int End(string why)
    {
        Note ??= why;
        over = true;
        return 0;
    }
}
