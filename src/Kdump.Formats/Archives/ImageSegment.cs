namespace Kdump.Formats.Archives;

/// <summary>One segment of an initramfs: a cpio archive, plain or compressed, or other data.</summary>
/// <param name="Offset">Byte offset in the image file.</param>
/// <param name="Length">Bytes in the image file, without the padding that follows.</param>
/// <param name="Format"><c>cpio</c>, or <c>unknown</c>.</param>
/// <param name="Compression"><c>none</c>, or the codec's name.</param>
/// <param name="Unpacked">Bytes after unpacking.</param>
/// <param name="Entries">Number of entries, without the trailer.</param>
public sealed record ImageSegment(int Index, long Offset, long Length, string Format, string Compression, long Unpacked, int Entries)
{
    /// <summary>
    /// True if the segment contains only CPU microcode or firmware tables, which the kernel reads before it unpacks the image.
    /// </summary>
    public bool Early { get; init; }
}
