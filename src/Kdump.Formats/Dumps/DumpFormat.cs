using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dumps;

/// <summary>A dump file format: how it is recognised, and how it is opened.</summary>
public abstract class DumpFormat
{
    /// <summary>Bytes of the input that are enough to tell any format (sadump's sign can stand behind a block of 4096).</summary>
    public const int HeadLength = 4104;

    public abstract string Name { get; }

    /// <summary>Whether an input begins so. <paramref name="head"/> has up to <see cref="HeadLength"/> bytes.</summary>
    public abstract bool Recognizes(ReadOnlySpan<byte> head);

    /// <summary>Opens a dump of one or, where the format knows split sets, several sources, and then owns them.</summary>
    /// <exception cref="InputException">The headers cannot be read, or the format cannot.</exception>
    public abstract Dump Open(IReadOnlyList<IByteSource> sources);
}
