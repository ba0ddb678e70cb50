using System.CommandLine;
using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Cli.Terminals;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt vmcore signals</c>: the signals of one process.</summary>
internal static class VmcoreSignalsCommand
{
    public static Command Build(Context context)
    {
        Option<bool> asJson = VmcoreCommand.JsonOption();
        Option<int> pid = Numbers.Needed("--pid", "The process or thread");
        var command = new Command("signals",
            "List the signals of a process: pending, blocked, and how each is handled.\n\nExample: kdt vmcore signals --pid 1 vmcore")
            { pid, asJson };
        var files = new DumpFiles(context, command);
        command.SetAction(parsed => files.Use(parsed, vmcore =>
        {
            SignalsView view = new(vmcore, parsed.GetValue(pid));
            if (parsed.GetValue(asJson))
                view.Json(context.Output);
            else
                view.Text(context);
            return ExitCode.Fine;
        }));
        return command;
    }
}
