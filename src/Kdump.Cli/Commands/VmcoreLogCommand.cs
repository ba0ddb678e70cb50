using System.CommandLine;
using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Cli.Terminals;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt vmcore log</c>.</summary>
internal static class VmcoreLogCommand
{
    public static Command Build(Context context)
    {
        Option<bool> asJson = VmcoreCommand.JsonOption();
        var caller = new Option<bool>("--caller")
        {
            Description = "Show who wrote each line (T: thread, C: CPU), as makedumpfile 1.7.8 and newer print it",
        };
        var command = new Command("log",
            "Print the kernel log as makedumpfile --dump-dmesg does.\n\nExample: kdt vmcore log vmcore") { caller, asJson };
        command.Validators.Add(result =>
        {
            if (result.GetValue(asJson) && result.GetValue(caller))
                result.AddError("--caller cannot be combined with --json: JSON always has the caller of every line.");
        });
        var files = new DumpFiles(context, command);
        command.SetAction(parsed => files.Use(parsed, vmcore =>
        {
            if (parsed.GetValue(asJson))
                LogView.Json(context.Output, vmcore);
            else
                LogView.Text(context, vmcore, parsed.GetValue(caller));
            return ExitCode.Fine;
        }));
        return command;
    }
}
