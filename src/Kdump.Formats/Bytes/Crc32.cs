namespace Kdump.Formats.Bytes;

/// <summary>CRC-32 of zip, gzip, 7z and rar (APPNOTE 4.4.7; polynomial 0xEDB88320), computed incrementally.</summary>
public struct Crc32
{
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(i => Entry((uint)i))];

    private uint inverse;

    /// <summary>The checksum of all bytes added so far.</summary>
    public readonly uint Value => inverse;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        uint crc = ~inverse;
        foreach (byte b in bytes)
            crc = Table[(crc ^ b) & 0xFF] ^ (crc >> 8);
        inverse = ~crc;
    }

    private static uint Entry(uint value)
    {
        for (int bit = 0; bit < 8; bit++)
            value = (value & 1) != 0 ? 0xEDB88320 ^ (value >> 1) : value >> 1;
        return value;
    }
}
