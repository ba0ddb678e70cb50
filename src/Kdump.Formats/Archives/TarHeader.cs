using System.Text;

namespace Kdump.Formats.Archives;

/// <summary>
/// A header block of 512 bytes that describes a member: POSIX ustar, and GNU tar's own form (tar.h of GNU tar). For a sparse file the GNU
/// header contains up to four ranges of data; further ranges are in the blocks that follow.
/// </summary>
internal readonly ref struct TarHeader(ReadOnlySpan<byte> block)
{
    public const int Size = 512;

    private const int SparseAt = 386, SparseCount = 4, RealSizeAt = 483, ExtendedAt = 482;

    private readonly ReadOnlySpan<byte> block = block;

    /// <summary>
    /// True if a tar archive begins with these bytes. The oldest form has no magic, and is recognised by the checksum of its first
    /// header.
    /// </summary>
    public static bool Begins(ReadOnlySpan<byte> head) => head.Length >= Size
        && (head[257..].StartsWith("ustar"u8)
            || (head[0] != 0 && head.Slice(148, 8).ContainsAny("01234567"u8) && new TarHeader(head).IsRight));

    /// <summary>True if the checksum is correct. Both signed and unsigned bytes are accepted, because writers have used both.</summary>
    public bool IsRight
    {
        get
        {
            long unsigned = 0, signed = 0;
            for (int i = 0; i < Size; i++)
            {
                byte b = i is >= 148 and < 156 ? (byte)' ' : block[i];
                unsigned += b;
                signed += unchecked((sbyte)b);
            }
            long kept = Number(block.Slice(148, 8));
            return kept == unsigned || kept == signed;
        }
    }

    public char Type => (char)block[156];

    public long Length => Number(block.Slice(124, 12));

    public long Modified => Number(block.Slice(136, 12));

    public string Target => Text(block.Slice(157, 100));

    public string Name
    {
        get
        {
            string name = Text(block[..100]);
            // In GNU's form the bytes of the prefix contain other fields.
            return IsUstar && block[345] != 0 ? Text(block.Slice(345, 155)) + "/" + name : name;
        }
    }

    /// <summary>Size of GNU tar's sparse file, including the holes, in bytes.</summary>
    public long RealSize => Number(block.Slice(RealSizeAt, 12));

    /// <summary>True if blocks with more ranges follow this header.</summary>
    public bool Extended => block[ExtendedAt] != 0;

    private bool IsUstar => block.Slice(257, 6).SequenceEqual("ustar\0"u8);

    public void Stretches(List<(long Offset, long Length)> to) => Stretches(block[SparseAt..], SparseCount, to);

    /// <summary>Reads the ranges of a sparse file: pairs of offset and length, 12 bytes each; an empty pair ends the list.</summary>
    public static void Stretches(ReadOnlySpan<byte> from, int count, List<(long Offset, long Length)> to)
    {
        for (int i = 0; i < count && from[i * 24] != 0; i++)
            to.Add((Number(from.Slice(i * 24, 12)), Number(from.Slice(i * 24 + 12, 12))));
    }

    /// <summary>Reads a number: octal digits, or GNU's base 256 for larger values; negative if it is neither.</summary>
    public static long Number(ReadOnlySpan<byte> field)
    {
        if ((field[0] & 0x80) != 0)
        {
            long value = field[0] & 0x7f;
            foreach (byte b in field[1..])
            {
                if (value > long.MaxValue >> 8)
                    return -1;
                value = value << 8 | b;
            }
            return value;
        }
        long number = 0;
        ReadOnlySpan<byte> digits = field.Trim(" \0"u8);
        foreach (byte b in digits)
        {
            if (b is < (byte)'0' or > (byte)'7')
                return -1;
            number = number << 3 | (long)(b - '0');
        }
        return number;
    }

    public static string Text(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? field : field[..end]);
    }
}
