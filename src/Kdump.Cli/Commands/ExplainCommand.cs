using System.CommandLine;
using Kdump.Cli.Collect;
using Kdump.Cli.Reports;
using Kdump.Diagnosis;
using Kdump.Diagnosis.Reports;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt explain PATH…</c>: every input recognised by content, one verdict.</summary>
internal static class ExplainCommand
{
    public static Command Build(Context context)
    {
        var paths = new Argument<string[]>("path") { Description = "Case folders, console logs, dmesg, captures of /proc/interrupts, traces, probe reports …; - is standard input", Arity = ArgumentArity.OneOrMore };
        var json = new Option<bool>("--json") { Description = "Print the verdict as JSON" };
        var command = new Command("explain",
            "Join any mix of evidence into one verdict: what failed, why, and what to change.\n\nExample: kdt explain console.log interrupts.txt") { paths, json };
        command.SetAction(parsed => Run(context, parsed.GetValue(paths)!, parsed.GetValue(json)));
        return command;
    }

    private static int Run(Context context, string[] paths, bool json)
    {
        Case evidence = Case.Read(paths, context.Input);
        foreach (CaseInput input in evidence.Inputs.Where(i => i.Unreadable))
            context.Error.WriteLine($"kdt: {Printable.Escape(input.Path)}: {Printable.Escape(input.Note ?? "unreadable")}");
        if (evidence.Inputs.All(i => i.Unreadable))
            return Kdt.Failed;
        Verdict verdict = Verdict.From(evidence.Facts, RuleBook.All);
        if (json)
            ExplainJson.Write(context.Output, evidence, verdict);
        else
            WriteText(context, evidence, verdict);
        return verdict.Bad ? Kdt.Found : Kdt.Fine;
    }

    private static void WriteText(Context context, Case evidence, Verdict verdict)
    {
        new VerdictText(context.Output, context.Terminal.Width, context.Terminal.Colour).Write(verdict);
        context.Output.WriteLine();
        context.Output.WriteLine("read:");
        foreach (CaseInput input in evidence.Inputs)
            context.Output.WriteLine($"  {Printable.Escape(input.Path)}: {input.Kind}{(input.Note is null ? "" : $" ({Printable.Escape(input.Note)})")}");
    }
}
