using System.CommandLine;
using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Cli.Terminals;
using Kdump.Kernel;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt vmcore files</c> and <c>kdt vmcore vm</c>: views of one process.</summary>
internal static class VmcoreProcessCommands
{
    public static void AddTo(Command command, Context context)
    {
        command.Add(Build(context, "files", "List the open files of a process, with names of sockets and pipes", FilesView.Json,
            FilesView.Text));
        command.Add(Build(context, "vm", "List the memory areas of a process, and how much of each was in memory", AreasView.Json,
            AreasView.Text));
        command.Add(MountsOf(context));
    }

    internal static Option<int> PidOption() => Numbers.Needed("--pid", "The process, or one of its threads");

    private static Command Build(Context context, string name, string what, Action<TextWriter, Vmcore, int> json,
        Action<Context, Vmcore, int> text)
    {
        Option<int> pid = PidOption();
        Option<bool> asJson = VmcoreCommand.JsonOption();
        var command = new Command(name, $"{what}.\n\nExample: kdt vmcore {name} --pid 1 vmcore") { pid, asJson };
        var files = new DumpFiles(context, command);
        command.SetAction(parsed => files.Use(parsed, vmcore =>
        {
            if (parsed.GetValue(asJson))
                json(context.Output, vmcore, parsed.GetValue(pid));
            else
                text(context, vmcore, parsed.GetValue(pid));
            return ExitCode.Fine;
        }));
        return command;
    }

    private static Command MountsOf(Context context)
    {
        Option<int?> pid = Numbers.Whole("--pid", "Use the mount namespace of this thread (default: process 1)");
        Option<bool> asJson = VmcoreCommand.JsonOption();
        var command = new Command("mounts", "List mounts and file systems: types, devices, flags, whether frozen or dirty.\n\n" +
            "Example: kdt vmcore mounts vmcore") { pid, asJson };
        var files = new DumpFiles(context, command);
        command.SetAction(parsed => files.Use(parsed, vmcore =>
        {
            if (parsed.GetValue(asJson))
                MountsView.Json(context.Output, vmcore, parsed.GetValue(pid));
            else
                MountsView.Text(context, vmcore, parsed.GetValue(pid));
            return ExitCode.Fine;
        }));
        return command;
    }
}
