using Kdump.Formats.Bytes;

namespace Kdump.Tests.Builders;

/// <summary>Bytes as an input, and a count of how much of them was asked for.</summary>
public sealed class MemorySource(byte[] bytes, string name = "vmcore") : IByteSource
{
    private long read;

    public string Name => name;

    public long Length => bytes.Length;

    public long BytesRead => Volatile.Read(ref read);

    public int Read(long offset, Span<byte> buffer)
    {
        if (offset < 0 || offset >= bytes.Length)
            return 0;
        int count = (int)Math.Min(buffer.Length, bytes.Length - offset);
        bytes.AsSpan((int)offset, count).CopyTo(buffer);
        Interlocked.Add(ref read, count);
        return count;
    }

    public void Dispose()
    {
    }
}
