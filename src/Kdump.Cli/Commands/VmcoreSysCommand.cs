using System.CommandLine;
using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Cli.Terminals;
using Kdump.Formats.Bytes;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt vmcore sys</c>: the system's state, and its kernel's configuration.</summary>
internal static class VmcoreSysCommand
{
    public static Command Build(Context context)
    {
        Option<bool> asJson = VmcoreCommand.JsonOption();
        var config = new Option<string?>("--config")
        {
            Description = "Print the kernel's built-in configuration, if it has one: options that contain this text, or all",
                HelpName = "TEXT",
        };
        var command = new Command("sys",
            "Show the system at the moment of the crash: uptime, load, tasks, command line, processor, taints.\n\nExamples:\n" +
            "  kdt vmcore sys vmcore\n  kdt vmcore sys --config KASAN vmcore") { config, asJson };
        command.Validators.Add(result =>
        {
            if (result.GetValue(asJson) && result.GetValue(config) is not null)
                result.AddError("--config cannot be combined with --json: it prints text only.");
        });
        var files = new DumpFiles(context, command);
        command.SetAction(parsed => files.Use(parsed, vmcore =>
        {
            if (parsed.GetValue(config) is { } pattern)
            {
                if (!SystemView.Config(context, vmcore, pattern))
                    throw new InputException(vmcore.Dump.Name, "--config", -1, $"no option's name contains '{pattern}'");
            }
            else if (parsed.GetValue(asJson))
                SystemView.Json(context.Output, vmcore);
            else
                SystemView.Text(context, vmcore);
            return UnreadText.OfKernel(vmcore);
        }));
        return command;
    }
}
