using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dwarf;

/// <summary>
/// Reads DWARF's numbers and texts (DWARF 5, section 7) from a span. A read past the end throws an exception that names the section.
/// </summary>
internal ref struct DwarfCursor
{
    private readonly ReadOnlySpan<byte> data;
    private readonly string section;
    private readonly long start;
    private readonly bool bigEndian;

    /// <param name="at">Index in <paramref name="data"/> at which to begin.</param>
    /// <param name="start">Offset of <paramref name="data"/> in its section.</param>
    public DwarfCursor(ReadOnlySpan<byte> data, int at, string section, long start, bool bigEndian)
    {
        this.data = data;
        this.section = section;
        this.start = start;
        this.bigEndian = bigEndian;
        Position = at >= 0 && at <= data.Length ? at : throw new InputException(section, "offset", start, $"{at} is outside");
    }

    public int Position { get; private set; }

    public readonly int Remaining => data.Length - Position;

    public byte U8() => Take(1)[0];

    public ushort U16() => (ushort)Unsigned(2);

    public uint U32() => (uint)Unsigned(4);

    /// <summary>Reads a number of 1, 2, 3, 4 or 8 bytes.</summary>
    public ulong Unsigned(int size)
    {
        ReadOnlySpan<byte> s = Take(size);
        switch (size)
        {
            case 1: return s[0];
            case 2: return bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(s) : BinaryPrimitives.ReadUInt16LittleEndian(s);
            case 3: return bigEndian ? ((uint)s[0] << 16) | ((uint)s[1] << 8) | s[2] : s[0] | ((uint)s[1] << 8) | ((uint)s[2] << 16);
            case 4: return bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(s) : BinaryPrimitives.ReadUInt32LittleEndian(s);
            case 8: return bigEndian ? BinaryPrimitives.ReadUInt64BigEndian(s) : BinaryPrimitives.ReadUInt64LittleEndian(s);
            default: throw Bad($"a number of {size} bytes");
        }
    }

    public ulong Uleb()
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte b = U8();
            if (shift < 64)
                value |= (ulong)(b & 0x7f) << shift;
            if ((b & 0x80) == 0)
                return value;
        }
    }

    public long Sleb()
    {
        ulong value = 0;
        for (int shift = 0; ;)
        {
            byte b = U8();
            if (shift < 64)
                value |= (ulong)(b & 0x7f) << shift;
            shift += 7;
            if ((b & 0x80) != 0)
                continue;
            return unchecked((long)((b & 0x40) != 0 && shift < 64 ? value | (ulong.MaxValue << shift) : value));
        }
    }

    /// <summary>Reads a text up to its zero byte, which is skipped.</summary>
    public ReadOnlySpan<byte> Text()
    {
        int length = data[Position..].IndexOf((byte)0);
        if (length < 0)
            throw Bad("a text without an end");
        ReadOnlySpan<byte> text = Take(length);
        Position++;
        return text;
    }

    public void Skip(ulong count)
    {
        if (count > (ulong)Remaining)
            ThrowShort(count);
        Position += (int)count;
    }

    public readonly InputException Bad(string reason) => new(section, "DWARF", start + Position, reason);

    private ReadOnlySpan<byte> Take(int count)
    {
        if ((uint)count > (uint)Remaining)
            ThrowShort((ulong)count);
        ReadOnlySpan<byte> s = data.Slice(Position, count);
        Position += count;
        return s;
    }

    [DoesNotReturn]
    private readonly void ThrowShort(ulong count) => throw Bad($"needs {count} bytes, {Remaining} left");
}
