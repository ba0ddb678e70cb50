namespace Kdump.Formats.Compression;

/// <summary>An error of a decoder, without input and offset, which the reader that uses the decoder adds.</summary>
/// <param name="cut">True if the input ended before the compressed stream.</param>
public sealed class StreamBrokenException(string reason, bool cut = false, Exception? inner = null) : Exception(reason, inner)
{
    public bool Cut { get; } = cut;
}
