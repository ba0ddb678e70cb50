namespace Kdump.Formats.Compression;

/// <summary>
/// Packed bytes on their way into a decoder: those that were read and are not used yet, and more of them on demand. What a decoder does
/// not use stays here for whatever follows the compressed stream.
/// </summary>
public sealed class PackedInput(PackedInput.Reader read, byte[] buffer)
{
    private int at, filled;

    /// <summary>Reads what comes next from the file or pipe; 0 at its end only.</summary>
    public delegate int Reader(Span<byte> buffer);

    /// <summary>Bytes at hand.</summary>
    public ReadOnlySpan<byte> Bytes => buffer.AsSpan(at, filled - at);

    /// <summary>Behind <see cref="Bytes"/> nothing follows.</summary>
    public bool Last { get; private set; }

    /// <summary>Bytes used so far.</summary>
    public long Used { get; private set; }

    public void Use(int bytes)
    {
        at += bytes;
        Used += bytes;
    }

    /// <summary>Input that is all at hand.</summary>
    public static PackedInput Of(ReadOnlySpan<byte> whole)
    {
        byte[] held = whole.ToArray();
        return new(_ => 0, held) { filled = held.Length, Last = true };
    }

    /// <summary>Takes back bytes that were used since <see cref="More"/> was last called.</summary>
    public void GiveBack(int bytes) => Use(-bytes);

    /// <summary>Adds to <see cref="Bytes"/>; false when nothing follows.</summary>
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
