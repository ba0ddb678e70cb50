namespace Kdump.Diagnosis.Model;

/// <summary>All findings of one case as a graph of causes.</summary>
/// <param name="Headline">One line: the chain from the likeliest root cause to what became of the machine.</param>
/// <param name="RootCauses">Findings of severity warning or worse that nothing else explains, likeliest first.</param>
/// <param name="Findings">Every finding: worst first, then by id and subject.</param>
public sealed record Verdict(
    string Headline, IReadOnlyList<Finding> RootCauses, IReadOnlyList<Finding> Findings, IReadOnlyList<Unknown> Unknowns)
{
    /// <summary>
    /// Maximum number of findings per rule: more findings of one kind have a common cause, and the graph stays small.
    /// </summary>
    private const int MaxOfOneRule = 256;

    /// <summary>A finding of severity error or worse exists, or problem lines that no rule recognises: exit code 1.</summary>
    public bool Bad => Findings.Any(f => f.Severity >= Severity.Error) || Unknowns.Any(u => u.Evidence.Count > 0);

    /// <summary>The headline says that nothing is wrong, without a reservation.</summary>
    private bool Clear { get; init; }

    /// <summary>What could not be judged because a part of this program failed: exit code 2.</summary>
    public IReadOnlyList<Fault> Faults { get; init; } = [];

    /// <summary>The findings of the headline, cause first; empty if it is not a chain.</summary>
    public IReadOnlyList<Finding> Chain { get; init; } = [];

    private Dictionary<FindingRef, List<Finding>>? effects;

    /// <summary>The findings that one finding explains.</summary>
    public IEnumerable<Finding> EffectsOf(Finding cause)
    {
        if (effects is null)
        {
            effects = [];
            foreach (Finding finding in Findings)
            {
                foreach (FindingRef key in finding.CausedBy)
                {
                    if (!effects.TryGetValue(key, out List<Finding>? list))
                        effects[key] = list = [];
                    list.Add(finding);
                }
            }
        }
        return effects.GetValueOrDefault(cause.Ref) ?? [];
    }

    /// <summary>Runs the rules. The same facts give the same verdict in any order.</summary>
    public static Verdict From(Facts facts, IEnumerable<Rule> rules)
    {
        var findings = new List<Finding>();
        var unknowns = new List<Unknown>();
        var known = new HashSet<FindingRef>();
        var asked = new HashSet<Unknown>();
        Rule[] all = [.. rules];
        List<Fault> faults = [.. facts.Of<Fault>()];
        foreach (Rule rule in all)
            Hear(rule, r => r.Judge(facts));
        // Each rule also gets the findings of the rules before it: a line that one has explained is not unknown to the next.
        Opinion[] said = [];
        foreach (Rule rule in all)
        {
            if (said.Length != findings.Count + unknowns.Count)
                said = [.. findings, .. unknowns];
            Hear(rule, r => r.JudgeRest(facts, said));
        }
        foreach (Rule rule in all)
            Revise(rule, findings, facts, faults);
        return Linked(findings, unknowns, facts, faults);

        void Hear(Rule rule, Func<Rule, IEnumerable<Opinion>> judge)
        {
            try
            {
                foreach (Opinion opinion in judge(rule).Take(MaxOfOneRule))
                {
                    if (opinion is Unknown unknown && asked.Add(unknown))
                        unknowns.Add(unknown);
                    else if (opinion is Finding finding && known.Add(finding.Ref))
                        findings.Add(finding);
                }
            }
            catch (Exception e) when (Fault.Is(e))
            {
                faults.Add(Fault.Of($"the rule {rule.Id}", e));
            }
        }
    }

    private static void Revise(Rule rule, List<Finding> findings, Facts facts, List<Fault> faults)
    {
        try
        {
            for (int i = 0; i < findings.Count; i++)
            {
                IReadOnlyList<Fix> fixes = rule.Revise(findings[i].Fixes, facts);
                if (!ReferenceEquals(fixes, findings[i].Fixes))
                    findings[i] = findings[i] with { Fixes = fixes };
                findings[i] = rule.Revise(findings[i], facts);
            }
        }
        catch (Exception e) when (Fault.Is(e))
        {
            faults.Add(Fault.Of($"the rule {rule.Id}", e));
        }
    }

    private static Verdict Linked(List<Finding> findings, List<Unknown> unknowns, Facts facts, List<Fault> faults)
    {
        (Finding Finding, string Key)[] sorted = [.. findings.Select(f => (f, f.Key)).OrderBy(f => f.Key, StringComparer.Ordinal)];
        Finding[] linked = Array.ConvertAll(sorted, f => f.Finding);
        var graph = new CauseGraph(linked, facts);
        for (int i = 0; i < linked.Length; i++)
        {
            FindingRef[] causes = [.. graph.CausesOf(i).Select(c => linked[c].Ref)];
            linked[i] = linked[i] with
            {
                CausedBy = causes,
                Fixes = causes.Length == 0 && linked[i].Fixes.Count == 0 ? linked[i].NextSteps : linked[i].Fixes,
            };
        }
        bool saved = Array.Exists(linked, f => f.Id == "dump-saved"), log = facts.Of<LinesRead>().Any(l => l.Lines > 0);
        for (int i = 0; i < linked.Length; i++)
        {
            if (linked[i].Impact is null && Impacts.Of(i, linked, graph, saved, log) is { } impact)
                linked[i] = linked[i] with { Impact = impact };
        }
        // Worst first, then by key.
        int[] shown = [.. Enumerable.Range(0, linked.Length).OrderByDescending(i => linked[i].Severity).ThenBy(i => i)];
        int[] roots = [.. Enumerable.Range(0, linked.Length)
            .Where(i => linked[i].Severity >= Severity.Warning && linked[i].CausedBy.Count == 0)
            .Select(i => (Index: i, Reach: graph.Reach(i), Fatal: linked[i].Severity == Severity.Critical ||
                graph.Reached(i).Exists(e => linked[e].Severity == Severity.Critical)))
            .OrderByDescending(r => r.Fatal).ThenByDescending(r => r.Reach).ThenByDescending(r => (int)linked[r.Index].Severity)
            .ThenByDescending(r => linked[r.Index].Confidence).ThenBy(r => PlaceOf(linked[r.Index]), StringComparer.Ordinal)
            .ThenBy(r => r.Index).Select(r => r.Index)];
        Finding[] all = Array.ConvertAll(shown, i => linked[i]);
        List<int> chain = roots.Length > 0 ? LongestChain(roots[0], linked, graph) : [];
        string headline = chain.Count > 0 ? Joined(chain, linked) : Calm(all, unknowns, facts, faults);
        return new(headline, Array.ConvertAll(roots, i => linked[i]), all, unknowns)
        {
            Chain = [.. chain.Select(i => linked[i])], Faults = faults,
            Clear = all.Length == 0 && unknowns.Count == 0 && faults.Count == 0 && !facts.Any<PartlyRead>(),
        };
    }

    /// <summary>
    /// Joins this verdict with another one about the same machine from other facts, such as its configuration: the findings of
    /// both, each with the causes from its own verdict. The headline is from this verdict if it has a root cause.
    /// </summary>
    public Verdict With(Verdict other)
    {
        HashSet<FindingRef> here = [.. Findings.Select(f => f.Ref)];
        Finding[] added = [.. other.Findings.Where(f => !here.Contains(f.Ref))];
        bool own = RootCauses.Count > 0 || other.RootCauses.Count == 0;
        return new(own ? Headline : other.Headline,
            [.. RootCauses, .. other.RootCauses.Where(f => !here.Contains(f.Ref))],
            [.. Findings.Concat(added).OrderByDescending(f => f.Severity).ThenBy(f => f.Key, StringComparer.Ordinal)],
            [.. Unknowns.Union(other.Unknowns)])
        {
            Chain = own ? Chain : other.Chain, Faults = [.. Faults, .. other.Faults],
        };
    }

    /// <summary>
    /// The same verdict, led by its worst finding: the headline is the chain to a finding of the worst severity, and among findings of
    /// equal severity those of the headline come first. A list that is read from its top needs this; a crash is told by what explains
    /// most.
    /// </summary>
    public Verdict WorstFirst() => WorstFirst(_ => true);

    /// <summary>
    /// The same, led by the worst of the findings about what was asked for, such as one file of a machine; the others come behind them.
    /// </summary>
    public Verdict WorstFirst(Func<Finding, bool> asked)
    {
        if (Findings.FirstOrDefault(asked) is not { Severity: >= Severity.Warning } worst)
            return this;
        List<Finding>? path = Chain.Any(f => f.Severity == worst.Severity && asked(f)) ? [.. Chain] : null;
        foreach (Finding root in RootCauses.Where(asked))
            path ??= PathTo(root, worst.Severity, []);
        path ??= [worst];
        List<FindingRef> order = path.ConvertAll(f => f.Ref);
        return this with
        {
            Headline = path.SequenceEqual(Chain) ? Headline : string.Join(" -> ", path.Select(f => f.Title)),
            Chain = path,
            RootCauses = [.. RootCauses.OrderByDescending(f => f.Ref == path[0].Ref).ThenByDescending(asked)],
            Findings = [.. Findings.OrderByDescending(asked).ThenByDescending(f => f.Severity)
                .ThenBy(f => order.IndexOf(f.Ref) is >= 0 and var at ? at : int.MaxValue)],
        };
    }

    /// <summary>The findings from a cause to the first effect of that severity; null if there is none.</summary>
    private List<Finding>? PathTo(Finding from, Severity severity, HashSet<FindingRef> seen)
    {
        if (from.Severity == severity)
            return [from];
        foreach (Finding effect in EffectsOf(from).Where(e => seen.Add(e.Ref)))
        {
            if (PathTo(effect, severity, seen) is { } rest)
                return [from, .. rest];
        }
        return null;
    }

    /// <summary>The same verdict with a question that a command has about what it was given.</summary>
    public Verdict Asking(Unknown unknown) => this with
    {
        Unknowns = [.. Unknowns, unknown], Headline = Clear ? Headline + Reserved : Headline, Clear = false,
    };

    /// <summary>
    /// The same verdict for the machines of one distribution: fixes for others are left out. Nothing changes where the distribution is not
    /// known.
    /// </summary>
    public Verdict For(KdumpTools tools)
    {
        if (tools == KdumpTools.None)
            return this;
        return this with { RootCauses = [.. RootCauses.Select(Own)], Findings = [.. Findings.Select(Own)], Chain = [.. Chain.Select(Own)] };

        Finding Own(Finding finding) => finding.Fixes.All(f => f.For == KdumpTools.None || f.For == tools) ? finding
            : finding with { Fixes = [.. finding.Fixes.Where(f => f.For == KdumpTools.None || f.For == tools)] };
    }

    /// <summary>Findings are ordered by their position in the input.</summary>
    private static string PlaceOf(Finding finding) =>
        finding.Evidence.Count == 0 ? "" : $"{finding.Evidence[0].Input}\0{finding.Evidence[0].Line:D19}";

    /// <summary>If nothing is wrong: what was checked. Not printed above unknown error lines.</summary>
    private static string Calm(Finding[] all, List<Unknown> unknowns, Facts facts, List<Fault> faults)
    {
        if (all.Length > 0 && all[0].Severity >= Severity.Warning)
            return all[0].Title;
        string? saved = all.FirstOrDefault(f => f.Id == "dump-saved")?.Title;
        if (unknowns.FirstOrDefault(u => u.Evidence.Count > 0) is { } trouble)
            return $"{(saved is null ? "Not known: " : $"{saved}; not known: ")}{trouble.Question}";
        if (Array.Find(all, f => f.Watch) is { } watched)
            return $"{watched.Title}; nothing worse was found";
        if (faults.Count > 0)
            return (saved is null ? "N" : $"{saved}; n") +
                $"o error was found{Looked(facts)}, but a fault of this program left something unjudged: " +
                $"{faults[0].Where}{(faults.Count > 1 ? $" (and {faults.Count - 1} more)" : "")}";
        // An unread part may contain an error: do not report that nothing is wrong.
        if (facts.Of<PartlyRead>() is [var torn, ..])
            return (saved is null ? "N" : $"{saved}; n") + $"o error was found{Looked(facts)}, but " +
                (torn.Nothing ? $"nothing was taken from {torn.Source.Input}: {torn.Source.Text}"
                    : $"not all of {torn.Source.Input} could be read: {torn.Source.Text}");
        // A notice is not an error, but with it "nothing was found" would be wrong too.
        Finding[] noted = [.. all.Where(f => f.Id != "dump-saved")];
        if (noted.Length > 0)
            return (saved is null ? "N" : $"{saved}; n") + $"o error was found{Looked(facts)}; noted: {noted[0].Title}" +
                (noted.Length > 1 ? $" (and {noted.Length - 1} more)" : "");
        // A few lines that somebody cut out of a log: that nothing in them is known does not make the machine well.
        if (saved is null && IsPiece(facts))
            return "No known trouble was found" + Looked(facts) + Reserved;
        return (saved is null ? "N" : $"{saved}; n") + "othing wrong was found" + Looked(facts) +
            (unknowns.Count > 0 ? Reserved : "");
    }

    private static bool IsPiece(Facts facts)
    {
        const int MostLines = 150;
        long lines = facts.Of<LinesRead>().Sum(l => l.Lines);
        return lines is > 0 and <= MostLines && !facts.Boots.Any(b => b.Begins);
    }

    private const string Reserved = ", but not everything could be judged";

    /// <summary>Kinds that are named; the others are counted.</summary>
    private const int MaxKinds = 4;

    /// <summary><c> in 812 lines of kernel log (2 boots) and /proc/interrupts</c>.</summary>
    private static string Looked(Facts facts)
    {
        long lines = facts.Of<LinesRead>().Sum(r => r.Lines), boots = facts.Of<LinesRead>().Sum(r => (long)r.Boots);
        List<string> read = lines == 0 ? [] : [$"{Counted.Of(lines, "line")} of kernel log ({Counted.Of(boots, "boot")})"];
        string[] kinds = [.. facts.Of<KindRead>().Select(r => r.Kind).Distinct(StringComparer.Ordinal)];
        read.AddRange(kinds.Take(MaxKinds));
        if (kinds.Length > MaxKinds)
            read.Add(Counted.Of(kinds.Length - MaxKinds, "more kind") + " of input");
        return read.Count switch
        {
            0 => "",
            1 => $" in {read[0]}",
            _ => $" in {string.Join(", ", read.SkipLast(1))} and {read[^1]}",
        };
    }

    /// <summary>Joins titles; several of one kind at the same place between cause and effect are counted.</summary>
    private static string Joined(List<int> chain, Finding[] all)
    {
        var titles = new List<string>();
        for (int i = 0; i < chain.Count; i++)
        {
            Finding here = all[chain[i]];
            Finding? cause = i > 0 ? all[chain[i - 1]] : null, effect = i + 1 < chain.Count ? all[chain[i + 1]] : null;
            int more = cause is null ? 0 : all.Count(f => f.Id == here.Id && f.Ref != here.Ref && f.CausedBy.Contains(cause.Ref) &&
                (effect is null ? f.Severity == here.Severity : effect.CausedBy.Contains(f.Ref)));
            titles.Add(more == 0 ? here.Title : $"{here.Title} (and {more} more)");
        }
        return string.Join(" -> ", titles);
    }

    /// <summary>
    /// The longest chain of effects below a root; of chains of equal length the one through the worst findings, then by key. Without
    /// cycles, so each is built once.
    /// </summary>
    private static List<int> LongestChain(int root, Finding[] all, CauseGraph graph)
    {
        var length = new Dictionary<int, (int Length, int Next)>();
        var open = new Stack<int>([root]);
        while (open.TryPeek(out int at))
        {
            if (length.ContainsKey(at))
            {
                open.Pop();
                continue;
            }
            int before = open.Count;
            foreach (int effect in graph.EffectsOf(at))
            {
                if (!length.ContainsKey(effect))
                    open.Push(effect);
            }
            if (open.Count > before)
                continue;
            (int Length, int Next) best = (0, -1);
            foreach (int effect in graph.EffectsOf(at).OrderByDescending(e => all[e].Severity).ThenBy(e => e))
            {
                if (length[effect].Length > best.Length)
                    best = (length[effect].Length, effect);
            }
            length[at] = (best.Length + 1, best.Next);
            open.Pop();
        }
        var chain = new List<int>();
        for (int at = root; at >= 0; at = length[at].Next)
            chain.Add(at);
        return chain;
    }
}
