using System.CommandLine;
using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Cli.Terminals;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt vmcore sys</c>: the machine as it was, and its kernel's configuration.</summary>
internal static class VmcoreSysCommand
{
    public static Command Build(Context context)
    {
        Option<bool> asJson = VmcoreCommand.JsonOption();
        var config = new Option<string?>("--config")
        {
            Description = "The kernel's own configuration, where it carries one: options with this text in them, or all", HelpName = "TEXT",
        };
        var command = new Command("sys",
            "The machine at the moment it died: uptime, load, tasks, command line, processor, taints.\n\nExamples:\n" +
            "  kdt vmcore sys vmcore\n  kdt vmcore sys --config KASAN vmcore") { config, asJson };
        var files = new DumpFiles(context, command);
        command.SetAction(parsed => files.Use(parsed, vmcore =>
        {
            if (parsed.GetValue(config) is { } pattern)
                SystemView.Config(context, vmcore, pattern);
            else if (parsed.GetValue(asJson))
                SystemView.Json(context.Output, vmcore);
            else
                SystemView.Text(context, vmcore);
            return ExitCode.Fine;
        }));
        return command;
    }
}
