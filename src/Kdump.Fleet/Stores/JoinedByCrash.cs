using Kdump.Sources.Records;

namespace Kdump.Fleet.Stores;

/// <summary>
/// Logs that name no machine: one is of the machine that had its very crash (<see cref="CrashRecord.Marks"/>), unless both tell what they
/// are made of, or their date or registers, and these differ. Where it could be one of two named machines, which of them is not known.
/// </summary>
internal sealed class JoinedByCrash(Database database, Profiles profiles)
{
    /// <summary>And what <c>same_by</c> says of it.</summary>
    private const string By = "crash";

    /// <summary>Traits that a machine has one of at the moment of a crash.</summary>
    private const string Makes = $"'model', 'firmware', 'cpu', '{IdentityTraits.Machine}', '{IdentityTraits.Serial}'";

    private readonly Dictionary<string, ILookup<string, string>> makes = new(StringComparer.Ordinal);

    public static void AddTo(Dictionary<string, (string Full, string By)> names, Database database, Profiles profiles)
    {
        if (database.Scalar("SELECT 1 FROM machines WHERE named = 0 LIMIT 1") is not null)
            new JoinedByCrash(database, profiles).Add(names);
    }

    private void Add(Dictionary<string, (string Full, string By)> names)
    {
        var groups = new SameGroups();
        var owners = new HashSet<(string Nameless, string Owner)>();
        foreach ((string Machine, string Event)[] same in SharedMarks.In(database, within: false))
        {
            ILookup<string, string> events = same.ToLookup(s => s.Machine, s => s.Event, StringComparer.Ordinal);
            string[] machines = [.. events.Select(e => e.Key)];
            bool AreAlike(string a, string b) => Fits(a, b) && events[a].Any(x => events[b].Any(y => profiles.Fit(x, y)));
            foreach (string nameless in machines.Where(m => m.StartsWith('?')))
            {
                string[] alike = [.. machines.Where(m => AreAlike(nameless, m))];
                // It fits two that do not fit each other: whose it is, is not known.
                if (!Array.TrueForAll(alike, a => Array.TrueForAll(alike, b => AreAlike(a, b))))
                    continue;
                groups.Top(nameless);
                foreach (string other in alike)
                {
                    if (other.StartsWith('?'))
                        groups.Join(nameless, other);
                    else
                        owners.Add((nameless, names.TryGetValue(other, out (string Full, string By) full) ? full.Full : other));
                }
            }
        }
        ILookup<string, string> ownersOf = owners.ToLookup(o => groups.Top(o.Nameless), o => o.Owner, StringComparer.Ordinal);
        foreach (IGrouping<string, string> group in groups.All())
        {
            string[] owner = [.. ownersOf[group.Key].Distinct(StringComparer.Ordinal)];
            if (owner.Length > 1 || !Agree([.. group, .. owner]))
                continue;
            foreach (string machine in group)
            {
                if ((owner.Length == 1 ? owner[0] : group.Key) is var full && full != machine)
                    names[machine] = (full, By);
            }
        }
    }

    private bool Agree(string[] machines) => Array.TrueForAll(machines, a => Array.TrueForAll(machines, b => Fits(a, b)));

    /// <summary>No trait that both tell differs.</summary>
    private bool Fits(string one, string other)
    {
        if (one == other)
            return true;
        ILookup<string, string> a = MakeOf(one), b = MakeOf(other);
        return a.All(trait => !b.Contains(trait.Key) || trait.Intersect(b[trait.Key], StringComparer.Ordinal).Any());
    }

    private ILookup<string, string> MakeOf(string machine)
    {
        if (!makes.TryGetValue(machine, out ILookup<string, string>? told))
            makes[machine] = told = database.Rows($"SELECT name, value FROM traits WHERE machine = @machine AND name IN ({Makes}) AND " +
                "lent <> 1",
                ("machine", machine)).ToLookup(r => r.Text(0), r => r.Text(1), StringComparer.Ordinal);
        return told;
    }
}
