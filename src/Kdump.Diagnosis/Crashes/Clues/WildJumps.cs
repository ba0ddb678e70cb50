namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// arm64 until 5.12 (arch/arm64/kernel/traps.c bad_mode): a kernel exception without a handler, at an address in no function: the
/// code jumped there. 32-bit arm says so itself: <c>Code: bad PC value</c>.
/// </summary>
internal static class WildJumps
{
    public static IEnumerable<Clue> Read(ClueInput input)
    {
        if (input.Access is null && input.Lines.Take(40).FirstOrDefault(l => l.Text.StartsWith("pc : 0x", StringComparison.Ordinal)) is
            { Text: not null } wild)
        {
            string by = input.Lines.FirstOrDefault(l => l.Text.StartsWith("lr : ", StringComparison.Ordinal)) is { Text: { } link } &&
                FrameLine.AtStart(link.AsSpan("lr : ".Length)) is { } from0 ? $", called from {from0}()" : "";
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
            string from = input.Lines.FirstOrDefault(l => l.Text.StartsWith("LR is at ", StringComparison.Ordinal)) is { Text: { } caller }
                ? $", called from {caller["LR is at ".Length..].Split('+')[0]}()" : "";
            yield return new Clue("wild-jump", $"The CPU was to fetch an instruction from {place}{from}, and no kernel code is there: " +
                "it jumped through a broken function pointer, or returned to a broken address.", input.SourceOf(line));
            yield break;
        }
    }

    private static bool BadCode(ClueInput input) => input.Lines.Any(l => l.Text.StartsWith("Code: bad PC value", StringComparison.Ordinal));
}
