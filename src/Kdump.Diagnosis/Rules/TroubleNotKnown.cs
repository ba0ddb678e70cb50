using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Rules.Dumps;
using Kdump.Diagnosis.Speakers;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Rules;

/// <summary>
/// Lines that report a problem and that no other rule recognises: which driver or program printed them, about what, how often and
/// when, with the most informative lines. They cannot be explained, but must not be ignored either.
/// </summary>
public sealed class TroubleNotKnown : Rule
{
    /// <summary>Maximum number of devices reported, and of lines quoted in total.</summary>
    private const int MaxTold = 3, MaxQuoted = 5;

    /// <summary>A text of more lines is no piece; so many lines of one speaker are not by chance in it.</summary>
    private const int LinesOfPiece = 150, LeastOfPiece = 3;

    /// <summary>In so few lines a place of the kernel is what the text is about.</summary>
    private const int ShortPiece = 40;

    /// <summary>Characters of a line that are quoted.</summary>
    private const int MostSaid = 90;

    /// <summary>A program gives its reason at the end of its line.</summary>
    private const int MostReason = 160;

    public override string Id => "trouble-not-known";

    public override Entry Entry => new(Id, "lines report a problem that no rule recognises")
    {
        Area = Area.Crashing,
        Signature = ["nvme …: …failed…", "XFS (…): …corruption…"],
        Cause = "A driver, a file system or a program reports a failure in a wording that no rule recognises. " +
            "It is reported as an unknown: which part printed it, how often, and what to collect to find out more.",
        Origin = "the messages of drivers; see `kdt log --harmless` for the harmless ones",
    };

    public override IEnumerable<Opinion> Judge(Facts facts) => [];

    public override Finding Revise(Finding finding, Facts facts) => DuringStep.Of(FixesThatFit.Of(finding, facts), facts);

    public override IEnumerable<Opinion> JudgeRest(Facts facts, IReadOnlyList<Opinion> said)
    {
        var told = new TroubleTold(facts, said);
        // If an error is explained already, report only lines that no healthy machine prints.
        // So does a dump that was saved: what a crash kernel goes without did not matter.
        bool explained = said.OfType<Finding>().Any(f => f.Severity >= Severity.Error || f.Id == "dump-saved");
        List<HardwareReport> reports = [.. facts.Of<HardwareReport>()];
        TroubleLines[] left = [.. facts.Of<TroubleLines>()
            .Where(t => !t.Faint && (!explained || (t.Gravity == Gravity.Grave && t.Speaker.Name.Length > 0)) && !Passing(t) &&
                !told.Holds(t) && !OfTasks(t, facts) && !OfTold(t, said) && !t.Lines.All(l => reports.Exists(r => r.Holds(l))))
            .OrderByDescending(Weight).ThenBy(t => t.Source.Input, StringComparer.Ordinal).ThenBy(t => t.Source.Line)];
        if (left.Length == 0 && !said.Any(o => o is Unknown || o is Finding { Severity: > Severity.Info }))
            left = Excerpt(facts);
        // The session of a shell names the program, where the lines themselves do not.
        PastedTrouble[] pasted = said.Count > 0 || left.Any(t => t.Speaker.Name.Length > 0) ? []
            : [.. facts.Of<PastedTrouble>().Take(MaxQuoted)];
        if (pasted.Length > 0 && (left.Length == 0 || pasted.Any(p => p.Who is not null)))
        {
            left = [];
            yield return Of(pasted);
        }
        if (said.Count == 0 && OfStack(facts) is { } stack)
        {
            yield return stack;
            yield break;
        }
        if (left.Length == 0 && pasted.Length == 0 && said.Count == 0 && Piece(facts) is { } piece)
            yield return piece;
        TroubleLines[] waiting = [.. left.Where(OnlyDependencies.Are)];
        if (waiting.Length > 0)
        {
            yield return OnlyDependencies.Of(waiting);
            left = [.. left.Except(waiting)];
        }
        left = [.. left.Select(t => UnitReason.Of(t, facts) ?? t).Distinct()];
        TroubleLines[] shown = [.. left.Take(MaxTold)];
        var beside = new List<Source>();
        for (int i = 0; i < shown.Length; i++)
        {
            if (KdumpProgramFailed.LineOf(shown[i], facts) is { } reason)
            {
                yield return KdumpProgramFailed.Of(shown[i], reason, KdumpProgramFailed.Behind(reason.Plain) is { } own
                    ? $": \"{Printable.Quoted(own, MostReason)}\"" : Words(shown[i] with { Source = reason }, MostReason));
                beside.Add(reason);
                continue;
            }
            // What a command that it ran said about the same.
            if (!shown[i].Speaker.Kind.Listed && beside.Exists(b => shown[i].Lines.All(l => l.Input == b.Input && b.Line - l.Line is > 0
                and <= 3)))
                continue;
            int lines = i == 0 ? MaxQuoted - (shown.Length - 1) : 1;
            string more = i == shown.Length - 1 && left.Length > shown.Length ?
            $"; {Counted.Of(left.Length - shown.Length, "more speaker", "reports", "report")} problems as well" : "";
            yield return new Unknown(Question(shown[i]) + more, Settle(shown[i])) { Evidence = [.. shown[i].Lines.Take(lines)] };
        }
    }

