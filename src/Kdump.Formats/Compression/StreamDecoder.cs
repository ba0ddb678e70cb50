namespace Kdump.Formats.Compression;

/// <summary>
/// Decodes one compressed stream in pieces and determines exactly where it ends, because in an initramfs the next segment may follow
/// directly.
/// </summary>
public abstract class StreamDecoder : IDisposable
{
    private bool disposed;

    /// <summary>Decodes the next bytes into <paramref name="output"/>; returns their number, 0 only at the end of the stream.</summary>
    /// <exception cref="StreamBrokenException">The data is damaged or truncated. Earlier calls returned everything before that place.
    /// </exception>
    public abstract int Read(PackedInput input, Span<byte> output);

    /// <summary>
    /// Decodes a block that is completely in memory, until it ends or the output is full; returns the number of bytes written.
    /// </summary>
    /// <exception cref="StreamBrokenException">The block is damaged or truncated.</exception>
    public virtual int Run(ReadOnlySpan<byte> input, Span<byte> output)
    {
        PackedInput packed = PackedInput.Of(input);
        int written = 0;
        while (written < output.Length && Read(packed, output[written..]) is > 0 and var n)
            written += n;
        return written;
    }

    public void Dispose()
    {
        // Free the library's state only once: the stream above may be closed several times.
        if (disposed)
            return;
        disposed = true;
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
