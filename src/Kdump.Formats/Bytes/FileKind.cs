using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Kdump.Formats.Bytes;

/// <summary>
/// The type of the file that a path leads to. When .NET opens a named pipe it may wait forever, and it reads a device without end, so
/// check the type before opening.
/// </summary>
public static partial class FileKind
{
    private const int AtFdCwd = -100;
    private const uint StatxType = 1;
    private const int ModeOffset = 28;
    private const int TypeMask = 0xf000, Regular = 0x8000, Directory = 0x4000, Fifo = 0x1000, Socket = 0xc000, Character = 0x2000,
        Block = 0x6000;
    private const int ReadNonBlocking = 0x800 | 0x80000, WriteNonBlocking = ReadNonBlocking | 1;
    private const int NoReader = 6;
    private const int SetFlags = 4;
    private const short PollIn = 1;

    /// <summary>Maximum time, in milliseconds, to wait for the first data of a named pipe.</summary>
    private const int PipePatience = 1000;

    /// <summary>
    /// The reason why the file must not be opened, or null. struct statx (linux/stat.h) is the same on every architecture; links are
    /// followed.
    /// </summary>
    public static string? Refusal(string path) => TypeOf(path) switch
    {
        Regular => path is "/proc/kmsg" ? "reading it would wait for messages and take them away: use dmesg" : null,
        Fifo => IsOurs(path) ? null : "a named pipe: give it by itself",
        Socket => "a socket: not read",
        Character => IsOurs(path) ? null : "a character device: not read",
        Block => "a block device: not read",
        _ => null,
    };

    /// <summary>
    /// Type of a file that cannot seek: pipe, socket or character device. Null for a regular file or block device, and for a missing
    /// file.
    /// </summary>
    public static string? NotSeekable(string path) => TypeOf(path) switch
    {
        Fifo => "a named pipe",
        Socket => "a socket",
        Character => "a character device",
        _ => null,
    };

    /// <summary>Type of a file that is not a regular one, links followed; null for a regular or missing file.</summary>
    public static string? NotRegular(string path) => NotSeekable(path) ?? TypeOf(path) switch
    {
        Block => "a block device",
        Directory => "a folder",
        _ => null,
    };

    /// <summary>The system's error as text, without the path, which is printed before it.</summary>
    public static string ReasonOf(Exception e, string path) => e switch
    {
        // For a folder, reading the length fails with "no such file", and opening it with "no permission".
        FileNotFoundException or UnauthorizedAccessException when System.IO.Directory.Exists(path) => "a folder, not a file",
        FileNotFoundException or DirectoryNotFoundException when new FileInfo(path).LinkTarget is not null => "a link that leads nowhere",
        FileNotFoundException or DirectoryNotFoundException => "there is no such file",
        UnauthorizedAccessException => "no permission to read it",
        PathTooLongException => "the name is too long",
        _ when path.Length == 0 => "an empty name: give a file",
        _ when e.Message.StartsWith("Too many levels of symbolic links", StringComparison.Ordinal) => "a link that leads back to itself",
        _ when e.Message.StartsWith("Bad file descriptor", StringComparison.Ordinal) => "is closed",
        _ when e.Message.StartsWith("Is a directory", StringComparison.Ordinal) => "a folder, not a file",
        _ when e.Message.StartsWith("No such device or address", StringComparison.Ordinal) => "a socket, or a device that is not there",
        _ when e.Message.StartsWith("No space left on device", StringComparison.Ordinal) => "no space left on the device: make room there",
        // .NET appends the path; for a file that is written in parts, the path of the part.
        _ => e.Message.IndexOf(" : '/", StringComparison.Ordinal) is > 0 and var end ? e.Message[..end] : e.Message,
    };

    /// <summary>The reason why a file could not be written, without its path.</summary>
    public static string WhyNotWritten(Exception e, string path) => e switch
    {
        DirectoryNotFoundException => "the folder that it would be in does not exist",
        UnauthorizedAccessException => "no permission to write there",
        _ => ReasonOf(e, path),
    };

    /// <summary>A named pipe, or one that the shell opened.</summary>
    public static bool IsFifo(string path) => TypeOf(path) == Fifo;

    public static bool IsRegular(string path) => TypeOf(path) == Regular;

    /// <summary>A named pipe; one that the shell opened is none.</summary>
    public static bool IsPipe(string path) => IsFifo(path) && !IsOurs(path);

    /// <summary>A named pipe as a stream; null if no data arrives within a second.</summary>
    public static Stream? OpenPipe(string path)
    {
        int descriptor = open(path, ReadNonBlocking);
        if (descriptor < 0)
            throw new IOException($"cannot be opened (errno {Marshal.GetLastPInvokeError()})");
        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        var wanted = new PollEntry { Descriptor = descriptor, Events = PollIn };
        if (poll(ref wanted, 1, PipePatience) <= 0 || (wanted.Returned & PollIn) == 0)
        {
            handle.Dispose();
            return null;
        }
        // From here on a read may wait for the writer.
        _ = fcntl(descriptor, SetFlags, 0);
        return new FileStream(handle, FileAccess.Read, bufferSize: 0);
    }

    /// <summary>A pipe or device to write a result to.</summary>
    /// <exception cref="IOException">
    /// It is a socket, or a named pipe that nobody reads: opening that would wait for a reader, perhaps forever.
    /// </exception>
    public static FileStream OpenToWrite(string path)
    {
        if (TypeOf(path) == Socket)
            throw new IOException("a socket: not written");
        int descriptor = open(path, WriteNonBlocking);
        if (descriptor < 0)
            throw new IOException(Marshal.GetLastPInvokeError() == NoReader ? "a named pipe that nobody reads"
                : $"cannot be opened (errno {Marshal.GetLastPInvokeError()})");
        // From here on a write may wait for the reader.
        _ = fcntl(descriptor, SetFlags, 0);
        return new FileStream(new SafeFileHandle(descriptor, ownsHandle: true), FileAccess.Write, bufferSize: 0);
    }

    /// <summary>
    /// True for a pipe that the shell opened (<c>&lt;(zcat log)</c>): it has a writer. Any other pipe may never get one.
    /// </summary>
    private static bool IsOurs(string path) =>
        path.StartsWith("/dev/fd/", StringComparison.Ordinal) || path.StartsWith("/proc/self/fd/", StringComparison.Ordinal);

    private static int TypeOf(string path)
    {
        Span<byte> status = stackalloc byte[256];
        return statx(AtFdCwd, path, 0, StatxType, status) != 0 ? 0 : MemoryMarshal.Read<ushort>(status[ModeOffset..]) & TypeMask;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = false)]
    private static partial int statx(int directory, string path, int flags, uint mask, Span<byte> status);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc")]
    private static partial int poll(ref PollEntry entries, nuint count, int milliseconds);

    [LibraryImport("libc")]
    private static partial int fcntl(int descriptor, int command, int argument);
}
