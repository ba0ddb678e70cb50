using System.CommandLine;
using Kdump.Cli.Reports;
using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Cli.Terminals;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt vmcore gcore</c>: writes a process of the crashed system as a core file for gdb and other tools.</summary>
internal static class VmcoreCoreCommand
{
    public static Command Build(Context context)
    {
        Option<int> pid = VmcoreProcessCommands.PidOption();
        Option<bool> asJson = VmcoreCommand.JsonOption();
        var to = new Option<string>("--output", "-o") { Description = "The core file to write", HelpName = "FILE", Required = true };
        var sysroot = new Option<string?>("--sysroot")
            { Description = "A copy of the machine's file tree: fills missing file-backed pages from files with the same build id",
                HelpName = "DIR" };
        var force = new Option<bool>("--force") { Description = "Replace an existing file" };
        var command = new Command("gcore",
            "Write a core of one process, for gdb, eu-stack and others. Pages that are not in the dump become holes and are reported.\n\n" +
            "Example: kdt vmcore gcore --pid 4711 -o core.4711 vmcore") { pid, to, sysroot, force, asJson };
        var files = new DumpFiles(context, command);
        command.SetAction(parsed => files.Use(parsed, vmcore =>
        {
            IReadOnlyList<string> inputs = files.Names(parsed);
            string path = parsed.GetValue(to)!;
            if (parsed.GetValue(sysroot) is { } root && !Directory.Exists(root))
                throw new InputException(root, "--sysroot", -1, "is not a folder");
            TaskStruct task = TaskByPid.Find(vmcore, parsed.GetValue(pid));
            using ProcessCore core = new(vmcore, task, vmcore.Tasks.Value!, vmcore.Registers, file =>
                SysrootFile.Open(parsed.GetValue(sysroot), file));
            Write(inputs, path, parsed.GetValue(force), core);
            if (parsed.GetValue(asJson))
                CoreView.Json(context.Output, vmcore, core, path);
            else
                CoreView.Text(context, vmcore, core, path);
            return ExitCode.Fine;
        }));
        return command;
    }

    /// <summary>Writes to a temporary file first, so that a core file is always complete, and never overwrites an input.</summary>
    private static void Write(IReadOnlyList<string> inputs, string path, bool force, ProcessCore core)
    {
        string full = Path.GetFullPath(path);
        if (File.Exists(full) || Directory.Exists(full))
        {
            if (!force)
                throw new InputException(path, "-o", -1, "exists already; --force replaces it");
            if (Directory.Exists(full) || inputs.Any(i => Real(i) == Real(full)))
                throw new InputException(path, "-o", -1, "is a folder or one of the inputs, and is not overwritten");
        }
        try
        {
            using WholeFile file = new(full, secret: true);
            core.Write(file.Stream);
            file.Done(replace: force);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(path, "-o", -1, FileKind.WhyNotWritten(e, path), e);
        }
    }

    private static string Real(string path) =>
        File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
}
