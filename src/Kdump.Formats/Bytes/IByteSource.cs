namespace Kdump.Formats.Bytes;

/// <summary>Random access to the bytes of one input. Implementations are safe to read from several threads.</summary>
public interface IByteSource : IDisposable
{
    /// <summary>Name for messages: the path as the user gave it.</summary>
    string Name { get; }

    /// <summary>Bytes in the source.</summary>
    long Length { get; }

    /// <summary>
    /// Reads up to <c>buffer.Length</c> bytes at a byte offset; fewer only where the source ends or where its bytes are lost, 0 past its
    /// end.
    /// </summary>
    int Read(long offset, Span<byte> buffer);

    /// <summary>
    /// The next offset, at or after this one, that may hold anything but zeros: allows a walk to skip holes. Never past <see
    /// cref="Length"/>.
    /// </summary>
    long NextData(long offset) => Math.Min(offset, Length);
}
