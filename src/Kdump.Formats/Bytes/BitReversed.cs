namespace Kdump.Formats.Bytes;

/// <summary>A part of a source in which the bits of each byte are in reverse order.</summary>
internal sealed class BitReversed(IByteSource source, long start, long length) : IByteSource
{
    private static readonly byte[] Reversed = Table();

    public string Name => source.Name;

    public long Length { get; } = Math.Clamp(source.Length - start, 0, length);

    public int Read(long offset, Span<byte> buffer)
    {
        if (offset >= Length)
            return 0;
        buffer = buffer[..(int)Math.Min(buffer.Length, Length - offset)];
        int got = source.Read(start + offset, buffer);
        foreach (ref byte b in buffer[..got])
            b = Reversed[b];
        return got;
    }

    public long NextData(long offset) => Math.Clamp(source.NextData(start + offset) - start, Math.Min(offset, Length), Length);

    /// <summary>Does nothing: the underlying source belongs to the caller.</summary>
    public void Dispose() { }

    private static byte[] Table()
    {
        byte[] table = new byte[256];
        for (int value = 0; value < 256; value++)
        {
            for (int bit = 0; bit < 8; bit++)
                table[value] |= (byte)((value >> bit & 1) << (7 - bit));
        }
        return table;
    }
}
