using System.Buffers.Binary;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Kdump.Formats.Bytes;

/// <summary>
/// Reads fields from a span, one after the other. Every read names the field, so that an error can be reported as
/// <c>input: field at 0xoffset: reason</c>. Offsets in messages are offsets in the input, not in the span.
/// </summary>
[DebuggerDisplay("{Input} at {FileOffset} of [{start}..{start + data.Length})")]
public ref struct Cursor
{
    private readonly ReadOnlySpan<byte> data;
    private readonly long start;
    private readonly bool bigEndian;
    private int last;

    /// <param name="start">Byte offset of <paramref name="data"/> in the input.</param>
    public Cursor(ReadOnlySpan<byte> data, string input, long start = 0, bool bigEndian = false)
    {
        this.data = data;
        this.start = start;
        this.bigEndian = bigEndian;
        Input = input;
    }

    public string Input { get; }

    /// <summary>Bytes read so far.</summary>
    public int Position { get; private set; }

    public readonly int Remaining => data.Length - Position;

    /// <summary>Offset in the input of the next byte.</summary>
    public readonly long FileOffset => start + Position;

    public byte U8(string field) => Take(1, field)[0];

    public ushort U16(string field)
    {
        ReadOnlySpan<byte> s = Take(2, field);
        return bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(s) : BinaryPrimitives.ReadUInt16LittleEndian(s);
    }

    public uint U32(string field)
    {
        ReadOnlySpan<byte> s = Take(4, field);
        return bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(s) : BinaryPrimitives.ReadUInt32LittleEndian(s);
    }

    public ulong U64(string field)
    {
        ReadOnlySpan<byte> s = Take(8, field);
        return bigEndian ? BinaryPrimitives.ReadUInt64BigEndian(s) : BinaryPrimitives.ReadUInt64LittleEndian(s);
    }

    public int S32(string field) => unchecked((int)U32(field));

    public long S64(string field) => unchecked((long)U64(field));

    /// <summary>Reads a 64-bit file offset; one that is negative as a signed number is an error.</summary>
    public long Offset64(string field)
    {
        long value = S64(field);
        return value >= 0 ? value : throw Bad(field, $"offset 0x{value:x} is out of range");
    }

    public ReadOnlySpan<byte> Bytes(int count, string field) => Take(count, field);

    public void Skip(int count, string field) => Take(count, field);

    /// <summary>Creates the exception for the field that was read last.</summary>
    public readonly InputException Bad(string field, string reason) => new(Input, field, start + last, reason);

    private ReadOnlySpan<byte> Take(int count, string field)
    {
        last = Position;
        if (count < 0 || count > Remaining)
            ThrowShort(count, field);
        ReadOnlySpan<byte> s = data.Slice(Position, count);
        Position += count;
        return s;
    }

    [DoesNotReturn]
    private readonly void ThrowShort(int count, string field) =>
        throw new InputException(Input, field, FileOffset, $"needs {count} bytes, {Remaining} left");
}
