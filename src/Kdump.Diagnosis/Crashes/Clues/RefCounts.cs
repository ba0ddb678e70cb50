namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>What lib/refcount.c found wrong with a counter: its message stands just above the WARNING.</summary>
internal static class RefCounts
{
    private static readonly (string Sign, string Says)[] Table =
    [
        ("refcount_t: underflow",
            "A reference counter fell below zero: " +
            "one reference more was given back than was taken, so the object may be freed while others use it (use after free)."),
        ("refcount_t: addition on 0",
            "A reference was taken of an object whose counter was 0 already: it is being freed, or was freed (use after free)."),
        ("refcount_t: increment on 0",
            "A reference was taken of an object whose counter was 0 already: it is being freed, or was freed (use after free)."),
        ("refcount_t: decrement hit 0", "A counter reached 0 where its code did not expect that: nobody frees the object (a leak)."),
        ("refcount_t hit zero at", "A counter reached 0 where its code did not expect that, or fell below it: the object may be freed " +
            "while others use it (use after free)."),
        ("refcount_t overflow at",
            "A reference counter overflowed, or held nonsense, and was stopped: " +
            "references are taken and never given back, or the object's memory was overwritten."),
        ("refcount_t: saturated",
            "A reference counter overflowed, or held nonsense, and was stopped: " +
            "references are taken and never given back, or the object's memory was overwritten."),
    ];

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        if (input.Kind is not ("refcount" or "warning"))
            yield break;
        // The message belongs to the report only directly above it, or below its heading (until 4.17).
        foreach (ReportLine line in input.Report.Before.TakeLast(2).Concat(input.Lines.Take(3)))
        {
            (string? sign, string? says) = Table.FirstOrDefault(t => line.Text.StartsWith(t.Sign, StringComparison.Ordinal));
            if (sign is null)
                continue;
            yield return new Clue("reference-count", says, input.SourceOf(line));
            yield break;
        }
    }
}
