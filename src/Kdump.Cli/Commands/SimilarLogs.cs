using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Model;
using Kdump.Sources.Inputs;

namespace Kdump.Cli.Commands;

/// <summary>Ranks other logs by the similarity of their crashes to those of one log.</summary>
internal static class SimilarLogs
{
    /// <summary>Below this similarity, two crashes have no more in common than any two crashes have.</summary>
    private const double Least = 0.3;

    private const int MaxLogs = 10_000, MaxShown = 100;

    /// <summary>The most similar crash of each log; best first.</summary>
    public static IReadOnlyList<SimilarCrash> Of(LogReading log, IEnumerable<string> others, TextWriter trouble)
    {
        var found = new List<SimilarCrash>();
        foreach (string path in others.SelectMany(Files).Distinct(StringComparer.Ordinal).Where(p => p != log.Input).Take(MaxLogs))
        {
            if (Crashes(path, trouble) is not { Count: > 0 } theirs)
                continue;
            SimilarCrash? best = theirs.SelectMany(
                t => log.Crashes.Where(c => c.Kind != "reboot").Select(o => new SimilarCrash(path, t, o, Similarity.Of(o, t))))
                .MaxBy(s => s.Similarity.Score);
            if (best is { Similarity.Score: >= Least })
                found.Add(best);
        }
        return found.OrderByDescending(s => s.Similarity.Score).ThenBy(s => s.Input, StringComparer.Ordinal).Take(MaxShown).ToArray();
    }

    private static IEnumerable<string> Files(string path) =>
        Directory.Exists(path) ? Directory.EnumerateFiles(path, "*",
            new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint,
            IgnoreInaccessible = true }).Order(StringComparer.Ordinal) : [path];

    private static IReadOnlyList<Crash>? Crashes(string path, TextWriter trouble)
    {
        LogInput input = LogInput.Read(path, path, () => Stream.Null);
        if (input.Refusal is not null)
            trouble.WriteLine($"kdt: {Printable.Escape(path)}: {Printable.Escape(input.Refusal)}");
        return input.Log?.Crashes;
    }
}
