using System.Buffers.Binary;
using Kdump.Formats.Bytes;

namespace Kdump.Sources.Inputs;

/// <summary>A stream that is hashed while it is read: its first 64 MB, and its length.</summary>
internal sealed class HashedStream(Stream source) : Stream
{
    private const long Most = 64 << 20;

    private readonly Sha256 hash = new();
    private long length;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => length;
        set => throw new NotSupportedException();
    }

    /// <summary>Of what was read, to be asked once: 32 hexadecimal digits.</summary>
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
        if (length < Most)
            hash.Add(buffer[..(int)Math.Min(n, Most - length)]);
        length += n;
        return n;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
