namespace Kdump.Formats.Archives;

/// <summary>One segment of an initramfs: a cpio archive, plain or compressed, or other data.</summary>
/// <param name="Offset">Byte offset in the image file.</param>
/// <param name="Length">Bytes in the image file, without padding behind it.</param>
/// <param name="Format"><c>cpio</c>, or <c>unknown</c>.</param>
/// <param name="Compression"><c>none</c>, or the codec's name.</param>
/// <param name="Unpacked">Bytes after unpacking.</param>
/// <param name="Entries">Names in it, the trailer not counted.</param>
public sealed record ImageSegment(int Index, long Offset, long Length, string Format, string Compression, long Unpacked, int Entries)
{
    /// <summary>Holds nothing but CPU microcode (or firmware tables) that the kernel reads before unpacking anything.</summary>
    public bool Early { get; init; }
}
