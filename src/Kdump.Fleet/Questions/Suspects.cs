using Kdump.Fleet.Statistics;
using Kdump.Fleet.Stores;

namespace Kdump.Fleet.Questions;

/// <summary>A trait that the machines of a cluster have more often than the others.</summary>
/// <param name="Hit">Share of the cluster's machines that have it; of those of which something of this name is known.</param>
/// <param name="Others">The same of the other machines.</param>
/// <param name="OddsRatio">How many times the odds of being hit are with it.</param>
/// <param name="Chance">Of Fisher's exact test, one-sided.</param>
/// <param name="Corrected">The share of false ones among all suspects that are at least as good (Benjamini-Hochberg).</param>
public sealed record Suspect(string Name, string Value, Proportion Hit, Proportion Others, double OddsRatio, double Chance,
    double Corrected)
{
    /// <summary>Traits of exactly the same machines, which cannot be distinguished in this fleet.</summary>
    public IReadOnlyList<string> Together { get; init; } = [];
}

/// <summary>What the machines of a cluster have in common against the rest of the fleet.</summary>
/// <param name="Machines">Of the cluster.</param>
/// <param name="Others">Machines that it did not hit.</param>
/// <param name="Tried">Traits that were compared.</param>
public sealed record Suspects(long Machines, long Others, int Tried, IReadOnlyList<Suspect> Found)
{
    /// <summary>Fewer machines with a trait prove nothing.</summary>
    private const int MinSupport = 3;

    /// <summary>Suspects above this are as likely as not among the best of so many tries.</summary>
    public const double MaxFalse = 0.05;

    private const double MinOdds = 2;

    /// <summary>A release is a trait like others; an unknown trait does not mean that the machine lacks it.</summary>
    private const string Traits =
        "(SELECT machine, name, value FROM traits UNION SELECT machine, 'release' AS name, release AS value FROM releases)";

    /// <param name="cluster">Its whole id.</param>
    public static Suspects Of(FleetStore store, string cluster)
    {
        const string members = "SELECT DISTINCT c.machine FROM crashes c JOIN signatures s ON s.signature = c.signature WHERE " +
            "s.cluster = @id";
        long hit = store.Count($"SELECT COUNT(*) FROM ({members}) AS hit", ("id", cluster));
        long all = store.Count("SELECT COUNT(*) FROM machines");
        var known = new Dictionary<string, (long Hit, long All)>(StringComparer.Ordinal);
        foreach (Row r in store.Rows($"""
            SELECT name, COUNT(DISTINCT machine), COUNT(DISTINCT CASE WHEN machine IN ({members}) THEN machine END) FROM {Traits} AS t GROUP BY name
            """, ("id", cluster)))
            known[r.Text(0)] = (r.Number(2), r.Number(1));
        HashSet<string> own = [.. store.Rows("SELECT DISTINCT module FROM signatures WHERE cluster = @id AND module IS NOT NULL",
            ("id", cluster))
            .Select(r => r.Text(0))];
        var tried = new List<(string Name, string Value, long Hit, long Spared, long KnownHit, long KnownSpared)>();
        foreach (Row r in store.Rows($"""
            SELECT name, value, COUNT(DISTINCT machine), COUNT(DISTINCT CASE WHEN machine IN ({members}) THEN machine END) AS hits
              FROM {Traits} AS t GROUP BY name, value HAVING COUNT(DISTINCT CASE WHEN machine IN ({members}) THEN machine END) >= @least
              ORDER BY name, value
            """, ("id", cluster), ("least", (long)Math.Min(MinSupport, Math.Max(2, hit)))))
        {
            // Skip the module that crashed: it was loaded on every machine where it crashed.
            if (r.Text(0) is "module" or "foreign module" && own.Contains(r.Text(1)))
                continue;
            (long knownHit, long knownAll) = known[r.Text(0)];
            tried.Add((r.Text(0), r.Text(1), r.Number(3), r.Number(2) - r.Number(3), knownHit, knownAll - knownHit));
        }
        double[] chances = [.. tried.Select(t => FisherTest.Greater(t.Hit, t.Spared, t.KnownHit - t.Hit, t.KnownSpared - t.Spared))];
        double[] corrected = FisherTest.Corrected(chances);
        Suspect[] found = [.. tried.Select((t, i) => new Suspect(t.Name, t.Value, Proportion.From(t.Hit, t.KnownHit),
            Proportion.From(t.Spared, t.KnownSpared),
                FisherTest.OddsRatio(t.Hit, t.Spared, t.KnownHit - t.Hit, t.KnownSpared - t.Spared), chances[i], corrected[i]))
            .Where(s => s.Corrected <= MaxFalse && s.OddsRatio >= MinOdds)
            .OrderBy(s => s.Chance).ThenByDescending(s => s.OddsRatio).ThenBy(s => s.Name, StringComparer.Ordinal).ThenBy(s => s.Value,
                StringComparer.Ordinal)];
        return new(hit, all - hit, tried.Count, Grouped(store, cluster, members, found));
    }

    /// <summary>Suspects that the same machines have are one: the first of them by name, with the others beside it.</summary>
    private static Suspect[] Grouped(FleetStore store, string cluster, string members, Suspect[] found)
    {
        var result = new List<Suspect>();
        var groups = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (Suspect suspect in found)
        {
            string[] machines = [.. store.Rows($"""
                SELECT DISTINCT machine FROM {Traits} AS t
                  WHERE name = @name AND value = @value AND machine IN ({members}) ORDER BY machine
                """, ("name", suspect.Name), ("value", suspect.Value), ("id", cluster)).Select(r => r.Text(0))];
            string key = $"{suspect.Others.Hits} {Records.ContentHash.OfText(string.Join('\n', machines))}";
            if (groups.TryGetValue(key, out int at))
                result[at] = result[at] with { Together = [.. result[at].Together, $"{suspect.Name} {suspect.Value}"] };
            else
            {
                groups[key] = result.Count;
                result.Add(suspect);
            }
        }
        return [.. result];
    }
}
