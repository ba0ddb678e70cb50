using System.Text;

namespace Kdump.Probe.Machine;

/// <summary>
/// Writes to files of sysfs and tracefs that make the kernel act. Binding a driver runs its probe inside write(2), and a probe may hang,
/// so the write runs in a child process, which can be abandoned.
/// </summary>
internal static class KernelFile
{
    /// <summary>Maximum time to wait for a driver's probe, in milliseconds.</summary>
    public const int ActMs = 30_000;

    public const int TimedOut = -1;

    /// <summary>Writes the text. Returns 0, or the errno of open(2) or write(2).</summary>
    public static int Write(string path, string text, int flags = Libc.WriteOnly)
    {
        int fd = Libc.Open(path, flags);
        if (fd < 0)
            return Libc.LastError;
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int error = bytes.Length > 0 && Libc.Write(fd, bytes) < 0 ? Libc.LastError : 0;
        _ = Libc.Close(fd);
        return error;
    }

    /// <summary>
    /// Like <see cref="Write"/>, but in a child process. Returns <see cref="TimedOut"/> if the write does not return in time.
    /// <paramref name="meanwhile"/> is called repeatedly while waiting.
    /// </summary>
    public static unsafe int Act(string path, string text, Action meanwhile)
    {
        byte[] name = Encoding.UTF8.GetBytes(path + '\0'), bytes = Encoding.UTF8.GetBytes(text);
        fixed (byte* n = name)
        fixed (byte* b = bytes)
        {
            int child = Libc.Fork();
            if (child == 0)
                Libc.WriteAndExit(n, b, bytes.Length);
            if (child < 0)
                return Write(path, text);
            long until = Libc.MonotonicMs() + ActMs;
            for (;;)
            {
                int status;
                int done = Libc.WaitPid(child, &status, 1);
                if (done == child)
                    return (status & 0x7f) == 0 ? (status >> 8) & 0xff : Libc.EINTR;
                if (done < 0)
                    return Libc.LastError;
                if (Libc.MonotonicMs() >= until)
                {
                    _ = Libc.Kill(child, Libc.SigKill);
                    return TimedOut;
                }
                meanwhile();
                Libc.Sleep(20);
            }
        }
    }
}
