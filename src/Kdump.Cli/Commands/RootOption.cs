using System.CommandLine;

namespace Kdump.Cli.Commands;

/// <summary><c>--root</c> of the commands that read a machine's files.</summary>
internal static class RootOption
{
    public static Option<string> Machine() => new("--root")
    {
        Description = "The machine: /, a sosreport, or a folder that kdt host collect wrote", DefaultValueFactory = _ => "/",
    };
}
