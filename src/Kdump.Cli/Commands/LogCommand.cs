using System.CommandLine;
using Kdump.Cli.Collect;
using Kdump.Cli.Reports;
using Kdump.Diagnosis;
using Kdump.Diagnosis.Crashes;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt log PATH</c>: every crash and every boot of a kernel log.</summary>
internal static class LogCommand
{
    public static Command Build(Context context)
    {
        var path = new Argument<string>("path") { Description = "Console log, dmesg, vmcore-dmesg.txt, pstore record, journal export …; - is standard input" };
        var json = new Option<bool>("--json") { Description = "Print boots, crashes and the dump's story as JSON" };
        var all = new Option<bool>("--all-frames") { Description = "Show whole stacks, with the frames that the unwinder could not confirm" };
        var command = new Command("log",
            "Every crash and every boot in a kernel log, however it was recorded, and how far the dump got.\n\nExample: kdt log console.log") { path, json, all };
        command.SetAction(parsed => Run(context, parsed.GetValue(path)!, parsed.GetValue(json), parsed.GetValue(all)));
        return command;
    }

    private static int Run(Context context, string path, bool json, bool all)
    {
        LogReading log;
        try
        {
            using Stream stream = path == "-" ? context.Input() : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            log = LogReading.Of(path, stream, TextParsers.Create());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            context.Error.WriteLine($"kdt: {Printable.Escape(path)}: {Printable.Escape(e.Message)}");
            return Kdt.Failed;
        }
        Verdict verdict = Verdict.From(log.Facts, RuleBook.All);
        if (json)
            LogJson.Write(context.Output, log, verdict);
        else
            new LogText(context.Output, context.Terminal, all).Write(log, verdict);
        return verdict.Bad ? Kdt.Found : Kdt.Fine;
    }
}