    /// <summary>The heading of a stack in the kernel's own list of blocked tasks, which somebody asked for: no report of a crash.</summary>
    private static bool OfTasks(TroubleLines t, Facts facts) =>
        t.Lines.All(l => l.Plain.TrimEnd().EndsWith("Call Trace:", StringComparison.Ordinal)) &&
        facts.Of<PastedStack>().Any(s => s.By == "kernel" && s.Pid >= 0 && s.Source.Input == t.Source.Input);

    private static readonly string[] StackHeads = ["Call Trace:", "Call trace:", "Backtrace:"];

    /// <summary>Only headings of stacks, each just below a line that a finding quotes: its stack.</summary>
    private static bool OfTold(TroubleLines t, IReadOnlyList<Opinion> said)
    {
        const int Below = 15;
        return t.Lines.All(l => Array.Exists(StackHeads, h => l.Plain.TrimEnd().EndsWith(h, StringComparison.Ordinal)) &&
            said.OfType<Finding>().Any(f => f.Evidence.Any(e => e.Input == l.Input && l.Line - e.Line is > 0 and <= Below)));
    }

    /// <summary>
    /// Most of the lines are frames of a stack: somebody copied a piece of a report. What was reported stands above it.
    /// </summary>
    private static Unknown? OfStack(Facts facts)
    {
        StackPiece? piece = facts.Of<StackPiece>().FirstOrDefault(s => facts.Of<LinesRead>().Any(l => l.Source.Input == s.Source.Input &&
            (s.Lines * 2 >= l.Lines || (s.Place && l.Lines <= ShortPiece))));
        if (piece is null || facts.Any<Crash>() || (piece.Place && facts.Any<NmiBacktrace>()))
            return null;
        string module = piece.Module is { } name ? $" of {name}" : "";
        return new Unknown(piece.Place ? $"what was reported above these lines: the CPU was in {piece.First}(){module}"
            : $"what was reported above this piece of a kernel's stack ({Counted.Of(piece.Lines, "frame")}, with {piece.First}(){module})",
            "the lines above the stack: they say whether the kernel crashed, warned, or reported a task that hangs")
        {
            Evidence = [piece.Source],
        };
    }

