namespace Kdump.Fleet.Stores;

/// <summary>Names put together, each group known by the least of them.</summary>
internal sealed class SameGroups
{
    private readonly Dictionary<string, string> above = new(StringComparer.Ordinal);

    public void Join(string one, string other)
    {
        (one, other) = (Top(one), Top(other));
        if (one != other)
            above[string.CompareOrdinal(one, other) < 0 ? other : one] = string.CompareOrdinal(one, other) < 0 ? one : other;
    }

    public string Top(string name)
    {
        above.TryAdd(name, name);
        while (above[name] != name)
            name = above[name];
        return name;
    }

    /// <summary>All that were asked for, by group.</summary>
    public ILookup<string, string> All() => above.Keys.ToArray().ToLookup(Top, StringComparer.Ordinal);
}
