using System.CommandLine;
using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Cli.Terminals;
using Kdump.Kernel.Expressions;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt vmcore print</c>: expressions.</summary>
internal static class VmcorePrintCommand
{
    public static Command Build(Context context)
    {
        // With its own parser: the library's parser for arrays uses reflection, which is slow to start.
        var expressions = new Option<string[]>("--expression", "-e")
        {
            Description = "The expression to print; may be given several times",
            HelpName = "EXPR",
            Required = true,
            AllowMultipleArgumentsPerToken = false,
            Arity = ArgumentArity.OneOrMore,
            CustomParser = static result => [.. result.Tokens.Select(t => t.Value)],
        };
        var style = new StyleOptions();
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var command = new Command("print",
            "Print variables, structs, lists and trees by C expressions; types come from the dump itself.\n\nExamples:\n" +
            "  kdt vmcore print vmcore -e init_task.comm -e 'task(1)->mm->total_vm'\n" +
            "  kdt vmcore print vmcore -e 'per_cpu(runqueues, 2).nr_running'\n" +
            "  kdt vmcore print vmcore -e 'list(init_task.tasks, struct task_struct, tasks).comm'\n" +
            "  kdt vmcore print vmcore -e 'where(tasks(), it->__state & 2)->comm'\n" +
            "  kdt vmcore print vmcore --flat -x -e '*module(\"ext4\")'\n\ndocs/expressions.md describes the language.")
            { expressions, json };
        style.AddTo(command);
        DumpFiles files = new DumpFiles(context, command).WithDebug(command);
        command.SetAction(parsed => files.Use(parsed, vmcore =>
        {
            Interpreter interpreter = context.Interpreter ?? Open(vmcore);
            ObjectsView view = new(context, vmcore, interpreter, style.Of(parsed, context.Radix));
            string[] all = parsed.GetValue(expressions)!;
            if (parsed.GetValue(json) ? view.Json(all) : view.Text(all))
                return ExitCode.Fine;
            return ExitCode.Failed;
        }));
        return command;
    }

    /// <summary>Creates an interpreter for a dump; its current task is the one that crashed.</summary>
    public static Interpreter Open(Kernel.Vmcore vmcore) =>
        new(vmcore, () => vmcore.Tasks.Need(vmcore.Dump.Name, "tasks"), () => vmcore.Crash.Task?.Address);
}
