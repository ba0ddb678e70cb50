using System.Globalization;

namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// An error of the bus that interrupted a program, not the kernel: the saved state says user mode (arm64's pstate: exception level 0, the
/// low four bits; arm: <c>Mode USER_32</c>), so its PC is a place in the program. The access was the program's own, through a mapping
/// (/dev/mem, UIO, VFIO, a driver's mmap), or an earlier one of the kernel whose error came late.
/// </summary>
internal static class Programs
{
    private const int Head = 40;

    /// <summary>The line with the state of the program that was interrupted; null where the kernel itself was, or nothing tells.</summary>
    public static ReportLine? Interrupted(ClueInput input)
    {
        foreach (ReportLine line in input.Lines.Take(Head))
        {
            if (line.Text.Contains("Mode USER_32", StringComparison.Ordinal) || IsLevelZero(line.Text))
                return line;
        }
        return null;
    }

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        if (input.Kind is not ("bus-error" or "serror" or "internal-error") || Interrupted(input) is not { } line)
            yield break;
        string who = input.Context.Comm is { Length: > 0 } comm ? $"the program {comm}" : "a program";
        yield return new Clue("program-interrupted", $"It interrupted {who} itself (user mode), not the kernel. Most likely the program " +
            "accesses hardware or physical memory that is mapped into it (/dev/mem, UIO, VFIO, a driver's mmap), and nothing answered " +
            "there: a wrong address, a block without clock, power or loaded logic. Less likely an access that the kernel made before.",
            input.SourceOf(line))
        {
            Elsewhere = true,
            Fixes = [new("Check which physical addresses the program maps, and that this machine has something there", "cat /proc/iomem")],
        };
    }

    private static bool IsLevelZero(string text)
    {
        const string Mark = "pstate: ";
        int at = text.IndexOf(Mark, StringComparison.Ordinal);
        ReadOnlySpan<char> value = at < 0 ? default : text.AsSpan(at + Mark.Length);
        int digits = value.IndexOfAnyExcept("0123456789abcdef");
        value = digits < 0 ? value : value[..digits];
        return value.Length == 8 && uint.TryParse(value, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint state) &&
            (state & 0xf) == 0;
    }
}
