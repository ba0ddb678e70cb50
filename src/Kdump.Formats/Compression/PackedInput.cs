namespace Kdump.Formats.Compression;

/// <summary>
/// Compressed input of a decoder: bytes that were read but not used yet, and more bytes on demand. Bytes that the decoder does not use
/// stay available for whatever follows the compressed stream.
/// </summary>
public sealed class PackedInput(PackedInput.Reader read, byte[] buffer)
{
    private int at, filled;

    /// <summary>Reads the next bytes from the file or pipe; returns 0 only at the end.</summary>
    public delegate int Reader(Span<byte> buffer);

    /// <summary>The bytes that were read but not used yet.</summary>
    public ReadOnlySpan<byte> Bytes => buffer.AsSpan(at, filled - at);

    /// <summary>True if no bytes follow <see cref="Bytes"/>.</summary>
    public bool Last { get; private set; }

    /// <summary>Number of bytes used so far.</summary>
    public long Used { get; private set; }

    public void Use(int bytes)
    {
        at += bytes;
        Used += bytes;
    }

    /// <summary>Creates an input from bytes that are all in memory.</summary>
    public static PackedInput Of(ReadOnlySpan<byte> whole)
    {
        byte[] held = whole.ToArray();
        return new(_ => 0, held) { filled = held.Length, Last = true };
    }

    /// <summary>Makes bytes available again that were used since the last call of <see cref="More"/>.</summary>
    public void GiveBack(int bytes) => Use(-bytes);

    /// <summary>Reads more input into <see cref="Bytes"/>; false at the end of the input.</summary>
    public bool More()
    {
        if (Last)
            return false;
        Bytes.CopyTo(buffer);
        filled -= at;
        at = 0;
        int n = read(buffer.AsSpan(filled));
        filled += n;
        Last = n == 0;
        return n > 0;
    }
}
