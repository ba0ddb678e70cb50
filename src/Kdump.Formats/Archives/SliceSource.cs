using Kdump.Formats.Bytes;

namespace Kdump.Formats.Archives;

/// <summary>A range of another source, with its own name.</summary>
public sealed class SliceSource(IByteSource source, string name, long start, long length) : IByteSource
{
    public string Name => name;

    public long Length => length;

    public int Read(long offset, Span<byte> buffer) =>
        offset < 0 || offset >= length ? 0 : source.Read(start + offset, buffer[..(int)Math.Min(buffer.Length, length - offset)]);

    /// <summary>Does not dispose of the underlying source.</summary>
    public void Dispose() { }
}

/// <summary>A source whose bytes are in memory.</summary>
public sealed class MemorySource(string name, ReadOnlyMemory<byte> bytes) : IByteSource
{
    public string Name => name;

    public long Length => bytes.Length;

    public int Read(long offset, Span<byte> buffer)
    {
        if (offset < 0 || offset >= bytes.Length)
            return 0;
        int n = (int)Math.Min(buffer.Length, bytes.Length - offset);
        bytes.Span.Slice((int)offset, n).CopyTo(buffer);
        return n;
    }

    public void Dispose() { }
}
