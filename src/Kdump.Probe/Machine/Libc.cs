using System.Runtime.InteropServices;
using System.Text;

namespace Kdump.Probe.Machine;

/// <summary>
/// The C library calls that the probe needs. Direct calls make a smaller program than System.IO, and give control over the flags of
/// open(2). They are linked statically, not resolved at run time. Numbers are those of Linux on x86-64 and arm64.
/// </summary>
internal static unsafe partial class Libc
{
    public const int ReadOnly = 0, WriteOnly = 1, ReadWrite = 2, NonBlock = 0x800, CloseOnExec = 0x80000;
    public const int Truncate = 0x200, Append = 0x400;
    public const int EINTR = 4, EAGAIN = 11, EPIPE = 32, EINVAL = 22, ENOSYS = 38, ENOENT = 2, ENOTDIR = 20;
    public const int SigKill = 9;

    /// <summary>O_DIRECTORY differs between architectures.</summary>
    public static int Directory => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000;

    public static int LastError => Marshal.GetLastSystemError();

    public static int Open(string path, int flags)
    {
        fixed (byte* p = Z(path))
            return open(p, flags | CloseOnExec, 0);
    }

    public static int OpenAt2(int directory, string path, OpenHow how)
    {
        // The number of openat2 is 437 on all architectures; glibc has no wrapper.
        fixed (byte* p = Z(path))
            return (int)syscall(437, directory, p, &how, (nuint)sizeof(OpenHow));
    }

    public static int Read(int fd, Span<byte> buffer)
    {
        fixed (byte* p = buffer)
            return (int)read(fd, p, (nuint)buffer.Length);
    }

