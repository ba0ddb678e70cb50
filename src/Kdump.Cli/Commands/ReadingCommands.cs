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
        while (args.Length > 0 && args[0].StartsWith('-'))
            args = args[(args[0] is "--color" or "--lang" && args.Length > 1 ? 2 : 1)..];
        if (args.Length == 0 || Array.IndexOf(All, args[0]) < 0 ||
            (args[0] == "vmcore" && args.Length > 1 && Array.IndexOf(Others, args[1]) >= 0))
            return null;
        var folders = new List<string>();
        for (int i = 0; i < args.Length; i++)
        {
            string? file = null;
            if (args[i] is "-o" or "--output")
                file = i + 1 < args.Length ? args[i + 1] : null;
            else if (args[i].StartsWith("--output=", StringComparison.Ordinal))
                file = args[i]["--output=".Length..];
            else if (args[i].StartsWith("-o", StringComparison.Ordinal))
                file = args[i][2..].TrimStart('=', ':');
            if (file is { Length: > 0 } and not "-")
                folders.Add(FolderOf(file));
        }
        return folders;
    }

    private static string FolderOf(string file)
    {
        try
        {
            // A link, such as /dev/stdout, is written where it leads to.
            string real = new FileInfo(file).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? Path.GetFullPath(file);
            return Path.GetDirectoryName(real) ?? "/";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Path.GetDirectoryName(Path.GetFullPath(file)) ?? "/";
        }
    }
}
