namespace Kdump.Diagnosis.Model;

/// <summary>
/// Tells which inputs cannot be about the same run of a machine: each has a first kernel's life, and these lives have other releases
/// or not one line in common. What happened in one of them explains nothing in the other. An input with only a crash kernel's life, or
/// with a part of a life, may belong to any.
/// </summary>
internal sealed class Runs(Facts facts)
{
    /// <summary>Lines of the first second are alike in all boots of a kernel.</summary>
    private const double AfterStart = 1;

    /// <summary>Characters at the end of a line that are compared: what carries the log writes in front of it.</summary>
    private const int Ending = 24;

    private readonly HashSet<string> unplaced = [.. facts.Of<UnplacedLog>().Select(u => u.Source.Input)];
    private readonly Dictionary<string, Life?> lives = new(StringComparer.Ordinal);

    /// <param name="Lines">Stamped lines of the first kernel that facts quote: seconds since its start, and their end.</param>
    private sealed record Life(HashSet<string> Releases, HashSet<(double Time, string End)> Lines);

    public bool Apart(string input, string other) =>
        input != other && (unplaced.Contains(input) || unplaced.Contains(other) ||
            (Of(input) is { } a && Of(other) is { } b && (Differ(a.Releases, b.Releases) || Differ(a.Lines, b.Lines))));

    private static bool Differ<T>(HashSet<T> ours, HashSet<T> theirs) =>
        ours.Count > 0 && theirs.Count > 0 && !ours.Overlaps(theirs);

    private Life? Of(string input)
    {
        if (lives.TryGetValue(input, out Life? known))
            return known;
        Boot[] first = [.. facts.Boots.Where(b => b.Input == input && IsFirst(b))];
        return lives[input] = first.Length == 0 ? null : new(
            [.. first.Select(b => b.Release).OfType<string>()],
            [.. facts.All.Where(f => f.Boot is { } boot && Array.IndexOf(first, boot) >= 0 && f.Source.Time > AfterStart)
                .Select(f => (f.Source.Time!.Value, End(f.Source.Plain)))]);
    }

    /// <summary>A kernel that surely is no crash kernel; of a part of a log that is often not known.</summary>
    private static bool IsFirst(Boot boot) => boot.Capture == false || (boot.Begins && boot.Capture != true);

    private static string End(string line)
    {
        line = line.TrimEnd();
        return line.Length > Ending ? line[^Ending..] : line;
    }
}
