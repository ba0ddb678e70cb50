using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dumps;

/// <summary>A dump file format: how it is recognised, and how it is opened.</summary>
public abstract class DumpFormat
{
    /// <summary>
    /// Number of bytes from the start of an input that are enough to recognise any format (sadump's signature can follow a block of 4096
    /// bytes).
    /// </summary>
    public const int HeadLength = 4104;

    public abstract string Name { get; }

    /// <summary>
    /// True if an input of this format can begin with these bytes. <paramref name="head"/> has up to <see cref="HeadLength"/> bytes.
    /// </summary>
    public abstract bool Recognizes(ReadOnlySpan<byte> head);

    /// <summary>Opens a dump of one source or, if the format has split sets, of several. On success the dump owns the sources.</summary>
    /// <exception cref="InputException">The headers cannot be read, or the format is not supported.</exception>
    public abstract Dump Open(IReadOnlyList<IByteSource> sources);
}
