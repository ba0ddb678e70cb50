using System.Runtime.InteropServices;

namespace Kdump.Sources.Inputs;

/// <summary>
/// What a path leads to. .NET opens a named pipe and then waits for ever, and reads a device without end: ask before opening.
/// </summary>
public static partial class FileKind
{
    private const int AtFdCwd = -100;
    private const uint StatxType = 1;
    private const int ModeOffset = 28;
    private const int TypeMask = 0xf000, Regular = 0x8000, Directory = 0x4000, Fifo = 0x1000, Socket = 0xc000, Character = 0x2000,
        Block = 0x6000;

    /// <summary>
    /// Why the file is not opened, or null. struct statx (linux/stat.h) is the same on every architecture; links are followed.
    /// </summary>
    public static string? Refusal(string path)
    {
        Span<byte> status = stackalloc byte[256];
        if (statx(AtFdCwd, path, 0, StatxType, status) != 0)
            return null;
        int type = MemoryMarshal.Read<ushort>(status[ModeOffset..]) & TypeMask;
        // A pipe that the shell opened for us (<(zcat log)) has its writer; any other may never get one.
        bool ours = path.StartsWith("/dev/fd/", StringComparison.Ordinal) || path.StartsWith("/proc/self/fd/", StringComparison.Ordinal);
        return type switch
        {
            Regular => path is "/proc/kmsg" ? "reading it would wait for messages and take them away: use dmesg" : null,
            Directory => null,
            Fifo => ours ? null : "a named pipe: give it as standard input (kdt explain - < PIPE)",
            Socket => "a socket: not read",
            Character => ours ? null : "a character device: not read",
            Block => "a block device: not read",
            _ => null,
        };
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = false)]
    private static partial int statx(int directory, string path, int flags, uint mask, Span<byte> status);
}
