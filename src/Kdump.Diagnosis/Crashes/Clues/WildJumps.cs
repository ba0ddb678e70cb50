namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// arm64 until 5.12 (arch/arm64/kernel/traps.c bad_mode): a kernel exception without a handler, at an address in no function: the
/// code jumped there. 32-bit arm says so itself: <c>Code: bad PC value</c>.
/// </summary>
internal static class WildJumps
{
    /// <summary>The lines of a report in which the registers stand.</summary>
    public const int Head = 40;

    /// <summary>arm64's line of the place, if that is an address in no function; null without.</summary>
    public static ReportLine? Nowhere(ClueInput input)
    {
        foreach (ReportLine line in input.Lines.Take(Head))
        {
            if (line.Text.StartsWith("pc : 0x", StringComparison.Ordinal))
                return line;
        }
        return null;
    }

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        // A bus that answers late hits whatever runs: there the number is a place in the program.
        if (Programs.Interrupted(input) is not null)
            yield break;
        if (input.Access is null && Nowhere(input) is { } wild)
        {
            string by = LinkRegister.In(input.Lines) is { } link && FrameLine.AtStart(LinkRegister.SymbolOf(link.Text)) is { } caller
                ? $", called from {caller}()" : "";
            yield return new Clue("wild-jump", $"The CPU was to fetch an instruction from {wild.Text["pc : ".Length..].Trim()}{by}, " +
                "and no function of the kernel is there: it jumped through a broken function pointer, or returned to a broken address.",
                input.SourceOf(wild));
            yield break;
        }
        bool abort = BadCode(input);
        foreach (ReportLine line in input.Lines.Take(12))
        {
            abort |= line.Text.Contains("bad mode", StringComparison.Ordinal);
            if (!abort || !line.Text.StartsWith("PC is at 0x", StringComparison.Ordinal))
                continue;
            string place = line.Text["PC is at ".Length..].Trim();
            string from = input.Lines.FirstOrDefault(l => l.Text.StartsWith("LR is at ", StringComparison.Ordinal)) is { Text: { } link }
                ? $", called from {link["LR is at ".Length..].Split('+')[0]}()" : "";
            yield return new Clue("wild-jump", $"The CPU was to fetch an instruction from {place}{from}, and no kernel code is there: " +
                "it jumped through a broken function pointer, or returned to a broken address.", input.SourceOf(line));
            yield break;
        }
    }

    private static bool BadCode(ClueInput input) => input.Lines.Any(l => l.Text.StartsWith("Code: bad PC value", StringComparison.Ordinal));
}