    /// <summary>
    /// A log that is only a piece may lack lines about trouble. Null: it is whole. Words that a speaker uses for minor things too are
    /// no proof of trouble, but somebody pasted them: they are quoted.
    /// </summary>
    private static Unknown? Piece(Facts facts)
    {
        const string Settling = "the whole log (journalctl -k -b; of the boot before: -b -1)";
        long lines = facts.Of<LinesRead>().Sum(l => l.Lines);
        if (lines == 0 || facts.Boots.Any(b => b.Begins))
            return null;
        string piece = $"the log has {Counted.Of(lines, "line")} and not the beginning of a boot";
        if (facts.Of<TroubleLines>().Where(t => IsChosen(t) && !OfTasks(t, facts)).MaxBy(Weight) is { } faint)
        {
            return new Unknown($"whether {Who(faint)} is in trouble{Words(faint)}{ByItsWords(faint.Source)}: healthy machines print " +
                $"such lines too, and {piece}", Settling)
            {
                // Whoever selects so many of its lines, and little else, means them. One line may be there by chance.
                Evidence = faint.Count >= LeastOfPiece && faint.Count * 2 >= faint.Among ? [.. faint.Lines.Take(MaxQuoted)] : [],
            };
        }
        if (facts.Of<HarmlessLines>() is [var known, ..] &&
            (lines <= PastedTrouble.Few || facts.Of<HarmlessLines>().Sum(h => h.Count) * 2 >= lines))
        {
            string words = WordsBefore.Said(known.Source, MostSaid);
            return new Unknown($"whether anything else is wrong: \"{words}\" is harmless by itself " +
                $"({known.Message.Why.TrimEnd('.')}), and {piece}", Settling);
        }
        return new Unknown($"what the kernel reported before and after: {piece}", Settling);
    }

    /// <summary>One of few lines, or half of a piece's lines: they are why somebody made the piece.</summary>
    private static bool IsChosen(TroubleLines t) => t.Among <= PastedTrouble.Few || (t.Count >= LeastOfPiece && t.Count * 2 >= t.Among &&
        t.Among <= LinesOfPiece);

    private static Opinion Of(PastedTrouble[] pasted)
    {
        PastedTrouble first = pasted.FirstOrDefault(p => p.Ended) ?? pasted[0];
        Source[] lines = [.. pasted.Select(p => p.Source)];
        string words = Short(first.Source.Plain.Trim());
        foreach (PastedTrouble line in pasted.OrderByDescending(p => p.Ended))
        {
            if (KdumpProgramFailed.Of(line, lines, $": \"{Short(Bare(line))}\"") is { } finding)
                return finding;
        }
        return new Unknown((first.Who is not { } who ? "why this is said" : $"why {who} says this") +
            $": \"{words}\"{ByItsWords(first.Source)}: no rule recognises " +
            (lines.Length == 1 ? "this line" : "these lines") + (first.Who is null ? ", and it is not known who says it" : ""),
            "the log from which it was taken, " +
            "whole and as a file (journalctl -b, dmesg, the console from its first line), and what was done just before")
        {
            Evidence = lines,
        };
    }

    /// <summary>The line without the names and the word of its level, which the title says.</summary>
    private static string Bare(PastedTrouble line)
    {
        string said = line.Source.Plain.Trim();
        if (PastedTrouble.WhoSays(said) is null && PastedTrouble.Inside(said) is { Name: not null } inside)
            return inside.Said;
        foreach (string start in new[] { $"{line.Who}: ", "error: ", "fatal: ", "fatal error: " })
        {
            if (said.StartsWith(start, StringComparison.OrdinalIgnoreCase))
                said = said[start.Length..].TrimStart();
        }
        return said;
    }

    /// <summary>
    /// From an excerpt in which nothing else tells of trouble: lines of failure that one speaker repeats are the reason why a
    /// person made the excerpt.
    /// </summary>
    private static TroubleLines[] Excerpt(Facts facts)
    {
        HashSet<string> pieces = [.. facts.Of<LinesRead>().Where(l => l.Lines <= LinesOfPiece).Select(l => l.Source.Input)];
        return [.. facts.Of<TroubleLines>().Where(t => t.Faint && !t.Slight &&
            ((t.Count >= LeastOfPiece && !t.Passing && pieces.Contains(t.Source.Input)) ||
            (t.Among <= PastedTrouble.Few && (t.Passing || t.Speaker.Program))))
            .OrderByDescending(Weight).ThenBy(t => t.Source.Input, StringComparer.Ordinal).ThenBy(t => t.Source.Line)];
    }

    /// <summary>
    /// True for a single line from a speaker that no server depends on, followed by hundreds of lines of ordinary work: a driver
    /// asked for what this machine does not have, or woke up after a pause or at another dock.
    /// </summary>
    private static bool Passing(TroubleLines t) =>
        (t.Gravity == Gravity.Weak && t.Speaker.Kind.Least > Gravity.Weak && (t.Count < 3 || t.Last - t.First < 60)) ||
        (t is { Gravity: < Gravity.Grave, Count: < 4, ToEnd: > 100, Priority: false } && !t.Speaker.Kind.AtBoot &&
            (t.Bdf is null || t.Speaker.Kind.Listed));

