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
        string name = path == "-" ? "(standard input)" : path;
        LogReading log;
        try
        {
            if (path != "-" && (Directory.Exists(path) ? "a folder: give one log, or use kdt explain" : FileKind.Refusal(path)) is string refusal)
                return Refuse(context, name, refusal);
            using Stream stream = path == "-" ? context.Input() : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            var head = new byte[4096];
            ReadOnlyMemory<byte> first = head.AsMemory(0, stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false));
            using var whole = new Prepended(first, stream);
            if (Magic.IsGzip(first.Span))
            {
                using CappedText.Capped text = CappedText.Unpack(whole);
                log = LogReading.Of(name, text, TextParsers.Create());
                if (text.Note is not null)
                    context.Error.WriteLine($"kdt: {Printable.Escape(name)}: {Printable.Escape(text.Note)}");
            }
            else if (Magic.Of(first.Span) is { } magic)
                return Refuse(context, name, $"{magic.Kind}: {magic.Note}");
            else if (Magic.Utf16(first.Span) is bool bigEndian)
            {
                using Stream text = CappedText.FromUtf16(whole, bigEndian);
                log = LogReading.Of(name, text, TextParsers.Create());
            }
            else
                log = LogReading.Of(name, whole, TextParsers.Create());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            return Refuse(context, name, e.Message);
        }
        if (log.Binary && log.Boots.Count == 0)
            return Refuse(context, name, "binary data of no known format");
        Verdict verdict = Verdict.From(log.Facts, RuleBook.All);
        if (json)
            LogJson.Write(context.Output, log, verdict);
        else
            new LogText(context.Output, context.Terminal, all).Write(log, verdict);
        return verdict.Bad ? Kdt.Found : Kdt.Fine;
    }

    private static int Refuse(Context context, string name, string why)
    {
        context.Error.WriteLine($"kdt: {Printable.Escape(name)}: {Printable.Escape(why)}");
        return Kdt.Failed;
    }
}
