using System.CommandLine;
using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Cli.Terminals;
using Kdump.Formats.Bytes;

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
        command.Validators.Add(result =>
        {
            if (result.GetValue(asJson) && result.GetValue(config) is not null)
                result.AddError("--config is text: it does not go with --json.");
        });
        var files = new DumpFiles(context, command);
        command.SetAction(parsed => files.Use(parsed, vmcore =>
        {
            if (parsed.GetValue(config) is { } pattern)
            {
                if (!SystemView.Config(context, vmcore, pattern))
                    throw new InputException(vmcore.Dump.Name, "--config", -1, $"no option has '{pattern}' in its name");
            }
            else if (parsed.GetValue(asJson))
                SystemView.Json(context.Output, vmcore);
            else
                SystemView.Text(context, vmcore);
            return ExitCode.Fine;
        }));
        return command;
    }
}
