namespace Kdump.Formats.Bytes;

/// <summary>Reads that every format needs, over any source.</summary>
public static class ByteSources
{
    /// <summary>Reads exactly <paramref name="count"/> bytes. The caller has capped <paramref name="count"/>.</summary>
    /// <exception cref="InputException">The source ends, or has lost bytes, before that.</exception>
    public static byte[] ReadBytes(this IByteSource source, long offset, int count, string field)
    {
        // A claim beyond the end of the source must not size a buffer.
        if (offset < 0 || offset > source.Length || source.Length - offset < count)
            throw new InputException(source.Name, field, offset, $"needs {count} bytes, the input ends at 0x{source.Length:x}");
        byte[] bytes = new byte[count];
        int got = source.Read(offset, bytes);
        return got == count ? bytes : throw new InputException(source.Name, field, offset, $"needs {count} bytes, {got} could be read");
    }

    /// <summary>Reads up to <paramref name="count"/> bytes, fewer where the source ends.</summary>
    public static byte[] ReadUpTo(this IByteSource source, long offset, int count)
    {
        byte[] bytes = new byte[(int)Math.Clamp(source.Length - offset, 0, count)];
        int got = source.Read(offset, bytes);
        return got == bytes.Length ? bytes : bytes[..got];
    }
}
