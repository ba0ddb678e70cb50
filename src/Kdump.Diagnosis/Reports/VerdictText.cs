using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Reports;

/// <summary>A verdict as text for a person: the chain first, then each finding below what causes it, its fixes and its evidence.</summary>
public sealed class VerdictText(TextWriter writer, int width = 100, bool colour = false, Words? language = null)
{
    private readonly Words words = language ?? Words.English;
    private readonly HashSet<FindingRef> written = [];

    public void Write(Verdict verdict)
    {
        Wrap("", verdict.Headline, "1");
        foreach (Finding root in verdict.RootCauses)
            WriteTree(verdict, root, depth: 0, said: null);
        foreach (Finding rest in verdict.Findings.Where(f => !written.Contains(f.Ref)))
            WriteTree(verdict, rest, depth: 0, said: null);
        foreach (Unknown unknown in verdict.Unknowns)
        {
            writer.WriteLine();
            Wrap(words.Of("unknown: "), unknown.Question, unknown.Evidence.Count > 0 ? "31" : "33");
            Wrap($"  {words.Of("to find out: ")}", unknown.Settle, null);
            foreach (Source source in unknown.Evidence)
                writer.WriteLine($"   | {Printable.Escape(source.Place)}: {Printable.Escape(source.Text.Trim())}");
        }
    }

    /// <param name="said">What the finding above it means: an effect that means the same does not repeat it.</param>
    private void WriteTree(Verdict verdict, Finding finding, int depth, string? said)
    {
        if (!written.Add(finding.Ref))
            return;
        string indent = new(' ', Math.Min(depth, 6) * 2);
        writer.WriteLine();
        string head = depth == 0 ? words.Of($"{VerdictJson.NameOf(finding.Severity)}: ") : "-> ";
        Wrap(indent + head, $"{finding.Title}  [{finding.Id}, {(int)Math.Round(finding.Confidence * 100)} %]",
            finding.Severity >= Severity.Error ? "31" : "33", indent + new string(' ', Columns.Of(head)));
        Wrap(indent + "   ", finding.Why, null);
        foreach ((string figure, string words) in ReckoningText.Rows(finding.Reckoning))
            Wrap($"{indent}     {figure} ", words, null);
        if (finding.Impact is not null && finding.Impact != said)
            Wrap($"{indent}   {words.Of("means: ")}", finding.Impact, null);
        for (int i = 0; i < finding.Fixes.Count; i++)
        {
            Fix fix = finding.Fixes[i];
            string whose = OfOne(finding, fix) is { Length: > 0 } name ? $" ({name})" : "";
            bool same = IsSame(finding, i);
            Wrap($"{indent}   {words.Of("fix")} {i + 1}{whose}: ", Said(finding, i, words), "32", indent + "          ");
            if (fix.Command is not null)
                writer.WriteLine($"{indent}          $ {Printable.Escape(fix.Command)}");
            if (fix.Risk is not null && !same)
                Wrap($"{indent}          {words.Of("caution: ")}", fix.Risk, null);
            if (fix.Undo is not null)
                writer.WriteLine($"{indent}          {words.Of("undo: ")}$ {Printable.Escape(fix.Undo)}");
        }
        foreach (Source source in finding.Evidence)
            writer.WriteLine($"{indent}   | {Printable.Escape(source.Place)}: {Printable.Escape(source.Text.Trim())}");
        foreach (Finding effect in verdict.EffectsOf(finding))
            WriteTree(verdict, effect, depth + 1, finding.Impact);
    }

    /// <summary>The text of a fix with the place of what it changes; "the same" if only the distribution differs.</summary>
    public static string Said(Finding finding, int at, Words words)
    {
        Fix fix = finding.Fixes[at];
        return (IsSame(finding, at) ? words.Of("the same") : fix.Text) + (fix.Place is null ? "" : $" ({fix.Place})");
    }

    /// <summary>A fix that differs from the one before it only in its command: that of another distribution.</summary>
    public static bool IsSame(Finding finding, int at) => at > 0 && finding.Fixes[at] is var fix && finding.Fixes[at - 1] is var before &&
        fix.For != before.For && fix.Text == before.Text && fix.Risk == before.Risk;

    /// <summary>
    /// The distributions that a fix is for, where a finding has fixes for several and the text does not name them; otherwise empty.
    /// </summary>
    public static string OfOne(Finding finding, Fix fix) =>
        fix.For != KdumpTools.None && finding.Fixes.Any(f => f.For != KdumpTools.None && f.For != fix.For) &&
            !Names(fix) ? Whose(fix.For) : "";

    /// <summary>True if the text of a fix itself names the distributions that it is for, in English or Chinese.</summary>
    public static bool Names(Fix fix) =>
        fix.Text.Replace("、", ", ", StringComparison.Ordinal).Contains(Whose(fix.For), StringComparison.Ordinal);

    /// <summary>The distributions whose tools these are.</summary>
    public static string Whose(KdumpTools tools) => tools switch
    {
        KdumpTools.RedHat => "RHEL, Fedora",
        KdumpTools.Debian => "Debian, Ubuntu",
        _ => "SUSE",
    };

    private void Wrap(string first, string text, string? sgr, string? rest = null)
    {
        rest ??= new string(' ', Columns.Of(first));
        string start = colour && sgr is not null ? $"\x1b[{sgr}m" : "", stop = start.Length > 0 ? "\x1b[0m" : "";
        string prefix = first;
        ReadOnlySpan<char> left = Printable.Escape(text).AsSpan().Trim();
        do
        {
            int room = Math.Max(20, width - Columns.Of(prefix));
            int cut = Columns.Of(left) <= room ? left.Length : Columns.Break(left, room - 1);
            if (cut <= 0)
                cut = Columns.FirstBreak(left);
            writer.Write(prefix);
            writer.Write(start);
            writer.Write(left[..cut].TrimEnd());
            writer.WriteLine(stop);
            left = left[cut..].TrimStart();
            prefix = rest;
        }
        while (!left.IsEmpty);
    }
}
