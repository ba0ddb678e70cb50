using System.CommandLine;
using System.CommandLine.Completions;
using Kdump.Cli.Reports;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Diagnosis.Rules;
using Kdump.Diagnosis.Times;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Expressions;
using Kdump.Sources.Cases;
using Kdump.Sources.Hosts;
using Kdump.Sources.Inputs;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt explain PATH…</c>: recognises every input by its content and joins all of them into one verdict.</summary>
internal static class ExplainCommand
{
    public static Command Build(Context context)
    {
        var paths = new Argument<string[]>("path")
        {
            Description = "Case folders, archives (tar, zip, 7z, rar, apport's .crash), console logs, dmesg, " +
                "dumps, captures of /proc/interrupts, lspci, traces, kernel configs, probe reports, compressed or not; - is standard input",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var json = new Option<bool>("--json") { Description = "Print the verdict as JSON" };
        Option<string?> page = PageOption.Of();
        Option<bool> verbose = AnswerOptions.Verbose(), quiet = AnswerOptions.Quiet(), redact = RedactOption.Of();
        var rule = new Option<string?>(
            "--rule") { Description = "Print the catalogue's entry for this finding (all: the whole catalogue, as docs/failures.md)",
            HelpName = "ID" };
        rule.CompletionSources.Add(_ => Entries.All.Select(e => new CompletionItem(e.Id, detail: e.Title))
            .Append(new CompletionItem("all", detail: "the whole catalogue")));
        Option<string> root = RootOption.Machine();
        root.HelpName = "DIR";
        root.Description = "Without PATH: look for the newest crash below this folder instead of on this machine; give an archive as PATH";
        var command = new Command("explain",
            "Join any mix of evidence into one verdict: what failed, why, and what to change.\n" +
            "\nExamples:\n  kdt explain                        this machine's newest crash\n  kdt explain console.log interrupts.txt\n" +
            "  kdt explain case/ -o report.html\n  kdt explain sosreport.tar.xz\n  journalctl -k | kdt explain --json -\n" +
            "  kdt explain --rule vector-exhaustion") { paths, root, json, page, verbose, quiet, redact, rule };
        command.Validators.Add(result =>
        {
            if (result.GetResult(root) is { Implicit: false } && result.GetValue(paths) is [_, ..])
                result.AddError("--root cannot be combined with a path: it says where to look for the newest crash");
        });
        command.SetAction(parsed => parsed.GetValue(rule) is { } id ? Show(context, id)
            : RedactOption.Run(context, parsed.GetValue(redact), parsed.GetValue(paths)!, to => Run(to, parsed.GetValue(paths)!,
                parsed.GetValue(root)!, parsed.GetValue(json), parsed.GetValue(page),
                AnswerOptions.Form(parsed.GetValue(verbose), parsed.GetValue(quiet)))));
        return command;
    }

    private static int Run(Context context, string[] paths, string root, bool json, string? page, AnswerForm form)
    {
        if (paths.Length == 0 && context.Terminal.Fed)
            context.Error.WriteLine("kdt: standard input is not read: give - as the path to have it read");
        NewestCrash? newest = paths.Length > 0 ? null : Newest(root);
        if (newest is { Taken.Count: 0 })
        {
            context.Error.WriteLine("kdt: no crash of this machine was found; these places were searched:");
            foreach (string line in newest.Looked.Concat(newest.Left))
                context.Error.WriteLine($"  {Printable.Escape(line)}");
            return ExitCode.Failed;
        }
        Case evidence = Read(context, paths, newest);
        bool any = evidence.Inputs.Any(i => i.Used);
        foreach (CaseInput input in evidence.Inputs.Where(i => i.Lacking || !any))
            context.Error.WriteLine($"kdt: {Printable.Escape(input.Path)}: {Printable.Escape(input.Note ?? input.Kind)}");
        if (!any)
            return ExitCode.Failed;
        // Worst first; machines that are equally bad stay in the order in which they were read.
        JudgedMachine[] machines =
        [
            .. evidence.Machines.Select(m => new JudgedMachine(m, context.Said(m.Judge(), json))).OrderByDescending(m => m.Worst),
        ];
        if (machines.All(m => m.Verdict.Findings.Count + m.Verdict.Unknowns.Count == 0) && !evidence.Inputs.Any(i => i.Judged))
        {
            foreach (CaseInput input in evidence.Inputs.Where(i => !i.Lacking))
                context.Error.WriteLine($"kdt: {Printable.Escape(input.Path)}: {input.Kind}: it could not show a problem; " +
                    "give a log, a dump, a table or the files of a machine");
            return ExitCode.Failed;
        }
        int code = Exit(context, evidence, machines);
        IReadOnlyList<CaseInput> inputs = evidence.Inputs;
        if (context.Names is { } names)
            (inputs, machines) = new RedactedCase(names, paths).Of(inputs, machines);
        Words words = json ? context.Terminal.DataWords : context.Terminal.Words;
        if (PageOption.Write(context, page, html => new ExplainHtml(html, words).Write(machines)))
            return code;
        if (json)
            ExplainJson.Write(context.Output, inputs, machines, newest);
        else if (form == AnswerForm.Quiet)
            WriteHeadlines(context, machines);
        else if (context.Terminal.Screen && form == AnswerForm.Usual)
            ExplainScreen.Write(context, inputs, machines, newest);
        else
            WriteText(context, inputs, machines, newest);
        return code;
    }

    private static Case Read(Context context, string[] paths, NewestCrash? newest)
    {
        using var progress = new ReadingProgress(context);
        return newest is null ? Case.Read(paths, context.Input)
            : Case.Read(newest.Taken.Where(t => t.Text is null).Select(t => t.Place), context.Input,
                texts: newest.Taken.Where(t => t.Text is not null).Select(t => (t.Place, t.Text!)));
    }

    private static int Exit(Context context, Case evidence, JudgedMachine[] machines) => ExitCode.Of(context,
        whole: !evidence.Inputs.Any(i => i.Lacking), Array.ConvertAll(machines, m => m.Verdict));

    private static void WriteHeadlines(Context context, JudgedMachine[] machines)
    {
        foreach (JudgedMachine m in machines)
            context.Output.WriteLine(Printable.Escape(
                machines.Length > 1 ? $"{m.Machine.Name}: {m.Verdict.Headline}" : m.Verdict.Headline));
    }

    private static NewestCrash Newest(string root) => Directory.Exists(root) ? CrashTraces.Newest(RootArgument.Open(root))
        : throw new InputException(root, "--root", -1, "is not a folder; give an archive of a machine as a path, without --root");

    private static int Show(Context context, string id)
    {
        if (id == "all")
            CataloguePage.Write(context.Output, context.Terminal.Words);
        else if (Entries.Find(id) is { } entry)
            CataloguePage.WriteOne(context.Output, entry, context.Terminal);
        else
        {
            string similar = string.Join(", ", Entries.Near(id).Take(8).Select(e => e.Id)),
                meant = Nearest.Hint(id, Entries.All.Select(e => e.Id).Append("all"));
            if (meant.Length == 0)
                meant = similar.Length == 0 ? "; --rule all prints the whole catalogue" : $"; similar: {similar}";
            context.Error.WriteLine($"kdt: --rule: the catalogue has no entry '{Printable.Escape(id)}'{meant}");
            return ExitCode.Failed;
        }
        return ExitCode.Fine;
    }

    private static void WriteText(Context context, IReadOnlyList<CaseInput> inputs, JudgedMachine[] machines, NewestCrash? newest)
    {
        Words words = context.Terminal.Words;
        if (machines.Length > 1)
        {
            context.Output.WriteLine(words.Of($"{Counted.Of(machines.Length, "machine")}, worst first:"));
            foreach (JudgedMachine m in machines)
                context.Output.WriteLine($"  {Printable.Escape(m.Machine.Name)}: {Printable.Escape(m.Verdict.Headline)}");
        }
        foreach (JudgedMachine m in machines)
        {
            if (machines.Length > 1)
            {
                context.Output.WriteLine();
                context.Output.WriteLine(Printable.Escape(
                    $"# {m.Machine.Name}{(m.Machine.Release is { } release ? $", kernel {release}" : "")}"));
                if (m.Machine.Doubt is { } doubt)
                    context.Output.WriteLine(doubt);
            }
            new VerdictText(context.Output, context.Terminal.Width, context.Terminal.Colour, context.Terminal.Words).Write(m.Verdict);
            TimelineText.Write(context.Output, Timeline.Of(m.Machine.Facts, m.Verdict), words);
        }
        context.Output.WriteLine();
        if (newest is not null)
        {
            context.Output.WriteLine(words.Of("newest crash:"));
            foreach (CrashTrace trace in newest.Taken)
                context.Output.WriteLine($"  {trace.Kind}: {Printable.Escape(trace.Place)}, {UtcTime.Minute(trace.Time)}");
            foreach (string line in newest.Left)
                context.Output.WriteLine($"  {words.Of("not used: ")}{Printable.Escape(line)}");
            foreach (string line in newest.Looked)
                context.Output.WriteLine($"  {words.Of("searched ")}{Printable.Escape(line)}");
            context.Output.WriteLine();
        }
        context.Output.WriteLine(words.Of("read:"));
        foreach (CaseInput input in inputs)
            context.Output.WriteLine(
                $"  {Printable.Escape(input.Path)}: {words.Of(input.Kind)}" +
                (input.Note is null ? "" : $" ({Printable.Escape(words.Of(input.Note))})"));
    }
}
