using Kdump.Formats.Bytes;

namespace Kdump.Formats.Compression;

/// <summary>
/// The decompressed bytes of a stream, of all its members (gzip, xz, zstd and bzip2 files may contain several). Damaged or truncated data
/// causes no exception: the stream ends there, and <see cref="Note"/> contains the reason.
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

    /// <param name="limit">Maximum number of decompressed bytes, as protection against decompression bombs.</param>
    public DecodedStream(Stream packed, StreamCodec codec, long limit)
    {
        this.packed = packed;
        this.codec = codec;
        this.limit = limit;
        input = new PackedInput(packed.Read, new byte[64 << 10]);
        decoder = codec.Open();
    }

    /// <summary>Why the data ended early; null if all of it was read.</summary>
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

    /// <summary>Moves to the next member, if there is one. Zeros between members and after the last one are padding.</summary>
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
            Note ??=
                $"{input.Bytes.Length}{(input.Last ? "" : " or more")} bytes after the {codec.Name} data do not belong to it: not read";
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
