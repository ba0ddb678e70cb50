using System.Buffers.Binary;
using System.Text;

namespace Kdump.Formats.Archives;

/// <summary>The central directory at the end of a zip archive (APPNOTE 4.3.12 to 4.3.16), in its 32 and 64 bit forms.</summary>
public static class ZipDirectory
{
    private const uint Entry = 0x02014b50, End = 0x06054b50, WideEnd = 0x06064b50, WideLocator = 0x07064b50;
    private const int EntryBytes = 46, EndBytes = 22, WideEndBytes = 56, LocatorBytes = 20;

    /// <summary>
    /// Maximum size of the central directory in bytes; that of an archive with 200,000 files has about twenty megabytes.
    /// </summary>
    private const long MaxList = 64 << 20;

    /// <returns>Null if there is no central directory at the end of the stream: the archive was cut.</returns>
    /// <exception cref="InvalidDataException">The archive is one part of several.</exception>
    public static IReadOnlyList<ZipListed>? Read(Stream stream)
    {
        var tail = new byte[Math.Min(stream.Length, EndBytes + ushort.MaxValue)];
        long tailAt = stream.Length - tail.Length;
        stream.Position = tailAt;
        stream.ReadExactly(tail);
        for (int at = tail.Length - EndBytes; at >= 0; at--)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(at)) == End && Place(stream, tail.AsSpan(at), tailAt + at) is { } place)
                return List(stream, place.At, place.Size, place.Before,
                    BinaryPrimitives.ReadUInt16LittleEndian(tail.AsSpan(at + 10)));
        }
        return null;
    }

    /// <summary>
    /// Offset of the central directory, its size in bytes, and the number of bytes before the archive's own first byte.
    /// </summary>
    private static (long At, int Size, long Before)? Place(Stream stream, ReadOnlySpan<byte> end, long endAt)
    {
        ulong size = BinaryPrimitives.ReadUInt32LittleEndian(end[12..]), offset = BinaryPrimitives.ReadUInt32LittleEndian(end[16..]);
        int disk = BinaryPrimitives.ReadUInt16LittleEndian(end[4..]);
        // A writer that did not know the sizes beforehand writes the 64 bit form even if the 32 bit form would be sufficient.
        if (Locator(stream, endAt) is { } locator)
        {
            // If other data precedes the archive, all offsets are too small by the length of that data; the record nearly always ends at
            // the locator.
            ulong wideAt = BinaryPrimitives.ReadUInt64LittleEndian(locator.AsSpan(8));
            byte[]? wide = WideEndAt(stream, wideAt, endAt);
            if (wide is null && endAt >= LocatorBytes + WideEndBytes)
                wide = WideEndAt(stream, wideAt = (ulong)(endAt - LocatorBytes - WideEndBytes), endAt);
            if (wide is null)
                return null;
            endAt = (long)wideAt;
            disk = BinaryPrimitives.ReadInt32LittleEndian(wide.AsSpan(16));
            size = BinaryPrimitives.ReadUInt64LittleEndian(wide.AsSpan(40));
            offset = BinaryPrimitives.ReadUInt64LittleEndian(wide.AsSpan(48));
        }
        else if (offset == uint.MaxValue)
            return null;
        if (disk is not 0 and not 0xffff)
            throw new InvalidDataException(OtherFiles);
        if (size > (ulong)endAt || size > MaxList || offset > (ulong)endAt - size)
            return null;
        return ((long)((ulong)endAt - size), (int)size, (long)((ulong)endAt - size - offset));
    }

    /// <summary>
    /// The locator (4.3.15) before the end record, which contains the offset of the 64 bit end record; null if there is none.
    /// </summary>
    private static byte[]? Locator(Stream stream, long endAt)
    {
        if (endAt < LocatorBytes)
            return null;
        var locator = new byte[LocatorBytes];
        stream.Position = endAt - LocatorBytes;
        stream.ReadExactly(locator);
        return BinaryPrimitives.ReadUInt32LittleEndian(locator) == WideLocator ? locator : null;
    }

    private static byte[]? WideEndAt(Stream stream, ulong at, long endAt)
    {
        if (at > (ulong)endAt || endAt - (long)at < LocatorBytes + WideEndBytes)
            return null;
        var wide = new byte[WideEndBytes];
        stream.Position = (long)at;
        stream.ReadExactly(wide);
        return BinaryPrimitives.ReadUInt32LittleEndian(wide) == WideEnd ? wide : null;
    }

    public const string OtherFiles = "the archive continues in other files: join or unpack them, and give the folder";

    /// <param name="count">Number of files, modulo 2^16.</param>
    /// <returns>Null if the central directory is damaged.</returns>
    private static List<ZipListed>? List(Stream stream, long at, int size, long before, int count)
    {
        var bytes = new byte[size];
        stream.Position = at;
        stream.ReadExactly(bytes);
        var found = new List<ZipListed>();
        ReadOnlySpan<byte> left = bytes;
        while (left.Length >= EntryBytes && BinaryPrimitives.ReadUInt32LittleEndian(left) == Entry)
        {
            int name = BinaryPrimitives.ReadUInt16LittleEndian(left[28..]), extra = BinaryPrimitives.ReadUInt16LittleEndian(left[30..]);
            int comment = BinaryPrimitives.ReadUInt16LittleEndian(left[32..]);
            if (left.Length - EntryBytes < name + extra + comment)
                break;
            ulong packed = BinaryPrimitives.ReadUInt32LittleEndian(left[20..]);
            ulong length = BinaryPrimitives.ReadUInt32LittleEndian(left[24..]);
            ulong offset = BinaryPrimitives.ReadUInt32LittleEndian(left[42..]);
            Wide(left.Slice(EntryBytes + name, extra), ref length, ref packed, ref offset);
            found.Add(new(Encoding.UTF8.GetString(left.Slice(EntryBytes, name)),
                Method: BinaryPrimitives.ReadUInt16LittleEndian(left[10..]),
                Encrypted: (BinaryPrimitives.ReadUInt16LittleEndian(left[8..]) & 1) != 0,
                Crc: BinaryPrimitives.ReadUInt32LittleEndian(left[16..]),
                Size: (long)Math.Min(length, long.MaxValue),
                Packed: (long)Math.Min(packed, long.MaxValue),
                Attributes: BinaryPrimitives.ReadInt32LittleEndian(left[38..]),
                DosTime: BinaryPrimitives.ReadUInt32LittleEndian(left[12..]),
                HeaderAt: offset > (ulong)(long.MaxValue - before) ? long.MaxValue : (long)offset + before));
            left = left[(EntryBytes + name + extra + comment)..];
        }
        return left.IsEmpty && (count == ushort.MaxValue || (found.Count & ushort.MaxValue) == count) ? found : null;
    }

    /// <summary>Reads extra field 1 (4.5.3): of size, packed size and offset those that do not fit in 32 bits, in this order.</summary>
    private static void Wide(ReadOnlySpan<byte> extra, ref ulong size, ref ulong packed, ref ulong offset)
    {
        while (extra.Length >= 4)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
            if (length > extra.Length - 4)
                return;
            ReadOnlySpan<byte> field = extra.Slice(4, length);
            if (BinaryPrimitives.ReadUInt16LittleEndian(extra) == 1)
            {
                Take(ref size, ref field);
                Take(ref packed, ref field);
                Take(ref offset, ref field);
            }
            extra = extra[(4 + length)..];
        }
    }

    private static void Take(ref ulong value, ref ReadOnlySpan<byte> field)
    {
        if (value != uint.MaxValue || field.Length < 8)
            return;
        value = BinaryPrimitives.ReadUInt64LittleEndian(field);
        field = field[8..];
    }
}
