using System.CommandLine;
using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Cli.Terminals;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt vmcore bt</c>: stacks of the selected tasks.</summary>
internal static class VmcoreStacksCommand
{
    public static Command Build(Context context)
    {
        Option<bool> asJson = VmcoreCommand.JsonOption();
        var all = new Option<bool>("--all") { Description = "All tasks; equal stacks are shown once" };
        Option<int?> cpu = Numbers.Whole("--cpu", "The task that ran on this CPU");
        Option<int?> pid = Numbers.Whole("--pid", "One thread");
        Option<string?> state = VmcorePsCommand.States();
        var group = new Option<bool>("--group") { Description = "Count equal stacks: one line per stack, the most frequent first" };
        var words = new Option<bool>("--words") { Description = "Below each frame the words of its stack, with what they point at" };
        var command = new Command("bt",
            "Print stacks: of the CPU that crashed, of one CPU or thread, of tasks in a state, or of all tasks.\n\n" +
            "Examples:\n  kdt vmcore bt vmcore\n" +
            "  kdt vmcore bt --state UN vmcore\n  kdt vmcore bt --group vmcore\n  kdt vmcore bt --all --json vmcore")
            { all, cpu, pid, state, group, words, asJson };
        command.Validators.Add(result =>
        {
            bool Given(Option option) => result.GetResult(option) is { Implicit: false };
            if (new Option[] { all, cpu, pid, state }.Count(Given) > 1)
                result.AddError("--all, --cpu, --pid and --state exclude each other.");
            if (Given(group) && (Given(cpu) || Given(pid)))
                result.AddError("--group requires --all or --state.");
            if (Given(words) && (Given(group) || Given(asJson)))
                result.AddError("--words cannot be combined with --group or --json.");
        });
        DumpFiles files = new DumpFiles(context, command).WithDebug(command);
        command.SetAction(parsed => files.Use(parsed, vmcore =>
        {
            string[] states = VmcorePsCommand.Split(parsed.GetValue(state));
            if (parsed.GetValue(group))
            {
                StackGroupsView groups = new(vmcore, states);
                if (parsed.GetValue(asJson))
                    groups.Json(context.Output);
                else
                    groups.Text(context);
                return ExitCode.Fine;
            }
            StacksView view;
            if (parsed.GetValue(all) || states.Length > 0)
                view = StacksView.OfAll(vmcore, states);
            else if (parsed.GetValue(pid) is int p)
                view = StacksView.OfTask(vmcore, p);
            else
                view = StacksView.OfCpu(vmcore, parsed.GetValue(cpu));
            if (parsed.GetValue(asJson))
                view.Json(context.Output);
            else
                view.Text(context, parsed.GetValue(words));
            return ExitCode.Fine;
        }));
        return command;
    }
}
