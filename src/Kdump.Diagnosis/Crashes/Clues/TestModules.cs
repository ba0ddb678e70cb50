namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// The kernel's own test module crashes it on purpose: drivers/misc/lkdtm, <c>lkdtm: Performing direct entry EXEC_USERSPACE</c>.
/// </summary>
internal static class TestModules
{
    public const string Mark = "lkdtm: Performing direct entry ";

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        foreach (ReportLine line in input.Around)
        {
            int at = line.Text.IndexOf(Mark, StringComparison.Ordinal);
            if (at < 0)
                continue;
            string test = line.Text[(at + Mark.Length)..].Trim();
            yield return new Clue("asked-for",
                $"The kernel's crash test module (lkdtm) was told to do this on purpose, its test {Printable.Quoted(test, 40)}: " +
                "what follows is the answer of the kernel's own checks, and no fault.", input.SourceOf(line));
            yield break;
        }
    }
}
