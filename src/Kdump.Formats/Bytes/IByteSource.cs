namespace Kdump.Formats.Bytes;

/// <summary>Random access to the bytes of one input. Implementations are safe to read from several threads.</summary>
public interface IByteSource : IDisposable
{
    /// <summary>Name for messages: the path as the user gave it.</summary>
    string Name { get; }

    /// <summary>Bytes in the source.</summary>
    long Length { get; }

    /// <summary>Reads up to <c>buffer.Length</c> bytes at a byte offset; fewer only at the end of the source, 0 past it.</summary>
    int Read(long offset, Span<byte> buffer);
}
