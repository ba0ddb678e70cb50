using System.Globalization;

namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>arm64: an instruction abort of the kernel (ESR class 0x21) whose place is a number, not a function: it jumped there.</summary>
internal static class WildJumps
{
    private const uint InstructionAbort = 0x21;

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        bool abort = false;
        foreach (ReportLine line in input.Lines.Take(12))
        {
            abort |= Code(line.Text) >> 26 == InstructionAbort;
            if (!abort || !line.Text.StartsWith("PC is at 0x", StringComparison.Ordinal))
                continue;
            string place = line.Text["PC is at ".Length..].Trim();
            string from = input.Lines.FirstOrDefault(l => l.Text.StartsWith("LR is at ", StringComparison.Ordinal)) is { Text: { } caller }
                ? $", called from {caller["LR is at ".Length..].Split('+')[0]}()" : "";
            yield return new Clue("wild-jump", $"The CPU was to fetch an instruction from {place}{from}, and no kernel code is there: it " +
                "jumped through a broken function pointer, or returned to a broken address.", input.SourceOf(line));
            yield break;
        }
    }

    private static uint Code(string text)
    {
        int at = text.IndexOf("code 0x", StringComparison.Ordinal);
        return at >= 0 && text.Length >= at + 15 &&
            uint.TryParse(text.AsSpan(at + 7, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint code) ? code : 0;
    }
}
