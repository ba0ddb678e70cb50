using System.CommandLine;
using Kdump.Cli.Terminals;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt host …</c>: commands about a running machine, before it crashes.</summary>
internal static class HostCommand
{
    public static Command Build(Context context) =>
        new("host", "Check kdump on a running machine, " +
            "show its history, predict interrupt vectors, collect evidence, compare two machines.\n\nExample: kdt host check")
        {
            HostCheckCommand.Build(context),
            HostMemoryCommand.Build(context),
            HostRehearseCommand.Build(context),
            HostHistoryCommand.Build(context),
            HostVectorsCommand.Build(context),
            HostCollectCommand.Build(context),
            HostDiffCommand.Build(context),
        };
}
