using Kdump.Formats.Bytes;

namespace Kdump.Cli.Terminals;

/// <summary>
/// Standard input, if it is open. If the caller closed it (<c>&lt;&amp;-</c>, some cron jobs), a pipe, event queue or random source
/// of the runtime gets descriptor 0, and reading that would never end.
/// </summary>
internal static class StandardInput
{
    /// <exception cref="InputException">Standard input is closed.</exception>
    public static Stream Open() =>
        IsClosed() ? throw new InputException("-", "standard input", -1, "is closed") : Console.OpenStandardInput();

    private static bool IsClosed()
    {
        try
        {
            // Without /proc (a bare chroot) this cannot be determined.
            if (!Directory.Exists("/proc/self/fd"))
                return false;
            string? own = Target("0");
            if (own is null or "/dev/urandom" or "/dev/random" || own.StartsWith("anon_inode:", StringComparison.Ordinal))
                return true;
            // If the writing end of the pipe is also in this process, it belongs to the runtime. A second reading end proves
            // nothing: a shell may have passed one on, and the runtime of managed programs keeps one.
            return own.StartsWith("pipe:", StringComparison.Ordinal) &&
                Directory.EnumerateFileSystemEntries("/proc/self/fd").Select(p => Path.GetFileName(p))
                    .Any(name => name is not ("0" or "1" or "2") && Target(name) == own && Writes(name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }

        // The access mode, O_WRONLY or O_RDWR, in octal: proc_pid_fdinfo(5).
        static bool Writes(string name) => File.ReadLines($"/proc/self/fdinfo/{name}")
            .Any(line => line.StartsWith("flags:", StringComparison.Ordinal) && line[^1] is not ('0' or '4'));

        static string? Target(string name) => new FileInfo("/proc/self/fd/" + name).LinkTarget;
    }
}
