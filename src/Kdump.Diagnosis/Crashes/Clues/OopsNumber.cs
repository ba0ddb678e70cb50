using System.Globalization;

namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary><c>[#2]</c>: die() counts (die_counter in arch/*/kernel). The first oops counts; later ones may follow from it.</summary>
internal static class OopsNumber
{
    public static IEnumerable<Clue> Read(ClueInput input)
    {
        foreach (ReportLine line in input.Lines.Take(40))
        {
            int at = line.Text.IndexOf("[#", StringComparison.Ordinal);
            if (at < 0)
                continue;
            ReadOnlySpan<char> digits = line.Text.AsSpan(at + 2);
            int end = digits.IndexOf(']');
            if (end is < 1 or > 6 || !int.TryParse(digits[..end], NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                continue;
            if (number > 1)
                yield return new Clue("later-oops",
                    $"The report counts itself as oops #{number} of this boot: " +
                    "the first oops (#1) counts more, and this one may follow from it.", input.SourceOf(line));
            yield break;
        }
    }
}
