namespace Kdump.Fleet.Stores;

/// <summary>Names put together, each group known by the least of them.</summary>
internal sealed class SameGroups
{
    private readonly Dictionary<string, string> above = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> members = new(StringComparer.Ordinal);

    public void Join(string one, string other) => Join(one, other, (_, _) => true);

    /// <summary>Only where all names of the one group fit all of the other.</summary>
    public bool Join(string one, string other, Func<string, string, bool> fits)
    {
        (one, other) = (Top(one), Top(other));
        if (one == other)
            return true;
        if (!members[one].TrueForAll(a => members[other].TrueForAll(b => fits(a, b))))
            return false;
        (string least, string greater) = string.CompareOrdinal(one, other) < 0 ? (one, other) : (other, one);
        above[greater] = least;
        members[least].AddRange(members[greater]);
        members.Remove(greater);
        return true;
    }

    public string Top(string name)
    {
        if (above.TryAdd(name, name))
            members[name] = [name];
        while (above[name] != name)
            name = above[name];
        return name;
    }

    /// <summary>All that were asked for, by group.</summary>
    public ILookup<string, string> All() => above.Keys.ToArray().ToLookup(Top, StringComparer.Ordinal);
}