    public static int Write(int fd, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* p = bytes)
            return (int)write(fd, p, (nuint)bytes.Length);
    }

    public static int DirectoryEntries(int fd, Span<byte> buffer)
    {
        fixed (byte* p = buffer)
            return (int)getdents64(fd, p, (nuint)buffer.Length);
    }

    public static int ReadLinkAt(int directory, string path, Span<byte> buffer)
    {
        fixed (byte* p = Z(path))
        fixed (byte* b = buffer)
            return (int)readlinkat(directory, p, b, (nuint)buffer.Length);
    }

    public static bool Exists(string path)
    {
        fixed (byte* p = Z(path))
            return access(p, 0) == 0;
    }

    public static int Mount(string source, string target, string type)
    {
        fixed (byte* s = Z(source))
        fixed (byte* t = Z(target))
        fixed (byte* f = Z(type))
            return mount(s, t, f, 0, null);
    }

    public static int Unmount(string target)
    {
        fixed (byte* t = Z(target))
            return umount(t);
    }

    /// <summary>The kernel's log buffer: syslog(2) SYSLOG_ACTION_READ_ALL, which removes nothing from it.</summary>
    public static int KernelLog(Span<byte> buffer)
    {
        fixed (byte* p = buffer)
            return klogctl(3, p, buffer.Length);
    }

    /// <summary>
    /// Block size in bytes, number of blocks, and number of free blocks of the file system that contains an open file; null if fstatfs(2)
    /// fails.
    /// </summary>
    public static (ulong Size, ulong Blocks, ulong Free)? FileSystem(int fd)
    {
        StatFs s;
        return fstatfs(fd, &s) == 0 ? (s.Size, s.Blocks, s.Free) : null;
    }

    public static long MonotonicMs()
    {
        TimeSpec t;
        return clock_gettime(1, &t) == 0 ? (t.Seconds * 1000) + (t.Nanoseconds / 1_000_000) : 0;
    }

    public static void Sleep(int milliseconds) => _ = poll(null, 0, milliseconds);

    public static bool Writable(int fd, int milliseconds)
    {
        var p = new PollFd { Fd = fd, Events = 4 };
        return poll(&p, 1, milliseconds) > 0 && (p.Got & 4) != 0;
    }

    /// <summary>True if the descriptor becomes readable within the time, or its other end was closed.</summary>
    public static bool ReadableOrClosed(int fd, int milliseconds)
    {
        var p = new PollFd { Fd = fd, Events = 1 };
        return poll(&p, 1, milliseconds) > 0;
    }

    /// <summary>
    /// Everything that the child process for reading a file executes. Must not allocate managed memory: see the caller.
    /// </summary>
    public static void CopyAndExit(byte* path, int to, byte* buffer, int size)
    {
        int from = open(path, ReadOnly | NonBlock, 0);
        nint n;
        while (from >= 0 && (n = read(from, buffer, (nuint)size)) > 0)
        {
            if (write(to, buffer, (nuint)n) != n)
                break;
        }
        ExitChild(0);
    }

    /// <summary>Everything that the child process for writing executes; its exit code is the error number.</summary>
    public static void WriteAndExit(byte* path, byte* bytes, int length)
    {
        int fd = open(path, WriteOnly, 0);
        bool good = fd >= 0 && write(fd, bytes, (nuint)length) >= 0;
        ExitChild(good ? 0 : Math.Min(LastError, 255));
    }

    private static byte[] Z(string text) => Encoding.UTF8.GetBytes(text + '\0');

    [StructLayout(LayoutKind.Sequential)]
    public struct OpenHow
    {
        public ulong Flags, Mode, Resolve;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct PollFd
    {
        public int Fd;
        public short Events, Got;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds, Nanoseconds;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct StatFs
    {
        public ulong Type, Size, Blocks, Free, Available, Files, FilesFree;
        public fixed ulong Rest[12];
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct NetlinkAddress
    {
        public ushort Family, Pad;
        public uint Pid, Groups;
    }

    [LibraryImport("libc")] private static partial int open(byte* path, int flags, int mode);
    [LibraryImport("libc")] private static partial long syscall(long number, long a, void* b, void* c, nuint d);
    [LibraryImport("libc")] private static partial nint read(int fd, byte* buffer, nuint count);
    [LibraryImport("libc")] private static partial nint write(int fd, byte* buffer, nuint count);
    [LibraryImport("libc", EntryPoint = "close")] public static partial int Close(int fd);
    [LibraryImport("libc")] private static partial nint getdents64(int fd, byte* buffer, nuint count);
    [LibraryImport("libc")] private static partial nint readlinkat(int directory, byte* path, byte* buffer, nuint count);
    [LibraryImport("libc")] private static partial int access(byte* path, int mode);
    [LibraryImport("libc")] private static partial int mount(byte* source, byte* target, byte* type, nuint flags, void* data);
    [LibraryImport("libc")] private static partial int umount(byte* target);
    [LibraryImport("libc")] private static partial int klogctl(int type, byte* buffer, int length);
    [LibraryImport("libc")] private static partial int fstatfs(int fd, StatFs* s);
    [LibraryImport("libc")] private static partial int clock_gettime(int clock, TimeSpec* t);
    [LibraryImport("libc")] private static partial int poll(PollFd* fds, ulong count, int timeout);
    [LibraryImport("libc", EntryPoint = "pipe2")] public static partial int Pipe(int* fds, int flags);
    [LibraryImport("libc", EntryPoint = "fork")] public static partial int Fork();
    [LibraryImport("libc", EntryPoint = "_exit")] public static partial void ExitChild(int code);
    [LibraryImport("libc", EntryPoint = "kill")] public static partial int Kill(int pid, int signal);
    [LibraryImport("libc", EntryPoint = "waitpid")] public static partial int WaitPid(int pid, int* status, int options);
    [LibraryImport("libc", EntryPoint = "socket")] public static partial int Socket(int family, int type, int protocol);
    [LibraryImport("libc", EntryPoint = "bind")] public static partial int Bind(int fd, NetlinkAddress* address, uint length);
    [LibraryImport("libc", EntryPoint = "getpid")] public static partial int ProcessId();
    [LibraryImport("libc", EntryPoint = "lseek")] public static partial long Seek(int fd, long offset, int whence);
}
