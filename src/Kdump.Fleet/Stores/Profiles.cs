using Kdump.Sources.Records;

namespace Kdump.Fleet.Stores;

/// <summary>What tellings say that contradicts another telling: see <see cref="CrashProfile"/>.</summary>
internal sealed class Profiles
{
    private readonly Dictionary<string, string> ofEvents;
    private readonly Dictionary<(string, string), bool> known = [];

    /// <summary>Those of events that have a mark in common with another one.</summary>
    public Profiles(Database database) => ofEvents = database.Rows("""
        SELECT event, profile FROM profiles WHERE event IN (SELECT event FROM marks WHERE mark IN (SELECT mark FROM marks GROUP BY mark
          HAVING MIN(event) <> MAX(event)))
        """).ToDictionary(r => r.Text(0), r => r.Text(1), StringComparer.Ordinal);

    /// <summary>The two may be one crash.</summary>
    public bool Fit(string one, string other)
    {
        if (one == other || !ofEvents.TryGetValue(one, out string? a) || !ofEvents.TryGetValue(other, out string? b))
            return true;
        (string, string) pair = string.CompareOrdinal(one, other) < 0 ? (one, other) : (other, one);
        if (!known.TryGetValue(pair, out bool fit))
            known[pair] = fit = !CrashProfile.Contradict(a, b);
        return fit;
    }
}
