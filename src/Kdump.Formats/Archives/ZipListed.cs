using System.Buffers.Binary;
using System.Text;

namespace Kdump.Formats.Archives;

/// <summary>A file in the central directory of a zip archive.</summary>
/// <param name="Method">Compression method (APPNOTE 4.4.5).</param>
/// <param name="Crc">CRC-32 of the unpacked bytes.</param>
/// <param name="Size">Unpacked size in bytes.</param>
/// <param name="Packed">Size in the archive, in bytes.</param>
/// <param name="Attributes">The upper 16 bits are the file's mode if a Unix program wrote the archive.</param>
/// <param name="DosTime">Date and time in MS-DOS form, with a resolution of two seconds, in the writer's time zone.</param>
/// <param name="HeaderAt">Offset in the stream of the local header before the data.</param>
public sealed record ZipListed(string Name, int Method, bool Encrypted, uint Crc, long Size, long Packed, int Attributes, uint DosTime,
    long HeaderAt)
{
    private const uint Local = 0x04034b50;
    private const int HeaderBytes = 30;

    /// <summary>Seconds since 1970, interpreted as this machine's local time; 0 if the date is invalid.</summary>
    public long Modified
    {
        get
        {
            int date = (int)(DosTime >> 16), time = (int)(DosTime & 0xffff);
            int month = (date >> 5) & 15, day = date & 31, hour = time >> 11, minute = (time >> 5) & 63, second = (time & 31) * 2;
            int year = 1980 + (date >> 9);
            return month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59 ? 0
                : new DateTimeOffset(new DateTime(year, month, day, hour, minute, second, DateTimeKind.Local)).ToUnixTimeSeconds();
        }
    }

    /// <summary>The unpacked bytes, without checking the CRC; null for an unsupported method.</summary>
    /// <exception cref="InvalidDataException">There is no local header at <see cref="HeaderAt"/>.</exception>
    /// <exception cref="EndOfStreamException">The archive ends before the data.</exception>
    public Stream? Open(Stream archive)
    {
        var header = new byte[HeaderBytes];
        archive.Position = Math.Min(HeaderAt, archive.Length);
        archive.ReadExactly(header);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != Local)
            throw new InvalidDataException("the header of a file is not at the place named in the archive's list");
        var name = new byte[BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(26))];
        archive.ReadExactly(name);
        if (Encoding.UTF8.GetString(name) != Name)
            throw new InvalidDataException("the header before the file has another name than the archive's list");
        archive.Position += BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(28));
        var packed = new ZipPacked(archive, Packed);
        return ZipMethods.Open(Method, packed, Size);
    }
}
