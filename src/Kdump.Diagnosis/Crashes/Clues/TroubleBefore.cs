using Kdump.Diagnosis.Speakers;

namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// A driver that reported a failure in the lines just above a crash is told beside it: another processor of the chip that died, a card
/// that did not answer. Whether the one made the other is for the reader to judge.
/// </summary>
internal static class TroubleBefore
{
    public const string Meaning = "trouble-before";

    private const int Near = 8, MaxWords = 100;

    private static readonly string[] Kinds = ["null-dereference", "bad-access", "page-fault", "oops", "general-protection", "kernel-bug",
        "internal-error", "bus-error", "invalid-opcode", "list-corruption", "bad-page", "slab-corruption"];

    /// <summary>What is part of a report, or no message of the kernel.</summary>
    private static readonly string[] Parts = ["------------[", "---[", "====", "Modules linked", "Call ", "#PF", "PGD", "BUG", "WARNING",
        "INFO:", "Oops", "Internal error", "Unable to handle", "Kernel panic", "kernel BUG", "general protection", "list_", "note: ",
        "Mem abort info", "CPU:", "rcu:", "systemd", "audit", "page:", "page dumped", "Code:", "traps:", " "];

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        if (!Kinds.Contains(input.Kind))
            yield break;
        long heading = input.Report.Heading.Line;
        ReportLine[] told = [.. input.Report.Before.Where(l => heading - l.Number is > 0 and <= Near && IsTrouble(l.Text))];
        if (told.Length == 0)
            yield break;
        int same = told.Count(l => Begins(l.Text) == Begins(told[^1].Text));
        yield return new Clue(Meaning, $"Just above it stands another failure{(same > 1 ? $" ({same} such lines)" : "")}: " +
            $"«{Printable.Quoted(told[^1].Text.Trim(), MaxWords)}». Whether the two belong together, the report does not show.",
            input.SourceOf(told[^1]));
    }

    /// <summary>A driver or a subsystem says so: a name and a colon stand before the words.</summary>
    private static bool IsTrouble(string text) => text.Length > 12 && text.IndexOf(": ", StringComparison.Ordinal) is > 1 and < 60 &&
        !Parts.Any(p => text.StartsWith(p, StringComparison.Ordinal)) && !text.Contains("]: ", StringComparison.Ordinal) &&
        !text.Contains("+0x", StringComparison.Ordinal) && Harmless.Find(text) is null &&
        TroubleWords.In(text, out Gravity gravity) != 0 && gravity >= Gravity.Plain;

    private static string Begins(string text) => text[..text.IndexOf(':', StringComparison.Ordinal)];
}
