using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;

namespace Kdump.Cli.Reports;

/// <summary><c>kdt log</c> as text: boots, crashes with their stacks, and how far the dump got.</summary>
internal sealed class LogText(TextWriter output, Terminal terminal, bool allFrames)
{
    /// <summary>Frames to show of a stack; the frames below them are usually only the entry into the kernel.</summary>
    private const int Frames = 8;

    /// <param name="similar">Null if --similar was not given.</param>
    public void Write(LogReading log, Verdict verdict, IReadOnlyList<SimilarCrash>? similar)
    {
        new VerdictText(output, terminal.Width, terminal.Colour, terminal.Words).Write(verdict);
        output.WriteLine();
        WriteBoots(log);
        if (log.Crashes.Count == 0)
            output.WriteLine(Of($"no crash in {Counted.Of(log.Lines, "line")}"));
        foreach (Crash crash in log.Crashes)
            Write(crash, log.IndexOf(crash.Boot));
        if (log.Dropped > 0)
            output.WriteLine(Of($"{Counted.Of(log.Dropped, "more report", "is", "are")} not shown (repetitions, " +
                $"or beyond the first {CrashLog.MaxCrashes})"));
        foreach (DumpStory dump in log.Dumps)
            Write(dump);
        if (similar is not null)
            Write(similar);
    }

    private void Write(IReadOnlyList<SimilarCrash> similar)
    {
        output.WriteLine();
        output.WriteLine(Of(similar.Count == 0 ? "similar: no other log has a crash like these"
            : "similar, the most similar crash of each log:"));
        foreach (SimilarCrash other in similar)
        {
            output.WriteLine(
                "   " +
                $"{other.Similarity.Score,4:0.00} {other.Similarity.Level,-6} {Printable.Escape(other.Input)}:{other.Theirs.FirstLine}: " +
                $"{Printable.Escape(other.Theirs.Title)}");
            output.WriteLine($"               as line {other.Ours.FirstLine}: {Printable.Escape(string.Join("; ", other.Similarity.Why))}");
        }
    }

    private void WriteBoots(LogReading log)
    {
        foreach (BootSpan span in log.Boots)
        {
            string who = span.Boot.Capture switch { true => "capture kernel", false => "kernel",
                _ => "kernel (first or capture kernel is not known)" };
            output.WriteLine(
                Of($"boot {log.IndexOf(span.Boot)}: " +
                $"{who} {Printable.Escape(span.Boot.Release ?? "of unknown release")}, lines {span.FirstLine}-{span.LastLine}"));
            if (span.Boot.Capture == true && span.Boot.CaptureEvidence is { } why)
                output.WriteLine($"   {Of($"because of line {why.Line}: ")}{Printable.Escape(Cut(why.Text.Trim(), terminal.Width))}");
        }
    }

