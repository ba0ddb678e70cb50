using Kdump.Formats.Bytes;

namespace Kdump.Cli.Terminals;

/// <summary>
/// Standard input, where there is one. When a caller closed it (<c>&lt;&amp;-</c>, some cron jobs) the runtime's own pipe or event queue
/// or source of random numbers gets its number, and reading that would never end.
/// </summary>
internal static class StandardInput
{
    /// <exception cref="InputException">It is closed.</exception>
    public static Stream Open() =>
        IsClosed() ? throw new InputException("-", "standard input", -1, "is closed") : Console.OpenStandardInput();

    private static bool IsClosed()
    {
        try
        {
            string? own = Target("0");
            if (own is null or "/dev/urandom" or "/dev/random" || own.StartsWith("anon_inode:", StringComparison.Ordinal))
                return true;
            // A pipe whose writing end is in this process too: it is the runtime's. A second reading end proves nothing: a shell may have
            // handed one down, and the runtime of managed programs keeps one.
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
