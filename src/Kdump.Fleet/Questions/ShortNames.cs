using Kdump.Fleet.Stores;

namespace Kdump.Fleet.Questions;

/// <summary>Machines that some inputs call by the host alone and others by the host with its domain: nothing proves that they are
/// one.</summary>
public static class ShortNames
{
    /// <summary>How many names without a domain begin a name with one. Redacted names have the same form.</summary>
    public static long In(FleetStore store)
    {
        var hosts = new HashSet<string>(StringComparer.Ordinal);
        foreach (Row row in store.Stream("SELECT machine FROM machines WHERE named <> 0 AND machine LIKE '%.%'"))
            hosts.Add(row.Text(0).Split('.')[0]);
        return hosts.Count == 0 ? 0 : store.Stream("SELECT machine FROM machines WHERE named <> 0 AND machine NOT LIKE '%.%'")
            .Count(r => hosts.Contains(r.Text(0)));
    }
}
