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
            // Both ends of a pipe in this process: it is the runtime's.
            return own.StartsWith("pipe:", StringComparison.Ordinal) &&
                Directory.EnumerateFileSystemEntries("/proc/self/fd").Select(p => Path.GetFileName(p))
                    .Any(name => name is not ("0" or "1" or "2") && Target(name) == own);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }

        static string? Target(string name) => new FileInfo("/proc/self/fd/" + name).LinkTarget;
    }
}
