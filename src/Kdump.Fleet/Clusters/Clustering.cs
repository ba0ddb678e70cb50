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
        for (int i = 0; i < all.Length; i++)
        {
            var compared = new HashSet<int>();
            foreach (ulong key in MinHash.KeysOf(all[i]))
            {
                if (!buckets.TryGetValue(key, out List<int>? bucket))
                    buckets[key] = bucket = [];
                foreach (int other in bucket)
                {
                    if (compared.Add(other) && Root(parent, other) != Root(parent, i) && Alike(all[i], all[other], threshold))
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
    private static bool Alike(CrashShape a, CrashShape b, double threshold) =>
        Placed(a) && Placed(b) && Similarity.Of(a, b).Score >= threshold;

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
