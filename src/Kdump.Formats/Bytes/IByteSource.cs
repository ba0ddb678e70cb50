namespace Kdump.Formats.Bytes;

/// <summary>Random access to the bytes of one input. Implementations are safe to read from several threads.</summary>
public interface IByteSource : IDisposable
{
    /// <summary>Name of the source in messages: the path as the user specified it.</summary>
    string Name { get; }

    /// <summary>Length of the source in bytes.</summary>
    long Length { get; }

    /// <summary>
    /// Reads up to <c>buffer.Length</c> bytes at a byte offset; fewer only if the source ends or bytes of it are missing, 0 after its
    /// end.
    /// </summary>
    int Read(long offset, Span<byte> buffer);

    /// <summary>
    /// The next offset, at or after <paramref name="offset"/>, that may contain other bytes than zeros; lets a walk skip holes. Never
    /// past <see cref="Length"/>.
    /// </summary>
    long NextData(long offset) => Math.Min(offset, Length);
}
