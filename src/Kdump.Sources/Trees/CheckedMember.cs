using Kdump.Formats.Bytes;

namespace Kdump.Sources.Trees;

/// <summary>
/// A member of a zip archive that proves itself at its end: .NET unpacks a damaged one without a word. CRC-32 is that of the zip
/// specification (APPNOTE 4.4.7; polynomial 0xEDB88320).
/// </summary>
internal sealed class CheckedMember(Stream content, uint expected, long length) : ForwardStream
{
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(i => Entry((uint)i))];

    private uint crc = uint.MaxValue;
    private long done;

    /// <exception cref="InvalidDataException">The member ends, and it is not what its header promised.</exception>
    public override int Read(Span<byte> buffer)
    {
        int n = content.Read(buffer);
        foreach (byte b in buffer[..n])
            crc = Table[(crc ^ b) & 0xFF] ^ (crc >> 8);
        done += n;
        if (n == 0 && buffer.Length > 0 && (done != length || ~crc != expected))
            throw new InvalidDataException("a member does not have the length and checksum that its header promises");
        return n;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            content.Dispose();
        base.Dispose(disposing);
    }

    private static uint Entry(uint value)
    {
        for (int bit = 0; bit < 8; bit++)
            value = (value & 1) != 0 ? 0xEDB88320 ^ (value >> 1) : value >> 1;
        return value;
    }
}
