using Kdump.Diagnosis.Crashes;
using Kdump.Sources.Records;

namespace Kdump.Fleet.Clusters;

/// <summary>
/// Puts signatures together that are one bug in several forms: other releases, other compilers, other ways to the same place. The same
/// signatures give the same clusters, in any order and with any number of shards.
/// </summary>
public static class Clustering
{
    /// <summary>Similarity from which two signatures are one cluster; docs/fleet.md has the measurements.</summary>
    public const double Threshold = 0.6;

    /// <summary>
    /// Maximum number of crashes of one key to compare a new one with; if thousands share a key, only the first are used.
    /// </summary>
    private const int MaxCompared = 64;

    /// <returns>For each signature the name of its cluster: the least of its members' signatures, as a number of eight digits.</returns>
    public static IReadOnlyDictionary<string, string> Of(IEnumerable<CrashShape> shapes, double threshold = Threshold)
    {
        CrashShape[] all = [.. shapes.DistinctBy(s => s.Signature).OrderBy(s => s.Signature, StringComparer.Ordinal)];
        var parent = new int[all.Length];
        for (int i = 0; i < parent.Length; i++)
            parent[i] = i;
        var buckets = new Dictionary<ulong, List<int>>();
        Func<string, double> rarity = RarityOf(all);
        for (int i = 0; i < all.Length; i++)
        {
            var compared = new HashSet<int>();
            foreach (ulong key in MinHash.KeysOf(all[i]))
            {
                if (!buckets.TryGetValue(key, out List<int>? bucket))
                    buckets[key] = bucket = [];
                foreach (int other in bucket)
                {
                    if (compared.Add(other) && Root(parent, other) != Root(parent, i) && Alike(all[i], all[other], threshold, rarity))
                        Join(parent, other, i);
                }
                if (bucket.Count < MaxCompared)
                    bucket.Add(i);
            }
        }
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int i = 0; i < all.Length; i++)
            result[all[i].Signature] = NameOf(all[Root(parent, i)].Signature);
        return result;
    }

    /// <summary>What a cluster is called whose least signature is this: stable as long as that one is in it.</summary>
    public static string NameOf(string signature) => ContentHash.OfText(signature)[..8];

    /// <summary>Of a crash that shows neither a function nor a stack nothing tells where it was: only its own signature is like
    /// it.</summary>
    private static bool Alike(CrashShape a, CrashShape b, double threshold, Func<string, double> rarity) =>
        Placed(a) && Placed(b) && Similarity.Of(a, b, rarity).Score >= threshold;

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

    private static bool Placed(CrashShape shape) => shape.Function is not null || shape.Stack.Count > 0;

    private static int Root(int[] parent, int at)
    {
        while (parent[at] != at)
            at = parent[at] = parent[parent[at]];
        return at;
    }

    /// <summary>The lesser index is the root, so that the order of joining does not matter.</summary>
    private static void Join(int[] parent, int a, int b)
    {
        (a, b) = (Root(parent, a), Root(parent, b));
        parent[Math.Max(a, b)] = Math.Min(a, b);
    }
}
