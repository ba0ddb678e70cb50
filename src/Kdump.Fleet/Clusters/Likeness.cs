using Kdump.Diagnosis.Crashes;

namespace Kdump.Fleet.Clusters;

/// <summary>How alike two of a fleet's crashes are, from 0 to 1 (<see cref="Similarity"/>); each pair is compared once.</summary>
internal sealed class Likeness(CrashShape[] all)
{
    private readonly Func<string, double> rarity = RarityOf(all);
    private readonly Dictionary<long, double> known = [];

    /// <summary>Of a crash that shows neither a function nor a stack nothing tells where it was: only its own signature is like
    /// it.</summary>
    public double Of(int a, int b)
    {
        if (!Placed(all[a]) || !Placed(all[b]))
            return 0;
        long pair = ((long)Math.Min(a, b) << 32) | (uint)Math.Max(a, b);
        if (!known.TryGetValue(pair, out double score))
            known[pair] = score = Similarity.Of(all[a], all[b], rarity).Score;
        return score;
    }

    private static bool Placed(CrashShape shape) => shape.Function is not null || shape.Stack.Count > 0;

    /// <summary>
    /// Of a function, by its stem: the more guilty functions have it among their callers, the less it tells of a bug; the way into a system
    /// call or a worker is that of thousands.
    /// </summary>
    private static Func<string, double> RarityOf(CrashShape[] all)
    {
        var guilty = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (CrashShape shape in all.Where(s => s.Stack.Count > 0))
        {
            string of = FunctionNames.Stem(shape.Function ?? shape.Stack[0]);
            foreach (string name in shape.Stack.Select(FunctionNames.Stem))
            {
                if (!guilty.TryGetValue(name, out HashSet<string>? those))
                    guilty[name] = those = new(StringComparer.Ordinal);
                those.Add(of);
            }
        }
        return name => 1 / Math.Sqrt(guilty.TryGetValue(name, out HashSet<string>? those) ? those.Count : 1);
    }
}