    private static int Weight(TroubleLines t) =>
        ((int)t.Gravity * 8) + (t.Priority ? 4 : 0) + (t.Speaker.Name.Length > 0 ? 3 : 0) + (t.Bdf is not null ? 1 : 0) +
        t.ToEnd switch { < 50 => 4, < 500 => 2, _ => 0 } + t.Count switch { > 20 => 2, > 1 => 1, _ => 0 } +
            (t.Speaker.Kind.Least == Gravity.Plain ? 2 : 0);

    private static string Who(TroubleLines t)
    {
        string who = t.Speaker.ToString();
        if (t.Bdf is { } bdf && t.Speaker.Bdf is null)
            who += $" at {bdf}";
        if (who.Length == 0)
            return t.First is null ? "the log" : "the kernel";
        // Without a stamp of the kernel a program may have written the line.
        string what = t.First is null && t.Speaker.Kind.What == "the kernel" ? "a program or the kernel" : t.Speaker.Kind.What;
        return $"{who} ({what})";
    }

    private static string Question(TroubleLines t)
    {
        string when;
        if (t.First is not { } first)
            when = "";
        else if (t.Last is { } last && last - first >= 1)
            when = $", {Seconds(first)} to {Seconds(last)} s after boot";
        else
            when = $", {Seconds(first)} s after boot";
        string count = Counted.Of(t.Count, "line"), who = Who(t);
        return $"why {who} reports {TroubleWords.Tell(t.Words)}{Words(t)} ({count}{when}){ByItsWords(t.Source)}: no rule recognises " +
            (t.Count == 1 ? "this line" : "these lines");
    }

    private static string ByItsWords(Source line)
    {
        if (FailureReason.Of(line.Plain) is { } reason)
            return $", by its last words because {reason}";
        return ErrorNumber.Of(line.Plain) is { } number ? $", by its error number {number}" : "";
    }

    private static readonly string[] Levels = ["error", "fatal", "warning", "fatal error", "failed", "critical", "info"];

    /// <summary>The most informative line, without its prefix.</summary>
    private static string Words(TroubleLines t, int most = MostSaid)
    {
        ReadOnlySpan<char> said = KernelLine.Parse(t.Source.Plain).Message.Trim();
        bool named = false;
        for (int colon = said.IndexOf(": ", StringComparison.Ordinal); colon is > 0 and < 48 && said.Length - colon > 12;
            colon = said.IndexOf(": ", StringComparison.Ordinal))
        {
            // Behind the speaker's own name stand its object and its step, which are what it speaks of.
            bool own = t.Speaker.Name.Length > 0 && said[..colon].Contains(t.Speaker.Name, StringComparison.Ordinal);
            if (named && t.Speaker.Program && !own && !Levels.Contains(said[..colon].ToString(), StringComparer.OrdinalIgnoreCase))
                break;
            named |= own;
            // Remove the names at the start; text with more blanks is a sentence.
            if (said[..colon].Count(' ') > 2 || FailureReason.Is(said[(colon + 2)..].TrimStart()))
                break;
            said = said[(colon + 2)..].TrimStart();
        }
        return said.IsEmpty ? "" : $": \"{Printable.Quoted(said, most)}\"";
    }

    private static string Short(ReadOnlySpan<char> said) => Printable.Quoted(said, MostSaid);

    private static string Seconds(double seconds) => seconds.ToString("0.0", System.Globalization.CultureInfo.InvariantCulture);

    private static string Settle(TroubleLines t)
    {
        string text = t.Speaker.Kind.Settle;
        text = text.Replace("{n}", t.Speaker.Name, StringComparison.Ordinal).Replace("{d}", t.Speaker.Device ?? "its device",
            StringComparison.Ordinal);
        return t.Bdf is { } bdf ? text.Replace("{b}", bdf.ToString(), StringComparison.Ordinal) : text.Replace(" -s {b}", "",
            StringComparison.Ordinal);
    }
}
