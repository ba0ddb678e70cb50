namespace Kdump.Formats.Compression;

/// <summary>What one call of <see cref="StreamDecoder.Step"/> did.</summary>
/// <param name="Ended">The compressed stream is complete; bytes after <paramref name="Consumed"/> are not part of it.</param>
public readonly record struct StreamStep(int Consumed, int Written, bool Ended);

/// <summary>
/// Decodes one compressed stream piece by piece and knows exactly where it ends: an initramfs puts the next segment right behind.
/// A stream that is broken throws <see cref="StreamBrokenException"/>; the reader around it adds input and offset.
/// </summary>
public abstract class StreamDecoder : IDisposable
{
    private bool disposed;

    /// <summary>
    /// Consumes some of <paramref name="input"/>, writes some of <paramref name="output"/>. Nothing consumed and nothing written means
    /// that more input is needed; with <paramref name="last"/> there is none, so the stream is cut short.
    /// </summary>
    public abstract StreamStep Step(ReadOnlySpan<byte> input, bool last, Span<byte> output);

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

/// <summary>A decoder's complaint, in the words of its format.</summary>
public sealed class StreamBrokenException(string reason) : Exception(reason);
