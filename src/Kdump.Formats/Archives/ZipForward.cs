using System.Buffers.Binary;
using System.Text;
using Kdump.Formats.Bytes;
using Kdump.Formats.Compression;

namespace Kdump.Formats.Archives;

/// <summary>
/// Reads the members of a zip archive from its start (APPNOTE 4.3.7). Needed for an archive that was cut, because the central directory
/// is at the end. A member whose size follows its data ends with its compressed stream.
/// </summary>
public sealed class ZipForward(Stream stream)
{
    private const uint Local = 0x04034b50, Descriptor = 0x08074b50;
    private const int HeaderBytes = 30, Encrypted = 1, SizeBehind = 8;
    private const int Stored = 0, Deflated = 8;

    private readonly PackedInput input = new(stream.Read, new byte[64 << 10]);
    private StreamDecoder? decoder;
    private long packed;
    private bool sizeBehind, wide;
    private Crc32 crc;
    private long given;
    private ZipEntry? entry;

    /// <summary>The next member; null if there is no member's header, as after the last member.</summary>
    /// <exception cref="EndOfStreamException">The archive is cut within a member or its header.</exception>
    /// <exception cref="InvalidDataException">The previous member is damaged, so the start of the next one is not known.</exception>
    public ZipEntry? Next()
    {
        if (entry is not null)
            Pass();
        if (!Have(4))
            return input.Bytes.IsEmpty ? null : throw new EndOfStreamException();
        if (BinaryPrimitives.ReadUInt32LittleEndian(input.Bytes) != Local)
            return null;
        Want(HeaderBytes);
        ReadOnlySpan<byte> header = input.Bytes;
        int flags = BinaryPrimitives.ReadUInt16LittleEndian(header[6..]), method = BinaryPrimitives.ReadUInt16LittleEndian(header[8..]);
        uint expected = BinaryPrimitives.ReadUInt32LittleEndian(header[14..]);
        packed = BinaryPrimitives.ReadUInt32LittleEndian(header[18..]);
        long size = BinaryPrimitives.ReadUInt32LittleEndian(header[22..]);
        int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(header[26..]);
        int extra = BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
        // Names larger than the buffer are invalid.
        if (HeaderBytes + nameLength + extra > 32 << 10)
            throw new InvalidDataException("a member's name is too long");
        Want(HeaderBytes + nameLength + extra);
        string name = Encoding.UTF8.GetString(input.Bytes.Slice(HeaderBytes, nameLength));
        wide = Wide(input.Bytes.Slice(HeaderBytes + nameLength, extra), ref size);
        input.Use(HeaderBytes + nameLength + extra);
        sizeBehind = (flags & SizeBehind) != 0;
        if ((flags & Encrypted) != 0 || method is not (Stored or Deflated) || (sizeBehind && method == Stored))
        {
            if (sizeBehind)
                throw new InvalidDataException("a member's end cannot be found");
            decoder = null;
            return entry = new(name, size, expected, Encrypted: true);
        }
        decoder = method == Deflated ? Decoders.Deflate() : null;
        crc = default;
        given = 0;
        return entry = new(name, sizeBehind ? -1 : size, sizeBehind ? null : expected, Encrypted: false);
    }

    /// <summary>
    /// The content of the member that <see cref="Next"/> returned last; 0 at its end, after size and checksum were verified.
    /// </summary>
    /// <exception cref="InvalidDataException">The content is damaged.</exception>
    public int Read(Span<byte> buffer)
    {
        if (entry is null || buffer.IsEmpty)
            return 0;
        int n = decoder is null ? Plain(buffer) : Unpacked(buffer);
        crc.Add(buffer[..n]);
        given += n;
        if (n == 0)
            End();
        return n;
    }

    private int Plain(Span<byte> buffer)
    {
        if (packed == 0)
            return 0;
        if (input.Bytes.IsEmpty && !input.More())
            throw new EndOfStreamException();
        int n = (int)Math.Min(Math.Min(buffer.Length, packed), input.Bytes.Length);
        input.Bytes[..n].CopyTo(buffer);
        input.Use(n);
        packed -= n;
        return n;
    }

    private int Unpacked(Span<byte> buffer)
    {
        try
        {
            return decoder!.Read(input, buffer);
        }
        catch (StreamBrokenException e)
        {
            throw e.Cut ? new EndOfStreamException(e.Message, e) : new InvalidDataException(e.Message, e);
        }
    }

    private void End()
    {
        ZipEntry done = entry!;
        entry = null;
        decoder?.Dispose();
        decoder = null;
        long size = done.Size;
        uint? expected = done.Crc;
        if (sizeBehind)
        {
            Want(16);
            if (BinaryPrimitives.ReadUInt32LittleEndian(input.Bytes) == Descriptor)
                input.Use(4);
            Want(12);
            expected = BinaryPrimitives.ReadUInt32LittleEndian(input.Bytes);
            // By 4.3.9.2 the extra field determines whether the sizes after the data have 64 bits, but not every writer follows it.
            if (RecordAt(20) || (wide && !RecordAt(12)))
            {
                Want(20);
                size = (long)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(input.Bytes[12..]), long.MaxValue);
                input.Use(20);
            }
            else
            {
                size = BinaryPrimitives.ReadUInt32LittleEndian(input.Bytes[8..]);
                input.Use(12);
            }
        }
        if (size != given || expected != crc.Value)
            throw new InvalidDataException("a member does not have the length and checksum that its header promises");
    }

    private void Pass()
    {
        var scratch = new byte[32 << 10];
        if (entry!.Encrypted)
        {
            entry = null;
            while (Plain(scratch) > 0) { }
            return;
        }
        while (entry is not null && Read(scratch) >= 0) { }
    }

    /// <summary>True if a header of the archive begins this many bytes ahead: all headers begin with the same two letters.</summary>
    private bool RecordAt(int ahead) => Have(ahead + 2) && input.Bytes[ahead..].StartsWith("PK"u8);

    /// <summary>Reads sizes of 4 GiB and more from extra field 1 (4.5.3), the unpacked size first.</summary>
    /// <returns>True if the header has this field.</returns>
    private bool Wide(ReadOnlySpan<byte> extra, ref long size)
    {
        bool there = false;
        while (extra.Length >= 4)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
            if (length > extra.Length - 4)
                break;
            ReadOnlySpan<byte> field = extra.Slice(4, length);
            bool sizes = BinaryPrimitives.ReadUInt16LittleEndian(extra) == 1 && field.Length >= 16;
            there |= sizes;
            if (sizes && size == uint.MaxValue)
            {
                size = (long)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(field), long.MaxValue);
                packed = (long)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(field[8..]), long.MaxValue);
            }
            extra = extra[(4 + length)..];
        }
        return there;
    }

    private bool Have(int bytes)
    {
        while (input.Bytes.Length < bytes && input.More()) { }
        return input.Bytes.Length >= bytes;
    }

    private void Want(int bytes)
    {
        if (!Have(bytes))
            throw new EndOfStreamException();
    }
}
