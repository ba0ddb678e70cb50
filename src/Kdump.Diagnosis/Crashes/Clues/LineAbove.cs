namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// Where a report names nobody who could be to blame, the line that the kernel printed directly before it is quoted: what was done last is
/// mostly what went wrong.
/// </summary>
internal static class LineAbove
{
    private const int MaxWords = 100;

    private static readonly string[] Kinds = ["null-dereference", "bad-access", "page-fault", "oops", "general-protection",
        "internal-error", "invalid-opcode", "paging-request", "double-fault"];

    private static readonly string[] Parts = ["------------[", "---[", "====", "Modules linked", "Call ", "#PF", "PGD",
        "Mem abort info", "CPU:", "rcu:", "systemd", "audit", "  ", "MEMORY:", "MACHINE:"];

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        if (input.Function is not null || !Kinds.Contains(input.Kind) || input.Report.Before is not [.., { } last])
            yield break;
        string text = last.Text.Trim();
        if (last.Number != input.Report.Heading.Line - 1 || text.Length < 12 || !text.Contains(' ') ||
            Parts.Any(p => last.Text.StartsWith(p, StringComparison.Ordinal)) || FrameLine.TryParse(last.Text, out _, out _) ||
            FaultLine.TryParse(last.Text, out _))
            yield break;
        yield return new Clue("last-words",
            $"The line directly before it: «{Printable.Quoted(text, MaxWords)}».", input.SourceOf(last));
    }
}
