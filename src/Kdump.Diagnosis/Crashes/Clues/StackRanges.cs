using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// arm64 prints the ranges of a CPU's stacks when one overflowed (arch/arm64/kernel/traps.c panic_bad_stack): the fault address
/// (FAR) tells which stack it was, and the trace whether functions called themselves.
/// </summary>
internal static class StackRanges
{
    /// <summary>An address farther below a stack belongs to something else.</summary>
    private const ulong Reach = 64 << 10;

    /// <summary>This many frames of one function are recursion.</summary>
    private const int Recursion = 4;

    private static readonly (string Mark, string Name)[] Stacks =
        [("Task stack: ", "the task's stack"), ("IRQ stack: ", "the interrupt stack"), ("Overflow stack: ", "the overflow stack")];

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        if (input.Kind != "stack-overflow")
            yield break;
        // The panic is the report; the ranges stand just before it.
        ReportLine[] lines = [.. input.Around];
        if (lines.Select(l => After(l.Text, "FAR: ")).OfType<ulong>().Cast<ulong?>().FirstOrDefault() is not { } address)
            yield break;
        foreach (ReportLine line in lines)
        {
            foreach ((string mark, string name) in Stacks)
            {
                if (After(line.Text, mark) is not { } low || After(line.Text, "..") is not { } high || high <= low ||
                    address >= high || low > address && low - address > Reach)
                    continue;
                string place = address < low ? $"{Counted.Of(low - address, "byte")} below {name}" : $"at the end of {name}";
                yield return new Clue("stack-overflow",
                    $"The address 0x{address:x} lies {place} " +
                    $"({(high - low) >> 10} KiB), which was used up.{Again(input)}", input.SourceOf(line));
                yield break;
            }
        }
    }

    private static string Again(ClueInput input)
    {
        Dictionary<string, int> times = new(StringComparer.Ordinal);
        foreach (ReportLine line in input.Lines)
        {
            int plus = line.Text.IndexOf("+0x", StringComparison.Ordinal);
            if (plus > 1 && line.Text[0] == ' ' && !line.Text.Contains(" : ", StringComparison.Ordinal))
                times[line.Text[..plus].Trim()] = times.GetValueOrDefault(line.Text[..plus].Trim()) + 1;
        }
        (string? most, int count) = times.OrderByDescending(t => t.Value).FirstOrDefault();
        return count >= Recursion ? $" {most}() stands {Counted.Of(count, "time")} on the stack: it calls itself again and again." : "";
    }

    private static ulong? After(string text, string mark)
    {
        int at = text.IndexOf(mark, StringComparison.Ordinal);
        if (at < 0)
            return null;
        var c = new TextCursor(text.AsSpan(at + mark.Length).TrimStart(" ["));
        return c.Rest.StartsWith("0x", StringComparison.Ordinal) && c.Hex(out ulong value) ? value : null;
    }
}
