using System.CommandLine;
using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Cli.Reports;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Formats.Dumps;
using Kdump.Kernel;
using Kdump.Sources.Cases;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt vmcore …</c>: reads a dump without any other file.</summary>
internal static class VmcoreCommand
{
    public static Command Build(Context context)
    {
        var command = new Command("vmcore",
            "Read a dump without vmlinux, debuginfo or network: " +
            "log, stacks, tasks, interrupts, devices.\n\nExample: kdt vmcore bt /var/crash/*/vmcore");
        command.Add(Info(context));
        command.Add(VmcoreLogCommand.Build(context));
        command.Add(Report(context));
        command.Add(VmcorePsCommand.Build(context));
        command.Add(VmcoreStacksCommand.Build(context));
        command.Add(View(context, "locks", "List locks with holder and waiters, deadlocks first", LocksView.Json,
            LocksView.Text));
        command.Add(View(context, "runq", "List what each CPU ran and which tasks waited for it", RunQueuesView.Json, RunQueuesView.Text));
        command.Add(View(context, "workqueues", "List worker pools, what their workers run and what waits; stuck pools first",
            WorkQueuesView.Json,
            WorkQueuesView.Text));
        command.Add(VmcoreSignalsCommand.Build(context));
        command.Add(View(context, "ipc", "List shared memory, semaphores and message queues by namespace", IpcView.Json, IpcView.Text));
        command.Add(VmcoreSysCommand.Build(context));
        command.Add(View(context, "bpf", "List BPF programs and maps", BpfView.Json, BpfView.Text));
        command.Add(View(context, "cgroups", "List control groups with their resource usage", CgroupsView.Json, CgroupsView.Text));
        command.Add(View(context, "timers", "List pending timers and hrtimers, the next to fire first", TimersView.Json, TimersView.Text));
        command.Add(View(context, "irq", "List interrupts and vectors by CPU", IrqsView.Json, IrqsView.Text));
        command.Add(View(context, "modules", "List loaded modules", ModulesView.Json, ModulesView.Text));
        command.Add(View(context, "devices", "List PCI devices with their drivers", DevicesView.Json, DevicesView.Text));
        command.Add(VmcoreMemoryCommand.Build(context));
        command.Add(VmcorePrintCommand.Build(context));
        VmcoreProcessCommands.AddTo(command, context);
        command.Add(View(context, "swap", "List swap devices and their usage", SwapsView.Json, SwapsView.Text));
        command.Add(View(context, "block", "List disks, the devices below them, and unfinished requests", BlockView.Json, BlockView.Text));
        command.Add(VmcoreNetCommand.Build(context));
        command.Add(VmcoreCodeCommand.Build(context));
        command.Add(VmcoreCoreCommand.Build(context));
        if (context.Opened is null)
            command.Add(VmcoreClrCommand.Build(context));
        command.Add(View(context, "oom", "Show what used the memory: processes and memory cgroups", OomView.Json, OomView.Text));
        command.Add(VmcoreStructCommand.Build(context, "struct"));
        command.Add(VmcoreStructCommand.Build(context, "union"));
        command.Add(VmcoreStructCommand.Whatis(context));
        command.Add(VmcoreSymCommand.Build(context));
        command.Add(VmcoreReadCommand.Build(context));
        command.Add(VmcoreSearchCommand.Build(context));
        command.Add(VmcoreVtopCommand.Build(context));
        command.Add(Verify(context));
        if (context.Opened is null)
            command.Add(VmcoreShellCommand.Build(context));
        return command;
    }

    internal static Option<bool> JsonOption() => new("--json") { Description = "Print JSON" };

    private static Command Info(Context context)
    {
        DumpLoss? loss = null;
        return View(context, "info", "Show format, kernel, and which data (log, symbols, BTF, ORC) can be read",
            (output, vmcore) => InfoView.Json(output, vmcore, loss = DumpLoss.Of(vmcore.Dump)),
            (to, vmcore) => InfoView.Text(to, vmcore, loss = DumpLoss.Of(vmcore.Dump)),
            // A dump that is not whole is told, however much of it could be shown.
            vmcore => vmcore.Dump.Damages.Count > 0 || vmcore.Dump.Incomplete || loss is not null ? ExitCode.Found : ExitCode.Fine);
    }

    private static Command View(Context context, string name, string what, Action<TextWriter, Vmcore> json, Action<Context, Vmcore> text,
        Func<Vmcore, int>? code = null)
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
            return code?.Invoke(vmcore) ?? ExitCode.Fine;
        }));
        return command;
    }

    private static Command Report(Context context)
    {
        Option<bool> verbose = AnswerOptions.Verbose();
        Option<string?> output = PageOption.Of();
        Option<bool> redact = RedactOption.Of();
        bool whole = false, masked = false;
        string? page = null;
        Command command = View(context, "report", "Print one page with what matters first for this kind of crash",
            (_, vmcore) => Redacted(vmcore, to => ReportView.Json(to.Output, vmcore)),
            (_, vmcore) => Redacted(vmcore, to =>
            {
                if (page is not null)
                {
                    (Verdict verdict, Facts facts) = Explained(to, vmcore);
                    if (PageOption.Write(to, page, html => ReportView.Html(html, vmcore, verdict, facts, to.Terminal.Words)))
                        return;
                }
                if (to.Terminal.Screen && !whole)
                    ReportView.Screen(to, vmcore);
                else
                    ReportView.Text(to, vmcore);
            }), UnreadText.OfKernel);
        foreach (Option option in (Option[])[verbose, output, redact])
            command.Options.Add(option);
        command.Validators.Add(result => (whole, page, masked) = (result.GetValue(verbose), result.GetValue(output),
            result.GetValue(redact)));
        return command;

        // The picture of causes of the page; a split dump has no single file that could be explained.
        static (Verdict, Facts) Explained(Context to, Vmcore vmcore)
        {
            CaseMachine? machine = File.Exists(vmcore.Dump.Name) ? Case.Read([vmcore.Dump.Name], to.Input).Machines.FirstOrDefault() : null;
            Facts facts = machine?.Facts ?? new Facts();
            return (to.Said(machine?.Judge() ?? Verdict.From(facts, [])), facts);
        }

        void Redacted(Vmcore vmcore, Action<Context> write) => RedactOption.Run(context, masked, [vmcore.Dump.Name], to =>
        {
            if (to.Names is { } names && vmcore.NodeName is { } host)
                names.Learn(StandInKind.Host, host);
            write(to);
            return ExitCode.Fine;
        });
    }

    private static Command Verify(Context context)
    {
        Option<bool> asJson = JsonOption();
        var command = new Command("verify",
            "Read every page and report which are damaged, and what they contained.\n\nExample: kdt vmcore verify vmcore") { asJson };
        var files = new DumpFiles(context, command);
        command.SetAction(parsed => files.Use(parsed, vmcore =>
        {
            Dump dump = vmcore.Dump;
            PageCounts pages = dump.Count();
            VerificationResult result;
            // Remove the progress bar before the result is printed.
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
