using System.CommandLine;
using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Cli.Terminals;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt vmcore ps</c>: lists tasks, filtered and sorted.</summary>
internal static class VmcorePsCommand
{
    public static Command Build(Context context)
    {
        Option<bool> asJson = VmcoreCommand.JsonOption();
        Option<string?> state = States();
        Option<int?> pid = Numbers.Whole("--pid", "Only this process with its threads");
        var processes = new Option<bool>("--processes") { Description = "One line per process, with the number of its threads" };
        var tree = new Option<bool>("--tree") { Description = "Show processes below their parents" };
        var args = new Option<bool>("--args") { Description = "Show the arguments of each process, if the dump has that page" };
        var env = new Option<bool>("--env") { Description = "Show the initial environment of each process" };
        var cgroup = new Option<bool>("--cgroup") { Description = "Show control group, container and pod" };
        var sort = new Option<string?>("--sort") { Description = $"Sort by one of: {string.Join(", ", TasksView.Keys)}", HelpName = "KEY" };
        sort.AcceptOnlyFromAmong(TasksView.Keys);
        var command = new Command("ps",
            "List all tasks: state, time since the last run, scheduling class, owner, resident memory.\n\nExamples:\n" +
            "  kdt vmcore ps vmcore\n  kdt vmcore ps --state UN --sort since vmcore\n  kdt vmcore ps --processes --sort rss --args vmcore")
            { state, pid, processes, tree, args, env, cgroup, sort, asJson };
        var files = new DumpFiles(context, command);
        command.SetAction(parsed => files.Use(parsed, vmcore =>
        {
            TasksView view = new(vmcore, new TaskChoice
            {
                States = Split(parsed.GetValue(state)),
                Pid = parsed.GetValue(pid),
                Processes = parsed.GetValue(processes),
                Tree = parsed.GetValue(tree),
                Arguments = parsed.GetValue(args),
                Environment = parsed.GetValue(env),
                Groups = parsed.GetValue(cgroup),
                Sort = parsed.GetValue(sort),
            });
            if (parsed.GetValue(asJson))
                view.Json(context.Output);
            else
                view.Text(context);
            return ExitCode.Fine;
        }));
        return command;
    }

    internal static Option<string?> States()
    {
        var option = new Option<string?>("--state")
        {
            Description = "Only tasks in these states: RU, IN, UN, ID, ST, TR, PA, ZO, DE, NE, WA", HelpName = "ST[,ST…]",
        };
        option.Validators.Add(result =>
        {
            foreach (string state in Split(result.GetValueOrDefault<string?>()))
                if (!Known.Contains(state, StringComparer.OrdinalIgnoreCase))
                    result.AddError($"--state: '{state}' is not one of {string.Join(", ", Known)}.");
        });
        return option;
    }

    internal static string[] Split(string? states) =>
        states?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    private static readonly string[] Known = ["RU", "IN", "UN", "ID", "ST", "TR", "PA", "ZO", "DE", "NE", "WA", "??"];
}
