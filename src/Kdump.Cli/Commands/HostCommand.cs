using System.CommandLine;
using Kdump.Cli.Terminals;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt host check|vectors|collect|diff</c>: the machine before it crashes.</summary>
internal static class HostCommand
{
    public static Command Build(Context context) =>
        new("host", "The machine before it crashes: check it, foretell its vectors, gather what matters, compare two of them.")
        {
            HostCheckCommand.Build(context),
            HostVectorsCommand.Build(context),
            HostCollectCommand.Build(context),
            HostDiffCommand.Build(context),
        };
}
