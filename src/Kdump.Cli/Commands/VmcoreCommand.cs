using System.CommandLine;
using Kdump.Cli.Reports;
using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Cli.Terminals;
using Kdump.Formats.Dumps;
using Kdump.Kernel;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt vmcore …</c>: a dump read with nothing but itself.</summary>
internal static class VmcoreCommand
{
    public static Command Build(Context context)
    {
        var command = new Command("vmcore",
            "Read a dump without vmlinux, debuginfo or network: log, stacks, tasks, interrupts, devices.\n\nExample: kdt vmcore bt " +
            "/var/crash/*/vmcore");
        command.Add(View(context, "info", "What the dump is, and which layers of it can be read", InfoView.Json, InfoView.Text));
        command.Add(View(context, "log", "The kernel log, as makedumpfile --dump-dmesg prints it", LogView.Json, LogView.Text));
        command.Add(VmcorePsCommand.Build(context));
        command.Add(VmcoreStacksCommand.Build(context));
        command.Add(View(context, "locks", "Who waits for whom: locks with holder and waiters, deadlocks first", LocksView.Json,
            LocksView.Text));
        command.Add(View(context, "irq", "Interrupts and vectors of the dead kernel, by CPU", IrqsView.Json, IrqsView.Text));
        command.Add(View(context, "modules", "Loaded modules", ModulesView.Json, ModulesView.Text));
        command.Add(View(context, "devices", "PCI devices with their drivers, as they were", DevicesView.Json, DevicesView.Text));
        command.Add(VmcoreMemoryCommand.Build(context));
        command.Add(VmcorePrintCommand.Build(context));
        command.Add(Verify(context));
        return command;
    }

    internal static Option<bool> JsonOption() => new("--json") { Description = "Print JSON" };

    private static Command View(Context context, string name, string what, Action<TextWriter, Vmcore> json, Action<Context, Vmcore> text)
    {
        Option<bool> asJson = JsonOption();
        var command = new Command(name, $"{what}.\n\nExample: kdt vmcore {name} vmcore") { asJson };
        var files = new DumpFiles(context, command);
        command.SetAction(parsed => files.Use(parsed, vmcore =>
        {
            if (parsed.GetValue(asJson))
                json(context.Output, vmcore);
            else
                text(context, vmcore);
            return ExitCode.Fine;
        }));
        return command;
    }

    private static Command Verify(Context context)
    {
        Option<bool> asJson = JsonOption();
        var command = new Command("verify",
            "Read every page and say which are damaged, and what they held.\n\nExample: kdt vmcore verify vmcore") { asJson };
        var files = new DumpFiles(context, command);
        command.SetAction(parsed => files.Use(parsed, vmcore =>
        {
            Dump dump = vmcore.Dump;
            PageCounts pages = dump.Count();
            VerificationResult result;
            // The bar is gone before the result is printed.
            using (var progress = new Progress(context, "verify", pages.Present + pages.Damaged))
                result = Verification.Run(dump, Environment.ProcessorCount, progress.At);
            if (parsed.GetValue(asJson))
                VerifyView.Json(context.Output, vmcore, result);
            else
                VerifyView.Text(context, vmcore, result);
            return result.Counts.Damaged > 0 || dump.Incomplete ? ExitCode.Found : ExitCode.Fine;
        }));
        return command;
    }
}
