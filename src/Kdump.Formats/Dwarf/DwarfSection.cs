using System.Text;
using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dwarf;

/// <summary>A section of debugging information, of which only the requested parts are read.</summary>
internal sealed class DwarfSection
{
    /// <summary>
    /// Size of the cached blocks in bytes. Small, because of a kernel's thousands of units only the first bytes are read.
    /// </summary>
    private const int BlockBytes = 1 << 13;

    private const int Blocks = 1024;

    /// <summary>Maximum length of a text in bytes; names in C are much shorter.</summary>
    private const int MaxText = 1 << 14;

    private readonly IByteSource source;
    private readonly long offset;
    private readonly BlockCache blocks;

    public DwarfSection(IByteSource source, string name, long offset, long length)
    {
        this.source = source;
        this.offset = offset;
        Name = $"{source.Name} {name}";
        Length = Math.Max(0, Math.Min(length, source.Length - offset));
        blocks = new BlockCache(source, offset, Length, BlockBytes, Blocks);
    }

    public string Name { get; }

    public long Length { get; }

    /// <summary>Reads bytes; fewer if the section ends before.</summary>
    public byte[] ReadUpTo(long at, int count)
    {
        byte[] bytes = new byte[(int)Math.Clamp(Length - at, 0, count)];
        int done = 0;
        // Do not keep ranges that are larger than a block.
        if (bytes.Length > BlockBytes)
            done = source.Read(offset + at, bytes);
        else
            while (done < bytes.Length)
            {
                ReadOnlySpan<byte> block = blocks[(at + done) / BlockBytes];
                int within = (int)((at + done) % BlockBytes);
                int n = Math.Min(block.Length - within, bytes.Length - done);
                if (n <= 0)
                    break;
                block.Slice(within, n).CopyTo(bytes.AsSpan(done));
                done += n;
            }
        return done == bytes.Length ? bytes : bytes[..done];
    }

    /// <exception cref="InputException">The section ends before <paramref name="count"/> bytes.</exception>
    public byte[] Read(long at, long count, string field)
    {
        if (at < 0 || count < 0 || at > Length || count > Length - at || count > int.MaxValue)
            throw new InputException(Name, field, at, $"needs {count} bytes, the section ends at 0x{Length:x}");
        byte[] bytes = ReadUpTo(at, (int)count);
        return bytes.Length == count ? bytes : throw new InputException(Name, field, at,
            $"needs {count} bytes, {bytes.Length} could be read");
    }

    /// <summary>The text that begins at an offset; empty if the offset is outside the section.</summary>
    public string Text(ulong at)
    {
        if (at >= (ulong)Length)
            return "";
        for (int count = 128; ; count *= 4)
        {
            byte[] bytes = ReadUpTo((long)at, count);
            int end = bytes.AsSpan().IndexOf((byte)0);
            if (end >= 0 || bytes.Length < count || count >= MaxText)
                return Encoding.UTF8.GetString(end >= 0 ? bytes.AsSpan(0, end) : bytes);
        }
    }

    /// <summary>Every offset from <paramref name="from"/> on at which these bytes occur, in ascending order.</summary>
    public IEnumerable<long> Find(byte[] bytes, long from = 0)
    {
        const int chunk = 1 << 20;
        byte[] buffer = new byte[chunk + bytes.Length - 1];
        for (long at = from; at < Length; at += chunk)
        {
            int got = source.Read(offset + at, buffer.AsSpan(0, (int)Math.Min(buffer.Length, Length - at)));
            for (int next = 0; ;)
            {
                int hit = buffer.AsSpan(next, got - next).IndexOf(bytes);
                if (hit < 0)
                    break;
                yield return at + next + hit;
                next += hit + 1;
            }
        }
    }
}
