using System.CommandLine;
using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Cli.Terminals;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt vmcore net</c>: interfaces and sockets, or neighbours.</summary>
internal static class VmcoreNetCommand
{
    public static Command Build(Context context)
    {
        Option<bool> asJson = VmcoreCommand.JsonOption();
        var neighbours = new Option<bool>("--neigh") { Description = "List the neighbours instead (tables of ARP and NDISC)" };
        var command = new Command("net", "List network interfaces and sockets.\n\nExamples:\n  kdt vmcore net vmcore\n" +
            "  kdt vmcore net --neigh vmcore") { neighbours, asJson };
        var files = new DumpFiles(context, command);
        command.SetAction(parsed => files.Use(parsed, vmcore =>
        {
            bool json = parsed.GetValue(asJson);
            if (parsed.GetValue(neighbours))
            {
                NeighboursView view = new(vmcore);
                if (json)
                    view.Json(context.Output);
                else
                    view.Text(context);
                return ExitCode.Fine;
            }
            NetView net = new(vmcore);
            if (json)
                net.Json(context.Output);
            else
                net.Text(context);
            return ExitCode.Fine;
        }));
        return command;
    }
}
