using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// SLUB's checks (mm/slub.c slab_fix, print_track): a freed object is filled with 6b, and one that reads otherwise was written to after it
/// was freed; a zone beside an object that reads otherwise was written over by its user. Who allocated and who freed it stands below.
/// </summary>
internal static class SlabObjects
{
    public static IEnumerable<Clue> Read(ClueInput input)
    {
        if (input.Kind != "slab-corruption")
            yield break;
        ReportLine head = input.Lines.First();
        string? says;
        if (head.Text.Contains("Poison overwritten", StringComparison.Ordinal))
            says = "The object was written to after it was freed (use after free): its filling is no longer there.";
        else if (head.Text.Contains("edzone overwritten", StringComparison.Ordinal))
            says = "Somebody wrote beyond the end (or before the beginning) of the object: what lies beside it is no longer there.";
        else
            says = head.Text.Contains("already free", StringComparison.Ordinal) ? "The object was freed twice." : null;
        if (says is null)
            yield break;
        var taken = new List<string>();
        string? cache = Shape.Find(head.Text, "BUG {e} (", taken) >= 0 ? taken[0].Trim() : null;
        string? freed = Of(input, "Freed in "), made = Of(input, "Allocated in ");
        string tracks = string.Join("; ", new[] { made is null ? null : $"allocated in {made}", freed is null ? null : $"freed in {freed}" }
            .OfType<string>());
        yield return new Clue("slab-object", says + (cache is null ? "" : $" It is of the cache {cache}.") +
            (tracks.Length == 0 ? "" : $" It was {tracks}: the one who wrote held a pointer from there."), input.SourceOf(head))
        {
            Elsewhere = true,
            Fixes = (freed ?? made) is { } track
                ? [new Fix($"Look who still uses the object after {track}: the stack of this report only shows who noticed")] : [],
        };
    }

    /// <summary><c>Freed in foo_free+0x31/0x40 [foo] age=81 cpu=1 pid=12</c>, before 5.13 with <c>INFO: </c> in front.</summary>
    private static string? Of(ClueInput input, string verb)
    {
        if (input.Find(verb) is not { } line)
            return null;
        ReadOnlySpan<char> rest = line.Text.AsSpan(line.Text.IndexOf(verb, StringComparison.Ordinal) + verb.Length);
        int plus = rest.IndexOf("+0x", StringComparison.Ordinal);
        if (plus is <= 0 or > 100 || rest[..plus].Contains(' '))
            return null;
        int open = rest.IndexOf('['), close = rest.IndexOf(']');
        return $"{rest[..plus]}()" + (open > plus && close > open ? $" of {rest[(open + 1)..close]}" : "");
    }
}
