using Kdump.Diagnosis.Crashes;
using Kdump.Sources.Records;

namespace Kdump.Fleet.Clusters;

/// <summary>
/// Puts signatures together that are one bug in several forms: other releases, other compilers, other ways to the same place. The same
/// signatures give the same clusters, in any order and with any number of shards.
/// </summary>
public static class Clustering
{
    /// <summary>Similarity from which a pair of crashes can join two clusters; docs/fleet.md has the measurements.</summary>
    public const double Threshold = 0.45;

    /// <summary>
    /// Share of the threshold that the members of two clusters must reach on the average, which is less than their best pair has: a bug in
    /// many forms has members that are less alike than each is to its neighbour.
    /// </summary>
    private const double MeanShare = 0.8;

    /// <summary>
    /// Maximum number of crashes of one key to compare a new one with; if thousands share a key, only the first are used.
    /// </summary>
    private const int MaxCompared = 64;

    /// <summary>Members of a cluster that represent it: those with the lowest signatures.</summary>
    private const int Speakers = 8;

    /// <returns>For each signature the name of its cluster: the least of its members' signatures, as a number of eight digits.</returns>
    /// <remarks>
    /// The most similar pairs are joined first, and a pair joins its clusters only if their members are alike on the average: one crash
    /// that is like two others (the caller of both, where both were inlined) does not make one bug of them.
    /// </remarks>
    public static IReadOnlyDictionary<string, string> Of(IEnumerable<CrashShape> shapes, double threshold = Threshold)
    {
        CrashShape[] all = [.. shapes.DistinctBy(s => s.Signature).OrderBy(s => s.Signature, StringComparer.Ordinal)];
        var likeness = new Likeness(all);
        var clusters = new int[all.Length][];
        for (int i = 0; i < all.Length; i++)
            clusters[i] = [i];
        foreach ((int a, int b, _) in Candidates(all, likeness, threshold)
            .OrderByDescending(p => p.Score).ThenBy(p => p.A).ThenBy(p => p.B))
        {
            int[] first = clusters[a], second = clusters[b];
            if (first == second || Mean(first, second, likeness) < MeanShare * threshold)
                continue;
            int[] both = [.. first.Concat(second).Order()];
            foreach (int member in both)
                clusters[member] = both;
        }
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int i = 0; i < all.Length; i++)
            result[all[i].Signature] = NameOf(all[clusters[i][0]].Signature);
        return result;
    }

    private static double Mean(int[] a, int[] b, Likeness likeness)
    {
        int[] first = [.. a.Take(Speakers)], second = [.. b.Take(Speakers)];
        return first.SelectMany(_ => second, likeness.Of).Average();
    }

    /// <summary>Pairs that are alike, of those that share a key.</summary>
    private static List<(int A, int B, double Score)> Candidates(CrashShape[] all, Likeness likeness, double threshold)
    {
        var pairs = new List<(int A, int B, double Score)>();
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
                    if (compared.Add(other) && likeness.Of(other, i) is var score && score >= threshold)
                        pairs.Add((other, i, score));
                }
                if (bucket.Count < MaxCompared)
                    bucket.Add(i);
            }
        }
        return pairs;
    }

    /// <summary>What a cluster is called whose least signature is this: stable as long as that one is in it.</summary>
    public static string NameOf(string signature) => ContentHash.OfText(signature)[..8];
}
