namespace Kdump.Diagnosis.Model;

/// <summary>
/// Which finding explains which, by place in one list. Edges are what the rules claim, as far as time and place allow it, without
/// cycles. The time it takes is about linear in the number of edges.
/// </summary>
internal sealed class CauseGraph
{
    /// <summary>The largest group of findings that explain each other; larger ones are cut where a walk meets itself.</summary>
    private const int MaxRing = 64;

    private readonly List<int>[] causes;
    private readonly List<int>[] effects;
    private readonly IReadOnlyList<Finding> findings;

    /// <param name="findings">Sorted by key, so that the order of rules and inputs changes nothing.</param>
    public CauseGraph(IReadOnlyList<Finding> findings, Facts facts)
    {
        this.findings = findings;
        causes = NewLists();
        effects = NewLists();
        Claim(new Moments(findings, facts));
        foreach (List<int> list in causes)
            list.Sort();
        BreakCycles();
        for (int i = 0; i < causes.Length; i++)
        {
            foreach (int cause in causes[i])
                effects[cause].Add(i);
        }
    }

    public IReadOnlyList<int> CausesOf(int finding) => causes[finding];

    public IReadOnlyList<int> EffectsOf(int finding) => effects[finding];

    /// <summary>How many findings this one explains, directly or through others.</summary>
    public int Reach(int root) => Reached(root).Count - 1;

    /// <summary>This finding, and those that it explains, directly or through others.</summary>
    public List<int> Reached(int root)
    {
        var seen = new bool[findings.Count];
        var open = new Stack<int>([root]);
        var reached = new List<int> { root };
        seen[root] = true;
        while (open.TryPop(out int at))
        {
            foreach (int effect in effects[at])
            {
                if (seen[effect])
                    continue;
                seen[effect] = true;
                reached.Add(effect);
                open.Push(effect);
            }
        }
        return reached;
    }

    private List<int>[] NewLists()
    {
        var lists = new List<int>[findings.Count];
        for (int i = 0; i < lists.Length; i++)
            lists[i] = [];
        return lists;
    }

    private void Claim(Moments moments)
    {
        var byRef = new Dictionary<FindingRef, int>();
        var byId = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        for (int i = 0; i < findings.Count; i++)
        {
            byRef.Add(findings[i].Ref, i);
            if (!byId.TryGetValue(findings[i].Id, out List<int>? same))
                byId[findings[i].Id] = same = [];
            same.Add(i);
        }
        var known = new HashSet<(int Cause, int Effect)>();
        for (int i = 0; i < findings.Count; i++)
        {
            foreach (int cause in Named(findings[i].CausedBy))
                Join(cause, i);
            foreach (int effect in Named(findings[i].Explains))
                Join(i, effect);
        }

        void Join(int cause, int effect)
        {
            if (cause != effect && known.Add((cause, effect)) && Takes(findings[effect], findings[cause]) && moments.Allow(cause, effect))
                causes[effect].Add(cause);
        }

        IEnumerable<int> Named(IReadOnlyList<FindingRef> names)
        {
            foreach (FindingRef reference in names)
            {
                if (reference.Subject is null && byId.TryGetValue(reference.Id, out List<int>? all))
                {
                    foreach (int one in all)
                        yield return one;
                }
                else if (reference.Subject is not null && byRef.TryGetValue(reference, out int only))
                    yield return only;
            }
        }
    }

    private static bool Takes(Finding effect, Finding cause) =>
        effect.TakesOnly is null || effect.TakesOnly.Any(p => cause.Id.StartsWith(p, StringComparison.Ordinal));

    /// <summary>
    /// Two rules may each name the other's finding, but the graph must have roots: the edge that closes a cycle is removed.
    /// </summary>
    private void BreakCycles()
    {
        foreach (List<int> ring in Rings())
        {
            var members = new HashSet<int>(ring);
            if (ring.Count > MaxRing)
            {
                // In such a ring no finding is explained by one that stands later in the list.
                foreach (int i in ring)
                    causes[i].RemoveAll(c => c > i && members.Contains(c));
                continue;
            }
            foreach (int i in ring)
            {
                foreach (int cause in causes[i].ToArray())
                {
                    if (members.Contains(cause) && Reaches(cause, i, members))
                        causes[i].Remove(cause);
                }
            }
        }
    }

    private bool Reaches(int from, int target, HashSet<int> within)
    {
        var seen = new HashSet<int> { from };
        var open = new Stack<int>([from]);
        while (open.TryPop(out int at))
        {
            if (at == target)
                return true;
            foreach (int cause in causes[at])
            {
                if (within.Contains(cause) && seen.Add(cause))
                    open.Push(cause);
            }
        }
        return false;
    }

    /// <summary>Groups of findings that reach each other (Tarjan), each sorted, of two members at least.</summary>
    private List<List<int>> Rings()
    {
        int n = findings.Count, next = 1;
        int[] order = new int[n], low = new int[n], edge = new int[n];
        var onPath = new bool[n];
        var path = new Stack<int>();
        var calls = new Stack<int>();
        var rings = new List<List<int>>();
        for (int start = 0; start < n; start++)
        {
            if (order[start] != 0)
                continue;
            Enter(start);
            while (calls.TryPeek(out int at))
            {
                if (edge[at] < causes[at].Count)
                {
                    int cause = causes[at][edge[at]++];
                    if (order[cause] == 0)
                        Enter(cause);
                    else if (onPath[cause])
                        low[at] = Math.Min(low[at], order[cause]);
                    continue;
                }
                calls.Pop();
                if (calls.TryPeek(out int caller))
                    low[caller] = Math.Min(low[caller], low[at]);
                if (low[at] == order[at])
                    Leave(at);
            }
        }
        return rings;

        void Enter(int at)
        {
            order[at] = low[at] = next++;
            path.Push(at);
            onPath[at] = true;
            calls.Push(at);
        }

        void Leave(int root)
        {
            var ring = new List<int>();
            int member;
            do
            {
                member = path.Pop();
                onPath[member] = false;
                ring.Add(member);
            }
            while (member != root);
            ring.Sort();
            if (ring.Count > 1)
                rings.Add(ring);
        }
    }
}
