namespace Kdump.Formats.Bytes;

/// <summary>Read operations that every format needs, for any source.</summary>
public static class ByteSources
{
    /// <summary>Reads exactly <paramref name="count"/> bytes. The caller must have limited <paramref name="count"/>.</summary>
    /// <exception cref="InputException">The source ends, or bytes of it are missing, before <paramref name="count"/> bytes were
    /// read.</exception>
    public static byte[] ReadBytes(this IByteSource source, long offset, int count, string field)
    {
        // Do not allocate a buffer for more bytes than the source can contain.
        if (offset < 0 || offset > source.Length || source.Length - offset < count)
            throw new InputException(source.Name, field, offset, $"needs {count} bytes, the input ends at 0x{source.Length:x}");
        byte[] bytes = new byte[count];
        int got = source.Read(offset, bytes);
        return got == count ? bytes : throw new InputException(source.Name, field, offset, $"needs {count} bytes, {got} could be read");
    }

    /// <summary>Reads up to <paramref name="count"/> bytes, fewer if the source ends before.</summary>
    public static byte[] ReadUpTo(this IByteSource source, long offset, int count)
    {
        byte[] bytes = new byte[(int)Math.Clamp(source.Length - offset, 0, count)];
        int got = source.Read(offset, bytes);
        return got == bytes.Length ? bytes : bytes[..got];
    }
}
