using System.Runtime.InteropServices;

namespace Kdump.Cli.Terminals;

/// <summary>
/// Queries the terminal behind a descriptor. Console can do the same, but it first switches the terminal to application keypad mode
/// and does not restore it, which confuses the next program on a serial console.
/// </summary>
internal static unsafe partial class Tty
{
    /// <summary>TIOCGWINSZ, include/uapi/asm-generic/ioctls.h.</summary>
    private const nuint GetWindowSize = 0x5413;

    public const int Input = 0, Output = 1, Error = 2;

    public const string InputPath = "/proc/self/fd/0";

    public static bool Is(int descriptor) => isatty(descriptor) == 1;

    /// <summary>Columns and rows; null if it is not a terminal or does not report them.</summary>
    public static (int Columns, int Rows)? Size(int descriptor)
    {
        WindowSize size;
        return ioctl(descriptor, GetWindowSize, &size) == 0 && size.Columns > 0 ? (size.Columns, size.Rows) : null;
    }

    /// <summary>Ends this process by SIGPIPE, so that its parent sees that the pipe was closed.</summary>
    public static void EndByBrokenPipe()
    {
        const int sigpipe = 13;
        _ = signal(sigpipe, 0);
        _ = raise(sigpipe);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct WindowSize
    {
        public ushort Rows, Columns, Width, Height;
    }

    [LibraryImport("libc")]
    private static partial int isatty(int descriptor);

    [LibraryImport("libc")]
    private static partial int ioctl(int descriptor, nuint request, WindowSize* size);

    [LibraryImport("libc")]
    private static partial nint signal(int number, nint handler);

    [LibraryImport("libc")]
    private static partial int raise(int number);
}