    private void Write(Crash crash, int boot)
    {
        output.WriteLine();
        Coloured($"{crash.Title}", crash.Kind is "warning" or "lockdep" ? "33" : "31");
        string follows = crash.ConsequenceOf is { } cause ? $", follows from line {cause.FirstLine}" : "";
        output.WriteLine(
            "   " + Of($"{crash.Kind}{(crash.Requested ? ", requested" : "")}, " +
            $"lines {crash.FirstLine}-{crash.LastLine} of boot {Math.Max(0, boot)}{follows}; " +
            $"confidence {(int)Math.Round(crash.Confidence * 100)} %"));
        if (crash.Message is { } message)
            output.WriteLine($"   {Printable.Escape(message.Text.Trim())}");
        CrashContext c = crash.Context;
        string who = string.Join(", ", new[]
        {
            c.Comm is null ? null : $"task {c.Comm}{(c.Pid is null ? "" : $" ({c.Pid})")}",
            c.Cpu is null ? null : $"CPU {c.Cpu}",
            c.Workqueue is null ? null : $"work {c.Workqueue}",
            c.Release,
            c.Hardware,
        }.Where(t => t is not null));
        if (who.Length > 0)
            output.WriteLine($"   {Printable.Escape(who)}");
        foreach (string taint in Taints.InWords(c.Tainted))
            output.WriteLine($"   {Of("taint: ")}{Of(taint)}");
        if (crash.Access is { } access)
            output.WriteLine(
                $"   {access.Kind ?? "access"} at 0x{access.Address:x}{(access.Says is null ? "" : $": {Printable.Escape(access.Says)}")}");
        foreach (string doubt in crash.Doubts)
            output.WriteLine($"   {Of("caution: ")}{Printable.Escape(Of(doubt))}");
        IEnumerable<StackFrame> frames = allFrames ? crash.Frames
            : crash.Frames.Where(f => f.Reliable || crash.Frames.All(x => !x.Reliable)).Take(Frames);
        foreach (StackFrame frame in frames)
        {
            bool guilty = crash.Function is { } g && (frame.Function == g || frame.Function.EndsWith("_" + g, StringComparison.Ordinal));
            string where;
            if (frame.Offset < 0)
                where = "";
            else
                where = frame.Size < 0 ? $"+0x{frame.Offset:x}" : $"+0x{frame.Offset:x}/0x{frame.Size:x}";
            output.WriteLine(
                $"   {(guilty, frame.Reliable) switch { (true, _) => ">", (_, true) => " ", _ => "?" }} " +
                $"{Printable.Escape(frame.Function.Contains("::", StringComparison.Ordinal) ? frame.Function : frame.Name)}{where}" +
                    $"{(frame.Module is null ? "" : $" [{Printable.Escape(frame.Module)}]")}");
        }
        if (crash.Panic is { } panic && panic.Line != crash.FirstLine)
            output.WriteLine($"   {Of($"then, line {panic.Line}: ")}{Printable.Escape(Cut(panic.Text.Trim(), terminal.Width))}");
        output.WriteLine($"   signature {Printable.Escape(crash.Signature.Exact)}; class {Printable.Escape(crash.Signature.Class)}");
        if (crash.Repeats > 0)
            output.WriteLine($"   {Of($"and {Counted.Of(crash.Repeats, "repetition")}")}");
    }

    private void Write(DumpStory dump)
    {
        if (dump.Stage == DumpStage.None && dump.Reason is null)
            return;
        output.WriteLine();
        string saved = dump.Saved switch { true => "saved", false => "not saved", _ => dump.Attempted ? "outcome not known"
            : "the log shows none" };
        output.WriteLine(
            Of($"dump: {saved}") + (dump.Path is null ? "" : $" ({Printable.Escape(dump.Path)})") +
            (dump.Stage == DumpStage.None ? "" : Of($"; last step {DumpMark.NameOf(dump.Stage)}")));
        if (dump.Reason is not null)
            output.WriteLine($"   {Printable.Escape(Of(dump.Reason))}");
        foreach (DumpMark step in dump.Steps)
            output.WriteLine(
                $"   {step.Source.Line,6}  " +
                $"{DumpMark.NameOf(step.Stage),-24} {Printable.Escape(Cut(step.Source.Text.Trim(), terminal.Width - 34))}");
        foreach (Source source in dump.Evidence.Where(e => dump.Steps.All(s => s.Source.Line != e.Line)))
            output.WriteLine($"   {source.Line,6}  {"",-24} {Printable.Escape(Cut(source.Text.Trim(), terminal.Width - 34))}");
    }

    private string Of(string english) => terminal.Words.Of(english);

    private void Coloured(string text, string sgr) =>
        output.WriteLine(terminal.Colour ? $"\x1b[{sgr}m{Printable.Escape(text)}\x1b[0m" : Printable.Escape(text));

    private static string Cut(string text, int width) => text.Length <= width ? text : text[..Math.Max(10, width - 1)] + "…";
}
