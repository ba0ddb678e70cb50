namespace Kdump.Diagnosis.Model;

/// <summary>All findings of one case as a graph of causes.</summary>
/// <param name="Headline">One line: the chain from the likeliest root cause to what became of the machine.</param>
/// <param name="RootCauses">Findings of severity warning or worse that nothing else explains, likeliest first.</param>
/// <param name="Findings">Every finding: worst first, then by id and subject.</param>
public sealed record Verdict(
    string Headline, IReadOnlyList<Finding> RootCauses, IReadOnlyList<Finding> Findings, IReadOnlyList<Unknown> Unknowns)
{
    /// <summary>
    /// Findings of one rule that are kept: whoever has more of one kind has one cause for them, and the graph stays small.
    /// </summary>
    private const int MaxOfOneRule = 256;

    /// <summary>A finding of severity error or worse exists, or lines of trouble that nothing here knows: exit code 1.</summary>
    public bool Bad => Findings.Any(f => f.Severity >= Severity.Error) || Unknowns.Any(u => u.Evidence.Count > 0);

    /// <summary>The findings that one finding explains.</summary>
    public IEnumerable<Finding> EffectsOf(Finding cause) => Findings.Where(f => f.CausedBy.Contains(cause.Key));

    /// <summary>Runs the rules. The same facts give the same verdict, whatever order they came in.</summary>
    public static Verdict From(Facts facts, IEnumerable<Rule> rules)
    {
        var findings = new List<Finding>();
        var unknowns = new List<Unknown>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        Rule[] all = [.. rules];
        foreach (Rule rule in all)
            Hear(rule.Judge(facts));
        Opinion[] said = [.. findings, .. unknowns];
        foreach (Rule rule in all)
            Hear(rule.JudgeRest(facts, said));
        List<Finding> linked = findings.ConvertAll(f => f with { CausedBy = Resolve(f, findings) });
        BreakCycles(linked);
        linked.Sort((a, b) => b.Severity != a.Severity ? b.Severity.CompareTo(a.Severity) : string.CompareOrdinal(a.Key, b.Key));
        List<Finding> roots = linked.Where(f => f.Severity >= Severity.Warning && f.CausedBy.Count == 0)
            .OrderByDescending(f => Reach(f, linked)).ThenByDescending(f => (int)f.Severity).ThenByDescending(f => f.Confidence)
            .ThenBy(PlaceOf, StringComparer.Ordinal).ThenBy(f => f.Key, StringComparer.Ordinal).ToList();
        return new(HeadlineOf(roots, linked, unknowns, facts), roots, linked, unknowns);

        void Hear(IEnumerable<Opinion> opinions)
        {
            foreach (Opinion opinion in opinions.Take(MaxOfOneRule))
            {
                if (opinion is Unknown unknown && !unknowns.Contains(unknown))
                    unknowns.Add(unknown);
                else if (opinion is Finding finding && keys.Add(finding.Key))
                    findings.Add(finding);
            }
        }
    }

    /// <summary>What stands first in an input comes first.</summary>
    private static string PlaceOf(Finding finding) =>
        finding.Evidence.Count == 0 ? "" : $"{finding.Evidence[0].Input}\0{finding.Evidence[0].Line:D19}";

    private static List<string> Resolve(Finding finding, List<Finding> all) =>
        all.Where(f => f.Key != finding.Key && (Names(finding.CausedBy, f) || Names(f.Explains, finding)))
            .Select(f => f.Key).Order(StringComparer.Ordinal).ToList();

    private static bool Names(IReadOnlyList<string> keys, Finding finding) => keys.Contains(finding.Key) || keys.Contains(finding.Id);

    /// <summary>Two rules may each name the other's finding; the graph must still have roots. The edge that closes a cycle goes.</summary>
    private static void BreakCycles(List<Finding> findings)
    {
        findings.Sort((a, b) => string.CompareOrdinal(a.Key, b.Key));
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < findings.Count; i++)
            places.Add(findings[i].Key, i);
        for (int i = 0; i < findings.Count; i++)
        {
            foreach (string cause in findings[i].CausedBy)
            {
                if (Reaches(cause, findings[i].Key, []))
                    findings[i] = findings[i] with { CausedBy = findings[i].CausedBy.Where(c => c != cause).ToList() };
            }
        }

        bool Reaches(string from, string target, HashSet<string> seen) =>
            from == target || (seen.Add(from) && findings[places[from]].CausedBy.Any(c => Reaches(c, target, seen)));
    }

    /// <summary>How many findings this one explains, directly or through others.</summary>
    private static int Reach(Finding root, List<Finding> all)
    {
        var seen = new HashSet<string> { root.Key };
        for (int before = 0; before != seen.Count;)
        {
            before = seen.Count;
            foreach (Finding f in all)
            {
                if (f.CausedBy.Any(seen.Contains))
                    seen.Add(f.Key);
            }
        }
        return seen.Count - 1;
    }

    /// <summary>
    /// The longest chain of effects below the likeliest root, as titles. Where nothing is wrong it says what was looked at; not above lines
    /// that tell of trouble.
    /// </summary>
    private static string HeadlineOf(List<Finding> roots, List<Finding> all, List<Unknown> unknowns, Facts facts)
    {
        if (roots.Count > 0)
            return Chain(LongestChain(roots[0], all, []), all);
        if (all.Count > 0 && all[0].Severity >= Severity.Warning)
            return all[0].Title;
        string? saved = all.FirstOrDefault(f => f.Id == "dump-saved")?.Title;
        if (unknowns.FirstOrDefault(u => u.Evidence.Count > 0) is { } trouble)
            return $"{(saved is null ? "Not known: " : $"{saved}; not known: ")}{trouble.Question}";
        if (all.Find(f => f.Watch) is { } watched)
            return $"{watched.Title}; nothing worse was found";
        // What is worth a note is no error, and no reason to say that nothing was found either.
        Finding[] noted = [.. all.Where(f => f.Id != "dump-saved")];
        if (noted.Length > 0)
            return (saved is null ? "N" : $"{saved}; n") + $"o error was found{Looked(facts)}; noted: {noted[0].Title}" +
                (noted.Length > 1 ? $" (and {noted.Length - 1} more)" : "");
        return (saved is null ? "N" : $"{saved}; n") + "othing wrong was found" + Looked(facts) +
            (unknowns.Count > 0 ? ", but not everything could be judged" : "");
    }

    /// <summary><c> in 812 lines of 2 boots</c>.</summary>
    private static string Looked(Facts facts)
    {
        long lines = facts.Of<LinesRead>().Sum(r => r.Lines), boots = facts.Of<LinesRead>().Sum(r => (long)r.Boots);
        return lines == 0 ? "" : $" in {lines} {(lines == 1 ? "line" : "lines")} of kernel log ({boots} {(boots == 1 ? "boot" : "boots")})";
    }

    /// <summary>Titles joined; where several of one kind stand at the same place between cause and effect, it says how many.</summary>
    private static string Chain(List<Finding> chain, List<Finding> all)
    {
        var titles = new List<string>();
        for (int i = 0; i < chain.Count; i++)
        {
            Finding? cause = i > 0 ? chain[i - 1] : null, effect = i + 1 < chain.Count ? chain[i + 1] : null;
            int more = cause is null ? 0 : all.Count(f => f.Id == chain[i].Id && f.Key != chain[i].Key && f.CausedBy.Contains(cause.Key) &&
                (effect is null ? f.Severity == chain[i].Severity : effect.CausedBy.Contains(f.Key)));
            titles.Add(more == 0 ? chain[i].Title : $"{chain[i].Title} (and {more} more)");
        }
        return string.Join(" -> ", titles);
    }

    /// <summary>
    /// Of chains of equal length the one through the worst findings, which come first in the list. Without cycles, so each is built once.
    /// </summary>
    private static List<Finding> LongestChain(Finding from, List<Finding> all, Dictionary<string, List<Finding>> known)
    {
        if (known.TryGetValue(from.Key, out List<Finding>? chain))
            return chain;
        List<Finding> best = [];
        foreach (Finding effect in all.Where(f => f.CausedBy.Contains(from.Key)))
        {
            List<Finding> below = LongestChain(effect, all, known);
            if (below.Count > best.Count)
                best = below;
        }
        return known[from.Key] = [from, .. best];
    }
}
