namespace Kdump.Formats.Compression;

/// <summary>An error of a decoder; the reader that uses it adds input and offset.</summary>
/// <param name="cut">The input ended before the compressed stream did.</param>
public sealed class StreamBrokenException(string reason, bool cut = false, Exception? inner = null) : Exception(reason, inner)
{
    public bool Cut { get; } = cut;
}
