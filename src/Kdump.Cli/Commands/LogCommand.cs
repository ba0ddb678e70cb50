using System.CommandLine;
using Kdump.Cli.Reports;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules;
using Kdump.Sources.Inputs;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt log PATH</c>: every crash and every boot of a kernel log.</summary>
internal static class LogCommand
{
    public static Command Build(Context context)
    {
        var path = new Argument<string>(
            "path") { Description = "Console log, dmesg, vmcore-dmesg.txt, pstore record, journal export …; - is standard input" };
        var json = new Option<bool>("--json") { Description = "Print boots, crashes and the dump's story as JSON" };
        var all =
            new Option<bool>("--all-frames") { Description = "Show whole stacks, with the frames that the unwinder could not confirm" };
        var harmless = new Option<bool>("--harmless")
        {
            Description = "List the messages that sound like trouble and are none, each with why",
        };
        var similar = new Option<string[]>("--similar")
        {
            Description = "Other logs, or folders of them: ranked by how alike their crashes are, and why", HelpName = "LOG",
                Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = true,
        };
        var command = new Command("log",
            "Every crash and every boot in a kernel log, however it was recorded, and how far the dump got.\n\nExamples:\n  kdt log " +
                "console.log\n  kdt log console.log --similar /var/log/fleet") { path, json, all, harmless, similar,
                LogDiffCommand.Build(context) };
        command.SetAction(parsed => Run(context, parsed.GetValue(path)!, parsed.GetValue(json), parsed.GetValue(all),
            parsed.GetValue(harmless), parsed.GetValue(similar) ?? []));
        return command;
    }

    private static int Run(Context context, string path, bool json, bool all, bool harmless, string[] others)
    {
        string name = path == "-" ? "(standard input)" : path;
        LogInput input = LogInput.Read(path, name, context.Input);
        if (input.Log is not { } log)
            return Refuse(context, name, input.Refusal!);
        if (input.Note is not null)
        {
            context.Error.WriteLine($"kdt: {Printable.Escape(name)}: {Printable.Escape(input.Note)}");
            log.Facts.Add(new PartlyRead(new Source(name, input.Note)));
        }
        if (!log.Recognised)
            return Refuse(context, name, $"{log.Lines} lines, and none of them is of a log that is known here");
        Verdict verdict = Verdict.From(log.Facts, RuleBook.All);
        IReadOnlyList<SimilarCrash> similar = others.Length == 0 ? [] : SimilarLogs.Of(log, others, context.Error);
        if (json)
            LogJson.Write(context.Output, log, verdict, similar);
        else
            new LogText(context.Output, context.Terminal, all).Write(log, verdict, others.Length == 0 ? null : similar);
        if (harmless && !json)
            HarmlessText.Write(context.Output, log.Facts);
        return ExitCode.Of(context, whole: input.Note is null, verdict);
    }

    private static int Refuse(Context context, string name, string why)
    {
        context.Error.WriteLine($"kdt: {Printable.Escape(name)}: {Printable.Escape(why)}");
        return ExitCode.Failed;
    }
}
