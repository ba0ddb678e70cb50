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
            Description = "An expression to print; may be given several times",
            HelpName = "EXPR",
            AllowMultipleArgumentsPerToken = false,
            Arity = ArgumentArity.OneOrMore,
            CustomParser = static result => [.. result.Tokens.Select(t => t.Value)],
        };
        var style = new StyleOptions();
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var command = new Command("print",
            "Print variables, structs, lists and trees by C expressions; types come from the dump itself. " +
            "The words after the dump are one expression; -e takes several.\n\nExamples:\n" +
            "  kdt vmcore print vmcore 'task(1)->mm->total_vm'\n" +
            "  kdt vmcore print vmcore -e init_task.comm -e 'task(1)->mm->total_vm'\n" +
            "  kdt vmcore print vmcore -e 'per_cpu(runqueues, 2).nr_running'\n" +
            "  kdt vmcore print vmcore -e 'list(init_task.tasks, struct task_struct, tasks).comm'\n" +
            "  kdt vmcore print vmcore -e 'where(tasks(), it->__state & 2)->comm'\n" +
            "  kdt vmcore print vmcore --flat -x -e '*module(\"ext4\")'\n\ndocs/expressions.md describes the language.")
            { expressions, json };
        style.AddTo(command);
        DumpFiles files = new DumpFiles(context, command, "[EXPR]").WithDebug(command);
        // With -e every word is a file of the dump.
        command.SetAction(parsed => parsed.GetValue(expressions) is { Length: > 0 } given && context.Opened is null
            ? files.Use(parsed, vmcore => Print(vmcore, parsed, given))
            : files.Use(parsed, (vmcore, words) => Print(vmcore, parsed, [.. parsed.GetValue(expressions) ?? [], .. Joined(words)])));
        return command;

        int Print(Kernel.Vmcore vmcore, ParseResult parsed, string[] all)
        {
            if (all.Length == 0)
            {
                context.Error.WriteLine("kdt: print: expected an expression: kdt vmcore print vmcore init_task.comm");
                return ExitCode.Failed;
            }
            Interpreter interpreter = context.Interpreter ?? Open(vmcore);
            ObjectsView view = new(context, vmcore, interpreter, style.Of(parsed, context.Radix));
            if (parsed.GetValue(json) ? view.Json(all) : view.Text(all))
                return ExitCode.Fine;
            return ExitCode.Failed;
        }
    }

    /// <summary>The words after the dump are one expression, as those after p are in crash.</summary>
    private static string[] Joined(string[] words) => words.Length == 0 ? []
        : [Interpreter.PerCpuForm(string.Join(' ', words)) ?? string.Join(' ', words)];

    /// <summary>Creates an interpreter for a dump; its current task is the one that crashed.</summary>
    public static Interpreter Open(Kernel.Vmcore vmcore) =>
        new(vmcore, () => vmcore.Tasks.Need(vmcore.Dump.Name, "tasks"), () => vmcore.Crash.Task?.Address);
}
