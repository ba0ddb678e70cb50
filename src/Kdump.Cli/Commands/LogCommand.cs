using System.CommandLine;
using Kdump.Cli.Reports;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules;
using Kdump.Sources.Inputs;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt log PATH</c>: lists every crash and every boot in a kernel log.</summary>
internal static class LogCommand
{
    public static Command Build(Context context)
    {
        var path = new Argument<string>(
            "path") { Description = "Console log, dmesg, vmcore-dmesg.txt, pstore record, journal export …; - is standard input" };
        var json = new Option<bool>("--json") { Description = "Print boots, crashes and the progress of the dump as JSON" };
        var all =
            new Option<bool>("--all-frames") { Description = "Show whole stacks, including frames that the unwinder could not confirm " +
                "(marked ?)" };
        var harmless = new Option<bool>("--harmless")
        {
            Description = "List the messages that look like problems but are harmless, with the reason",
        };
        Option<bool> redact = RedactOption.Of();
        var similar = new Option<string[]>("--similar")
        {
            Description = "Compare PATH, which stands in front of it, with these logs or folders of logs: ranked by " +
                "similarity of their crashes, with the reason",
                HelpName = "LOG",
                Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = true,
        };
        var command = new Command("log",
            "List every crash and every boot in a kernel log of any format, and how far the dump got.\n" +
                "\nExamples:\n  kdt log console.log\n  kdt log console.log --similar /var/log/fleet")
        { path, json, all, harmless, redact, similar, LogDiffCommand.Build(context) };
        command.SetAction(parsed => RedactOption.Run(context, parsed.GetValue(redact), [parsed.GetValue(path)!,
            .. parsed.GetValue(similar) ?? []], to => Run(to, parsed.GetValue(path)!, parsed.GetValue(json), parsed.GetValue(all),
            parsed.GetValue(harmless), parsed.GetValue(similar) ?? [])));
        return command;
    }

    private static int Run(Context context, string path, bool json, bool all, bool harmless, string[] others)
    {
        string name = path == "-" ? "(standard input)" : path;
        LogInput input = Read(context, path, name);
        if (input.Log is not { } log)
            return Refuse(context, name, input.Refusal!);
        if (input.Note is not null)
        {
            context.Error.WriteLine($"kdt: {Printable.Escape(name)}: {Printable.Escape(input.Note)}");
            log.Facts.Add(new PartlyRead(new Source(name, input.Note)));
        }
        if (log.Recognised && !log.Facts.Any<LinesRead>())
            log.Facts.Add(new LinesRead(new Source(name, ""), log.Lines, Math.Max(1, log.Boots.Count)));
        Verdict verdict = context.Said(Verdict.From(log.Facts, RuleBook.All), json);
        // A pasted table may show a problem, too; but a table without one does not prove that no crash happened.
        if (!log.Recognised && verdict.Findings.Count == 0)
            return Refuse(context, name, TextInput.NoneOf(log.Lines, "a line of a kernel log") +
                (log.Other is { } kind ? $" (it has {kind}: kdt explain reads it)" : ""));
        IReadOnlyList<SimilarCrash> similar = others.Length == 0 ? [] : SimilarLogs.Of(log, others, context.Error);
        foreach (SimilarCrash other in similar)
            context.Names?.Path(other.Input, others.FirstOrDefault(o => other.Input.StartsWith(o, StringComparison.Ordinal)));
        if (json)
            LogJson.Write(context.Output, log, verdict, similar);
        else
            new LogText(context.Output, context.Terminal, all).Write(log, verdict, others.Length == 0 ? null : similar);
        if (harmless && !json)
            HarmlessText.Write(context.Output, log.Facts);
        return ExitCode.Of(context, whole: input.Note is null, verdict);
    }

    private static LogInput Read(Context context, string path, string name)
    {
        using var progress = new ReadingProgress(context);
        return LogInput.Read(path, name, context.Input);
    }

    private static int Refuse(Context context, string name, string why)
    {
        context.Error.WriteLine($"kdt: {Printable.Escape(name)}: {Printable.Escape(why)}");
        return ExitCode.Failed;
    }
}
