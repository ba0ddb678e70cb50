using System.CommandLine;

namespace Kdump.Cli.Commands;

/// <summary>What a shell completes as the value of an option or argument.</summary>
internal enum PathKind
{
    /// <summary>No path: a number, a name, an expression.</summary>
    None,

    /// <summary>A file, or a folder that a file may be in.</summary>
    Files,

    Folders,
}

/// <summary>Tells the kind by the type of the value and by the name that the help gives it.</summary>
internal static class PathKinds
{
    /// <summary>Options that take a file although their help has no word for it.</summary>
    private static readonly HashSet<string> OfFiles =
        ["--image", "--kernel", "--console", "--embed", "--config", "--root", "--output", "--dac"];

    /// <summary>Parts of such words in the help.</summary>
    private static readonly string[] Names = ["FILE", "IMAGE", "LOG", "STORE", "PATH", ".html", ".prom", "file"];

    public static PathKind Of(Symbol symbol) => symbol switch
    {
        Argument { Name: "dir" or "folder" } => PathKind.Folders,
        Argument argument => IsText(argument.ValueType) ? PathKind.Files : PathKind.None,
        Option option => IsText(option.ValueType) ? Of(option.HelpName ?? "", option.Name) : PathKind.None,
        _ => PathKind.None,
    };

    private static PathKind Of(string helpName, string option)
    {
        if (helpName == "DIR" || option == "--sysroot")
            return PathKind.Folders;
        bool file = (helpName.Length == 0 && OfFiles.Contains(option)) ||
            Array.Exists(Names, n => helpName.Contains(n, StringComparison.Ordinal));
        return file ? PathKind.Files : PathKind.None;
    }

    private static bool IsText(Type type) => type == typeof(string) || type == typeof(string[]);
}
