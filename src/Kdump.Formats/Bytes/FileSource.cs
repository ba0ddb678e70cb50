using Microsoft.Win32.SafeHandles;

namespace Kdump.Formats.Bytes;

/// <summary>A file that is read with pread(2). There is no shared position, so several threads may read at the same time.</summary>
public sealed class FileSource : IByteSource
{
    private readonly SafeFileHandle handle;

    private FileSource(string name, SafeFileHandle handle, long length)
    {
        Name = name;
        this.handle = handle;
        Length = length;
    }

    public string Name { get; }

    public long Length { get; }

    /// <exception cref="InputException">The file cannot be opened, or is not a regular file or block device.</exception>
    public static FileSource Open(string path)
    {
        if (path == "-" && !File.Exists(path))
            throw new InputException(path, "file", -1,
                "standard input is not supported here: give a file, which can be read at any offset");
        // Opening a pipe would wait for its writer, and dumps and images need random access.
        if (FileKind.NotSeekable(path) is { } kind)
            throw new InputException(path, "file", -1, $"{kind}: a file is needed, which can be read at any place");
        try
        {
            SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return new FileSource(path, handle, RandomAccess.GetLength(handle));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new InputException(path, "file", -1, FileKind.ReasonOf(e, path), e);
        }
    }

    public int Read(long offset, Span<byte> buffer)
    {
        if (offset < 0 || offset >= Length)
            return 0;
        int done = 0;
        try
        {
            while (done < buffer.Length)
            {
                int n = RandomAccess.Read(handle, buffer[done..], offset + done);
                if (n == 0)
                    break;
                done += n;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(Name, "read", offset + done, FileKind.ReasonOf(e, Name), e);
        }
        return done;
    }

    public void Dispose() => handle.Dispose();
}
