using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Diagnosis.Text;

namespace Kdump.Cli.Reports;

/// <summary>
/// A verdict in short: worst first; for each finding its reason, one fix with its undo, and one line of evidence. Notices take one
/// line each.
/// </summary>
internal sealed class ScreenText(TextWriter output, Terminal terminal)
{
    private readonly Words words = terminal.Words;
    public void Write(Verdict verdict)
    {
        Wrap("", verdict.Headline, "1");
        foreach (Finding finding in verdict.Findings.Where(f => f.Severity >= Severity.Warning))
            Write(finding, verdict);
        Finding[] notes = [.. verdict.Findings.Where(f => f.Severity < Severity.Warning)];
        if (notes.Length > 0)
            output.WriteLine();
        foreach (Finding note in notes)
            Wrap(words.Of("info: "), $"{note.Title}  [{note.Id}]", "33");
        if (verdict.Unknowns.Count > 0)
            output.WriteLine();
        foreach (Unknown unknown in verdict.Unknowns)
        {
            Wrap(words.Of("unknown: "), unknown.Question, "33");
            Wrap($"  {words.Of("to find out: ")}", unknown.Settle, null);
        }
        int more = verdict.Findings.Sum(f => f.Severity < Severity.Warning ? f.Fixes.Count : Math.Max(0, f.Fixes.Count - 1));
        if (more > 0)
        {
            output.WriteLine();
            output.WriteLine(words.Of($"-v shows {more} more {(more == 1 ? "fix" : "fixes")}, and all the evidence"));
        }
    }

    private void Write(Finding finding, Verdict verdict)
    {
        output.WriteLine();
        Wrap(words.Of($"{VerdictJson.NameOf(finding.Severity)}: "), $"{finding.Title}  [{finding.Id}]", finding.Severity >= Severity.Error
            ? "31"
            : "33");
        Wrap("   ", finding.Why, null);
        if (finding.CausedBy.Count > 0)
            Wrap($"   {words.Of("because: ")}", string.Join("; ",
                verdict.Findings.Where(f => finding.CausedBy.Contains(f.Ref)).Select(f => f.Title)),
                null);
        // A finding with a cause gets no fix here: the fix is printed at the cause.
        if (finding.CausedBy.Count == 0 && finding.Fixes is [var fix, ..])
        {
            Wrap($"   {words.Of("fix: ")}", fix.Text, "32");
            if (fix.Command is not null)
                output.WriteLine($"        $ {Printable.Escape(fix.Command)}");
            if (fix.Risk is not null)
                Wrap($"        {words.Of("caution: ")}", fix.Risk, null);
            if (fix.Undo is not null)
                output.WriteLine($"        {words.Of("undo: ")}$ {Printable.Escape(fix.Undo)}");
        }
        if (finding.Evidence is [var source, ..])
            output.WriteLine($"   | {Printable.Escape(source.Place)}: {Printable.Escape(source.Text.Trim())}");
    }

    private void Wrap(string first, string text, string? sgr)
    {
        string start = terminal.Colour && sgr is not null ? $"\x1b[{sgr}m" : "", stop = start.Length > 0 ? "\x1b[0m" : "", prefix = first;
        ReadOnlySpan<char> left = Printable.Escape(text).AsSpan().Trim();
        do
        {
            int room = Math.Max(20, terminal.Width - Columns.Of(prefix));
            int cut = Columns.Of(left) <= room ? left.Length : Columns.Break(left, room - 1);
            if (cut <= 0)
                cut = Columns.FirstBreak(left);
            output.WriteLine($"{prefix}{start}{left[..cut]}{stop}");
            left = left[cut..].TrimStart();
            prefix = new string(' ', Columns.Of(first));
        }
        while (!left.IsEmpty);
    }
}
