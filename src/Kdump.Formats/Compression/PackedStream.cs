namespace Kdump.Formats.Compression;

/// <summary>
/// Compressed input as a Stream, for decoders written for .NET. Decoders detect the end of the data themselves, so the end of the input
/// is an error. A read returns the full number of bytes, because some decoders do not read a second time.
/// </summary>
internal sealed class PackedStream(PackedInput input) : Stream
{
    /// <summary>True if reading the input failed (as opposed to decoding it).</summary>
    public bool Failed { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    /// <summary>Number of bytes used; xz decoders need it for their padding.</summary>
    public override long Position { get => input.Used; set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        int done = 0;
        while (done < buffer.Length && More())
            done += ReadSome(buffer[done..]);
        return done > 0 || buffer.IsEmpty ? done : throw Cut();
    }

    /// <summary>Reads bytes that are already buffered; a decoder may give some of them back.</summary>
    public int ReadSome(Span<byte> buffer)
    {
        if (!More())
            throw Cut();
        int n = Math.Min(buffer.Length, input.Bytes.Length);
        input.Bytes[..n].CopyTo(buffer);
        input.Use(n);
        return n;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int ReadByte()
    {
        if (!More())
            throw Cut();
        int b = input.Bytes[0];
        input.Use(1);
        return b;
    }

    /// <summary>Gives back bytes of the last <see cref="ReadSome"/> that the decoder did not use.</summary>
    public void GiveBack(int bytes) => input.GiveBack(bytes);

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private bool More()
    {
        if (!input.Bytes.IsEmpty)
            return true;
        try
        {
            return input.More();
        }
        catch
        {
            Failed = true;
            throw;
        }
    }

    private static StreamBrokenException Cut() => new("the data is cut short", cut: true);
}
