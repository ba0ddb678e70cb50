using System.CommandLine;

namespace Kdump.Cli.Commands;

/// <summary><c>--root</c> of the commands that read a machine's files.</summary>
internal static class RootOption
{
    /// <summary>What every command that reads a machine's files takes.</summary>
    public const string Description =
        "The machine: / or a folder or archive (tar, zip, 7z, rar) of its files, such as a sosreport or what kdt host collect wrote";

    public static Option<string> Machine() => new("--root") { Description = Description, DefaultValueFactory = _ => "/" };
}
