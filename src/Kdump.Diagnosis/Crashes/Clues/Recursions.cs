namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// Functions that call each other in a circle until the stack is full: the same few frames stand on it again and again. Told only where
/// a stack overflowed: a few rounds are usual for walks of trees (namei, ACPI, device links).
/// </summary>
internal static class Recursions
{
    /// <summary>The longest circle that is looked for, and the fewest rounds that prove one.</summary>
    private const int Longest = 24, Rounds = 2;

    private const int MaxNamed = 6;

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        if (input.Kind is not ("stack-overflow" or "double-fault") || Circle(input.Frames) is not { } circle)
            yield break;
        string[] shown = [.. circle.Take(MaxNamed).Reverse()];
        string more = circle.Count > MaxNamed ? $" ({Counted.Of(circle.Count, "function")} in all)" : "";
        string? module = input.Frames.FirstOrDefault(f => f.Function == circle[0]).Module;
        string round = circle.Count == 1 ? $"{circle[0]}() calls itself"
            : $"{string.Join("() calls ", shown)}(){more}, and then the first one is called again";
        yield return new Clue("recursion", $"The same functions repeat on the stack: {round}. That recursion has no end, and filled the " +
            $"stack: a fault of {(module is null ? "these functions" : $"the module {module}")}, not a stack that is too small.",
            input.Find(circle[0] + "+0x") is { } line ? input.SourceOf(line) : input.Report.Heading);
    }

    /// <summary>The functions of the circle, the innermost first; null where nothing repeats.</summary>
    public static IReadOnlyList<string>? Circle(IReadOnlyList<StackFrame> frames)
    {
        string[] names = [.. frames.Where(f => f.Reliable).Select(f => f.Function)];
        for (int length = 1; length <= Longest; length++)
        {
            // The innermost frames may be of a function that the last round called.
            for (int start = 0; start <= length + 2; start++)
            {
                int same = 0;
                while (start + same + length < names.Length && names[start + same] == names[start + same + length])
                    same++;
                if (same >= Math.Max(length * Rounds, 4) && start + same + length >= names.Length - 2)
                    return [.. names.Skip(start).Take(length)];
            }
        }
        return null;
    }
}
