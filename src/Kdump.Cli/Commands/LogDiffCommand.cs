using System.CommandLine;
using Kdump.Cli.Reports;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Compare;
using Kdump.Diagnosis.Model;
using Kdump.Sources.Inputs;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt log diff GOOD BAD</c>: compares two boots of one machine.</summary>
internal static class LogDiffCommand
{
    public static Command Build(Context context)
    {
        var good = new Argument<string>("good") { Description = "The log of a boot that worked; - is standard input" };
        var bad = new Argument<string>("bad") { Description = "The log of a boot that did not work; " +
            "if it has several boots, the longest is used" };
        var json = new Option<bool>("--json") { Description = "Print the differences as JSON" };
        var command = new Command("diff",
            "Compare a bad boot with a good boot of the same machine: the first driver line that differs, " +
                "new problems, missing devices, kernel, command line, firmware.\n\nExample: kdt log diff dmesg-6.5.txt dmesg-6.8.txt")
            { good, bad, json };
        command.SetAction(parsed => Run(context, parsed.GetValue(good)!, parsed.GetValue(bad)!, parsed.GetValue(json)));
        return command;
    }

    private static int Run(Context context, string good, string bad, bool json)
    {
        // Both are read, so that whatever is wrong with either is told.
        BootLog? readGood = Read(context, good, out bool cutGood), readBad = Read(context, bad, out bool cutBad);
        if (readGood is not { } first || readBad is not { } second)
            return ExitCode.Failed;
        IReadOnlyList<LogDifference> differences = LogDiff.Between(first, second);
        if (json)
            WriteJson(context.Output, first, second, differences);
        else
            WriteText(context.Output, first, second, differences);
        return cutGood || cutBad ? ExitCode.Failed : ExitCode.Fine;
    }

    /// <param name="cut">True if not all of the log could be read: then a missing line proves nothing.</param>
    private static BootLog? Read(Context context, string path, out bool cut)
    {
        string name = path == "-" ? "(standard input)" : path;
        BootLog? log = null;
        string? refusal, note;
        using (new ReadingProgress(context))
            refusal = LogInput.Open(path, context.Input, stream => log = BootLog.Read(name, stream), out note);
        cut = note is not null;
        if (note is not null)
            context.Error.WriteLine($"kdt: {Printable.Escape(name)}: {Printable.Escape(note)}");
        if (log is null)
            context.Error.WriteLine($"kdt: {Printable.Escape(name)}: {Printable.Escape(refusal ?? "contains no kernel message")}");
        return log;
    }

    private static string Of(BootLog log) =>
        $"{log.Boot.Input}: {log.Boot.Release ?? "a kernel of unknown release"}, {Counted.Of(log.Lines.Count, "line")}";

    private static void WriteText(TextWriter output, BootLog good, BootLog bad, IReadOnlyList<LogDifference> differences)
    {
        output.WriteLine(Printable.Escape($"good  {Of(good)}"));
        output.WriteLine(Printable.Escape($"bad   {Of(bad)}"));
        if (differences.Count == 0)
            output.WriteLine("no differences except those that any two boots have, " +
                $"in {Counted.Of(good.Lines.Count, "line")} and {Counted.Of(bad.Lines.Count, "line")}");
        foreach (LogDifference d in differences)
        {
            output.WriteLine(Printable.Escape($"[{d.Kind}] {d.What}"));
            foreach ((string side, Source? source) in new[] { ("good", d.Good), ("bad", d.Bad) })
            {
                if (source is not null)
                    output.WriteLine(Printable.Escape($"    {side,-4} | {source.Line}: {source.Text.Trim()}"));
            }
        }
    }

    private static void WriteJson(TextWriter output, BootLog good, BootLog bad, IReadOnlyList<LogDifference> differences) =>
        JsonText.Write(output, "kdt.log.diff/1", json =>
        {
            foreach ((string side, BootLog log) in new[] { ("good", good), ("bad", bad) })
            {
                json.WriteStartObject(side);
                json.WriteString("input", log.Boot.Input);
                json.WriteString("kernel", log.Boot.Release);
                json.WriteString("cmdline", log.Boot.CommandLine);
                json.WriteNumber("lines", log.Lines.Count);
                json.WriteEndObject();
            }
            json.WriteStartArray("differences");
            foreach (LogDifference d in differences)
            {
                json.WriteStartObject();
                json.WriteString("kind", d.Kind);
                json.WriteString("what", d.What);
                foreach ((string side, Source? source) in new[] { ("good", d.Good), ("bad", d.Bad) })
                {
                    if (source is null)
                        continue;
                    json.WriteStartObject(side);
                    json.WriteNumber("line", source.Line);
                    json.WriteString("text", source.Text);
                    json.WriteEndObject();
                }
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });
}
