namespace Kdump.Formats.Compression;

/// <summary>
/// Decodes one compressed stream piece by piece and knows exactly where it ends: in an initramfs the next segment follows directly.
/// </summary>
public abstract class StreamDecoder : IDisposable
{
    private bool disposed;

    /// <summary>Writes some of what comes next into <paramref name="output"/>; returns how much, 0 at the end of the stream only.</summary>
    /// <exception cref="StreamBrokenException">
    /// The data is damaged or cut. Everything before that was given by earlier calls.
    /// </exception>
    public abstract int Read(PackedInput input, Span<byte> output);

    /// <summary>Decodes a whole block that is at hand until it ends or the output is full; returns the bytes written.</summary>
    /// <exception cref="StreamBrokenException">The block is damaged or cut.</exception>
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
        // A library's state is freed once, however often a stream above is closed.
        if (disposed)
            return;
        disposed = true;
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
