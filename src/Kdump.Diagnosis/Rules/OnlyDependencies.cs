using Kdump.Diagnosis.Speakers;

namespace Kdump.Diagnosis.Rules;

/// <summary>
/// Lines in which systemd tells only that it did not start units because of another's failure. If that failure is not in the input, they
/// are one question, and not one for each unit. TroubleNotKnown calls it.
/// </summary>
internal static class OnlyDependencies
{
    private const string Description = "ependency failed for ", Job = "failed with result 'dependency'";

    private const int MaxNamed = 4;

    public static bool Are(TroubleLines t) => t.Speaker.Program && t.Lines.All(l =>
        l.Text.Contains(Description, StringComparison.Ordinal) || l.Text.Contains(Job, StringComparison.Ordinal));

    public static Unknown Of(TroubleLines[] all)
    {
        Source[] lines = [.. all.SelectMany(t => t.Lines).OrderBy(l => l.Input, StringComparer.Ordinal).ThenBy(l => l.Line)];
        string[] named = [.. lines.Select(NameOf).OfType<string>().Distinct(StringComparer.Ordinal)];
        string what = named.Length == 0 ? "units" : string.Join(", ", named.Take(MaxNamed)) + (named.Length > MaxNamed ? " …" : "");
        return new Unknown($"which unit failed first: systemd did not start {what}, because a unit that {(named.Length == 1 ? "it needs" :
                "they need")} failed before, and that failure is not in these lines",
            "the log from the start of that boot (journalctl -b, or the console), or on the machine: systemctl --failed; " +
            "journalctl -b | grep -m5 -E 'Failed with result|timed out'")
        {
            Evidence = [.. lines.Take(MaxNamed)],
        };
    }

    private static string? NameOf(Source line)
    {
        string said = line.Plain;
        int at = said.IndexOf(Description, StringComparison.Ordinal);
        if (at >= 0)
            return said[(at + Description.Length)..].Trim(' ', '.');
        at = said.IndexOf(": Job ", StringComparison.Ordinal);
        return at < 0 ? null : said[..at][(said[..at].LastIndexOf(' ') + 1)..];
    }
}
