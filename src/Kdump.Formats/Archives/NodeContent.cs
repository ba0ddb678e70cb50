namespace Kdump.Formats.Archives;

/// <summary>Receives a piece of a file; returns false to stop.</summary>
public delegate bool ContentSink(ReadOnlySpan<byte> piece);

/// <summary>The content of a file inside an image, read in place each time it is requested.</summary>
public abstract class NodeContent
{
    public abstract long Length { get; }

    /// <summary>The type of the content, recognised by its first bytes.</summary>
    public abstract ContentKind Kind { get; }

    /// <summary>Sort key: reading files in this order reads the image only once.</summary>
    public abstract (int Segment, long Offset) Order { get; }

    /// <summary>Passes the content to <paramref name="sink"/> in pieces, from start to end.</summary>
    /// <exception cref="Bytes.InputException">A part of it cannot be read.</exception>
    public abstract void CopyTo(ContentSink sink);

    /// <summary>
    /// The content, at most <paramref name="max"/> bytes. If the result is shorter than <see cref="Length"/>, it was cut at this limit.
    /// </summary>
    public byte[] Read(int max)
    {
        // The length is from the input and may be wrong: allocate up to this limit at once, and more only as bytes arrive.
        var buffer = new byte[Math.Min(Length, Math.Min(max, 16 << 20))];
        int count = 0;
        CopyTo(piece =>
        {
            int n = Math.Min(piece.Length, max - count);
            if (buffer.Length < count + n)
                Array.Resize(ref buffer, (int)Math.Min(max, Math.Max((long)buffer.Length * 2, count + n)));
            piece[..n].CopyTo(buffer.AsSpan(count));
            count += n;
            return count < max;
        });
        if (count != buffer.Length)
            Array.Resize(ref buffer, count);
        return buffer;
    }
}

/// <summary>Content without any bytes.</summary>
internal sealed class EmptyContent : NodeContent
{
    public static readonly EmptyContent Instance = new();

    public override long Length => 0;

    public override ContentKind Kind => ContentKind.Empty;

    public override (int Segment, long Offset) Order => (-1, 0);

    public override void CopyTo(ContentSink sink) { }
}

/// <summary>The content of an inode with several names; it may be stored with any one of them.</summary>
internal sealed class LinkedContent : NodeContent
{
    public NodeContent Inner { get; set; } = EmptyContent.Instance;

    public override long Length => Inner.Length;

    public override ContentKind Kind => Inner.Kind;

    public override (int Segment, long Offset) Order => Inner.Order;

    public override void CopyTo(ContentSink sink) => Inner.CopyTo(sink);
}
