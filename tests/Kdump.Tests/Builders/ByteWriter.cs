using System.Buffers.Binary;

namespace Kdump.Tests.Builders;

/// <summary>Writes fields at offsets in either byte order; grows as needed.</summary>
public sealed class ByteWriter(bool bigEndian = false)
{
    private byte[] bytes = new byte[4096];

    public int Length { get; private set; }

    public byte[] ToArray() => bytes[..Length];

    public void Put(long at, ReadOnlySpan<byte> data) => data.CopyTo(Room(at, data.Length));

    public void U16(long at, ushort value)
    {
        if (bigEndian)
            BinaryPrimitives.WriteUInt16BigEndian(Room(at, 2), value);
        else
            BinaryPrimitives.WriteUInt16LittleEndian(Room(at, 2), value);
    }

    public void U32(long at, uint value)
    {
        if (bigEndian)
            BinaryPrimitives.WriteUInt32BigEndian(Room(at, 4), value);
        else
            BinaryPrimitives.WriteUInt32LittleEndian(Room(at, 4), value);
    }

    public void U64(long at, ulong value)
    {
        if (bigEndian)
            BinaryPrimitives.WriteUInt64BigEndian(Room(at, 8), value);
        else
            BinaryPrimitives.WriteUInt64LittleEndian(Room(at, 8), value);
    }

    /// <summary>A word of the machine: 4 or 8 bytes.</summary>
    public void Word(long at, ulong value, bool is64)
    {
        if (is64)
            U64(at, value);
        else
            U32(at, unchecked((uint)value));
    }

    public void Pad(int length) => Room(length, 0);

    private Span<byte> Room(long at, int count)
    {
        int end = (int)at + count;
        if (end > bytes.Length)
            Array.Resize(ref bytes, Math.Max(end, bytes.Length * 2));
        Length = Math.Max(Length, end);
        return bytes.AsSpan((int)at, count);
    }
}
