namespace Kdump.Cli.Commands;

/// <summary>
/// Commands that only read what they are given, and where they write their answer: they are confined
/// (<see cref="Terminals.Confinement"/>).
/// </summary>
internal static class ReadingCommands
{
    private static readonly string[] All = ["explain", "log", "mce", "pci", "kconfig", "image", "vmcore", FleetProgram.WorkerVerb];

    /// <summary>Below vmcore: they start programs.</summary>
    private static readonly string[] Others = ["shell", "clr"];

    /// <summary>The folders of the files that a command line names as output; null if its command does more than read.</summary>
    public static List<string>? Outputs(ReadOnlySpan<string> args)
    {
        args = args[FirstWord(args)..];
        if (args.Length == 0 || Array.IndexOf(All, args[0]) < 0 || HasResponseFile(args))
            return null;
        int below = 1 + FirstWord(args[1..]);
        if (args[0] == "vmcore" && below < args.Length && Array.IndexOf(Others, args[below]) >= 0)
            return null;
        var folders = new List<string>();
        for (int i = 0; i < args.Length; i++)
        {
            string? file = null;
            string arg = args[i];
            if (arg == "--output")
                file = i + 1 < args.Length ? args[i + 1] : null;
            else if (arg.StartsWith("--output", StringComparison.Ordinal))
                file = arg["--output".Length..].TrimStart('=', ':');
            else if (arg.Length > 1 && arg[0] == '-' && arg[1] != '-' && arg.IndexOf('o') is > 0 and var at)
            {
                // -o FILE, -oFILE, -o=FILE, and behind other letters: -qo FILE.
                file = arg[(at + 1)..].TrimStart('=', ':');
                if (file.Length == 0)
                    file = i + 1 < args.Length ? args[i + 1] : null;
            }
            if (file is { Length: > 0 } and not "-")
                folders.AddRange(FoldersOf(file));
        }
        return folders;
    }

    /// <summary>The place of the first word that is neither an option nor the value of one that stands in front of commands.</summary>
    private static int FirstWord(ReadOnlySpan<string> args)
    {
        int at = 0;
        while (at < args.Length && args[at].StartsWith('-'))
            at += args[at] is "--color" or "--lang" ? 2 : 1;
        return Math.Min(at, args.Length);
    }

    /// <summary>Options may stand in a file.</summary>
    private static bool HasResponseFile(ReadOnlySpan<string> args)
    {
        foreach (string arg in args)
        {
            if (arg.StartsWith('@'))
                return true;
        }
        return false;
    }

    /// <summary>A link, such as /dev/stdout, is written where it leads to, or replaced where it is.</summary>
    private static string[] FoldersOf(string file)
    {
        string own = Path.GetDirectoryName(Path.GetFullPath(file)) ?? "/";
        try
        {
            return new FileInfo(file).ResolveLinkTarget(returnFinalTarget: true) is { } real
                ? [Path.GetDirectoryName(real.FullName) ?? "/", own] : [own];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return [own];
        }
    }
}
