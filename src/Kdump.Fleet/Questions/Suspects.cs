using Kdump.Fleet.Statistics;
using Kdump.Fleet.Stores;
using Kdump.Sources.Records;

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

    private const string Release = "release";

    private const string Hit = "WITH hit AS (SELECT DISTINCT c.machine FROM crashes c JOIN signatures s ON s.signature = c.signature " +
        "WHERE s.cluster = @id) ";

    /// <param name="cluster">Its whole id.</param>
    public static Suspects Of(FleetStore store, string cluster)
    {
        long hit = store.Count(Hit + "SELECT COUNT(*) FROM hit", ("id", cluster)), all = store.Machines();
        HashSet<string> own = [.. store.Rows("SELECT DISTINCT module FROM signatures WHERE cluster = @id AND module IS NOT NULL",
            ("id", cluster)).Select(r => r.Text(0))];
        var known = new Dictionary<string, (long Hit, long All)>(StringComparer.Ordinal);
        var tried = new List<(string Name, string Value, long Hit, long Spared, long KnownHit, long KnownSpared)>();
        // A release is a trait like others; what is not known of a machine is no sign that it lacks it.
        foreach (Row r in store.Rows(Hit + """
            SELECT t.name, t.value, COUNT(*) FROM hit JOIN traits t ON t.machine = hit.machine
              WHERE t.name NOT IN ('machine id', 'serial', 'boot id') GROUP BY t.name, t.value
              HAVING COUNT(*) >= @least ORDER BY t.name, t.value
            """, ("id", cluster), ("least", (long)Math.Min(MinSupport, Math.Max(2, hit))))
            .Concat(store.Rows(Hit + """
            SELECT 'release', t.release, COUNT(*) FROM hit JOIN releases t ON t.machine = hit.machine GROUP BY t.release
              HAVING COUNT(*) >= @least ORDER BY t.release
            """, ("id", cluster), ("least", (long)Math.Min(MinSupport, Math.Max(2, hit))))))
        {
            // Skip the module that crashed: it was loaded on every machine where it crashed.
            if (r.Text(0) is "module" or "foreign module" && own.Contains(r.Text(1)))
                continue;
            if (!known.TryGetValue(r.Text(0), out (long Hit, long All) of))
                known[r.Text(0)] = of = KnownOf(store, cluster, r.Text(0));
            long having = r.Text(0) == Release
                ? store.Count("SELECT COUNT(*) FROM releases WHERE release = @value AND lent < 2", ("value", r.Text(1)))
                : store.Count("SELECT COUNT(*) FROM traits WHERE name = @name AND value = @value AND lent < 2", ("name", r.Text(0)),
                    ("value", r.Text(1)));
            tried.Add((r.Text(0), r.Text(1), r.Number(2), having - r.Number(2), of.Hit, of.All - of.Hit));
        }
        double[] chances = [.. tried.Select(t => FisherTest.Greater(t.Hit, t.Spared, t.KnownHit - t.Hit, t.KnownSpared - t.Spared))];
        double[] corrected = FisherTest.Corrected(chances);
        Suspect[] found = [.. tried.Select((t, i) => new Suspect(t.Name, t.Value, Proportion.From(t.Hit, t.KnownHit),
            Proportion.From(t.Spared, t.KnownSpared),
                FisherTest.OddsRatio(t.Hit, t.Spared, t.KnownHit - t.Hit, t.KnownSpared - t.Spared), chances[i], corrected[i]))
            .Where(s => s.Corrected <= MaxFalse && s.OddsRatio >= MinOdds)
            .OrderBy(s => s.Chance).ThenByDescending(s => s.OddsRatio).ThenBy(s => s.Name, StringComparer.Ordinal).ThenBy(s => s.Value,
                StringComparer.Ordinal)];
        return new(hit, all - hit, tried.Count, Grouped(store, cluster, found));
    }

    /// <summary>Machines of which something of this name is known. What a name has that counts under another is in nobody's way here: only
    /// machines that count are asked. A condition on <c>lent</c> would send SQLite through all rows of the name for each machine.</summary>
    private static (long Hit, long All) KnownOf(FleetStore store, string cluster, string name)
    {
        string exists = name == Release ? "EXISTS (SELECT 1 FROM releases t WHERE t.machine = m.machine)"
            : "EXISTS (SELECT 1 FROM traits t WHERE t.machine = m.machine AND t.name = @name)";
        (string, object?)[] named = name == Release ? [] : [("name", name)];
        return (store.Count($"{Hit}SELECT COUNT(*) FROM hit m WHERE {exists}", [("id", cluster), .. named]),
            store.Count($"SELECT COUNT(*) FROM machines m WHERE m.same_as IS NULL AND {exists}", named));
    }

    /// <summary>Suspects that the same machines have are one: the first of them by name, with the others beside it.</summary>
    private static Suspect[] Grouped(FleetStore store, string cluster, Suspect[] found)
    {
        var result = new List<Suspect>();
        var groups = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (Suspect suspect in found)
        {
            string[] machines = [.. (suspect.Name == Release
                ? store.Rows(Hit + "SELECT hit.machine FROM hit JOIN releases t ON t.machine = hit.machine AND t.release = @value " +
                    "ORDER BY 1",
                    ("id", cluster), ("value", suspect.Value))
                : store.Rows(Hit + """
                    SELECT hit.machine FROM hit JOIN traits t ON t.machine = hit.machine AND t.name = @name AND t.value = @value ORDER BY 1
                    """, ("id", cluster), ("name", suspect.Name), ("value", suspect.Value))).Select(r => r.Text(0))];
            string key = $"{suspect.Others.Hits} {ContentHash.OfText(string.Join('\n', machines))}";
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
