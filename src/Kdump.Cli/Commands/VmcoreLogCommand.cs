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
        var wall = new Option<bool>("--wall",
            "-T") { Description = "Show the time of day (UTC) of each line, as the kernel's clock at the crash gives it" };
        var bare = new Option<bool>("--bare", "-t") { Description = "Show no time" };
        var level = new Option<bool>("--level", "-m") { Description = "Show the level of each line, <0> to <7>" };
        var command = new Command("log",
            "Print the kernel log as makedumpfile --dump-dmesg does.\n\nExample: kdt vmcore log vmcore") { caller, wall, bare, level,
                asJson };
        command.Validators.Add(result =>
        {
            if (result.GetValue(asJson) && result.GetValue(caller))
                result.AddError("--caller cannot be combined with --json: JSON always has the caller of every line.");
            bool other = result.GetValue(wall) || result.GetValue(bare) || result.GetValue(level);
            if (other && (result.GetValue(asJson) || result.GetValue(caller)))
                result.AddError("--wall, --bare and --level cannot be combined with --caller or --json.");
            if (result.GetValue(wall) && result.GetValue(bare))
                result.AddError("--wall and --bare exclude each other.");
        });
        var files = new DumpFiles(context, command);
        command.SetAction(parsed => files.Use(parsed, vmcore =>
        {
            if (parsed.GetValue(asJson))
                LogView.Json(context.Output, vmcore);
            else if (parsed.GetValue(wall) || parsed.GetValue(bare) || parsed.GetValue(level))
                LogView.Text(context, vmcore, parsed.GetValue(wall), parsed.GetValue(bare), parsed.GetValue(level));
            else
                LogView.Text(context, vmcore, parsed.GetValue(caller));
            return ExitCode.Fine;
        }));
        return command;
    }
}
