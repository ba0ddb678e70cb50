using System.Buffers.Binary;
using Kdump.Formats.Bytes;

namespace Kdump.Sources.Inputs;

/// <summary>
/// A text that is hashed while it is read: its first 64 MB, and its length. Carriage returns and a byte order mark, which programs of other
/// systems add to a copy, do not count.
/// </summary>
internal sealed class HashedStream(Stream source) : Stream
{
    private const long Most = 64 << 20;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xef, 0xbb, 0xbf];

    private readonly Sha256 hash = new();
    private long length, position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => position;
        set => throw new NotSupportedException();
    }

    /// <summary>The hash of what was read, 32 hexadecimal digits; may be called once.</summary>
    public string Hash()
    {
        Span<byte> last = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(last, length);
        hash.Add(last);
        return Convert.ToHexStringLower(hash.End().AsSpan(0, 16));
    }

    public override int Read(Span<byte> buffer)
    {
        int n = source.Read(buffer);
        ReadOnlySpan<byte> read = buffer[..n];
        if (position == 0 && read.StartsWith(ByteOrderMark))
            read = read[ByteOrderMark.Length..];
        position += n;
        while (!read.IsEmpty)
        {
            int end = read.IndexOf((byte)'\r');
            Add(end < 0 ? read : read[..end]);
            read = end < 0 ? [] : read[(end + 1)..];
        }
        return n;
    }

    private void Add(ReadOnlySpan<byte> bytes)
    {
        if (length < Most)
            hash.Add(bytes[..(int)Math.Min(bytes.Length, Most - length)]);
        length += bytes.Length;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
