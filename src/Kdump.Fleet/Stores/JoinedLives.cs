using Kdump.Sources.Records;

namespace Kdump.Fleet.Stores;

/// <summary>
/// Tellings of one machine that have a mark in common are of one crash, though one lacks the kernel's times, the beginning or the end of it
/// and so names another event. Records keep their own event; the crash has that of the group's least.
/// </summary>
internal static class JoinedLives
{
    /// <param name="counts">The name under which a machine counts.</param>
    public static void Renew(Database database, Func<string, string> counts, Profiles profiles)
    {
        // Surer marks come first, so that what fits two crashes goes to the one that is surer: no two crashes have equal registers.
        var groups = new SameGroups();
        foreach ((string Machine, string Event)[] same in SharedMarks.OfRegisters(database)
            .Concat(SharedMarks.In(database, within: true)))
        {
            foreach (IGrouping<string, string> own in same.GroupBy(s => counts(s.Machine), s => $"{counts(s.Machine)}\n{s.Event}"))
            {
                string[] all = [.. own.Distinct(StringComparer.Ordinal)];
                for (int i = 1; i < all.Length; i++)
                    _ = Array.Exists(all[..i], one => groups.Join(one, all[i], Fit));
            }
        }
        var now = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (IGrouping<string, string> group in groups.All().Where(g => g.Skip(1).Any()))
        {
            foreach (string telling in group)
                now[telling] = group.Key[(group.Key.IndexOf('\n') + 1)..];
        }
        bool Fit(string one, string other) => profiles.Fit(Parts(one).Event, Parts(other).Event);

        Dictionary<string, string> before = database.Rows("SELECT machine, event, life FROM lives")
            .ToDictionary(r => $"{r.Text(0)}\n{r.Text(1)}", r => r.Text(2), StringComparer.Ordinal);
        foreach (string telling in before.Keys.Where(t => !now.TryGetValue(t, out string? life) || life != before[t]))
        {
            (string machine, string happened) = Parts(telling);
            database.Run("DELETE FROM lives WHERE machine = @machine AND event = @event", ("machine", machine), ("event", happened));
            foreach (Row r in Records(database, machine, happened))
                JoinedNames.Rename(database, r, machine, r.TextOrNull(2), happened);
        }
        foreach ((string telling, string life) in now.Where(n => !before.TryGetValue(n.Key, out string? old) || old != n.Value))
        {
            (string machine, string happened) = Parts(telling);
            database.Run("INSERT INTO lives (machine, event, life) VALUES (@machine, @event, @life)", ("machine", machine),
                ("event", happened),
                ("life", life));
        }
    }

    /// <summary>Puts records where their crash is.</summary>
    public static void Apply(Database database)
    {
        foreach (Row l in database.Rows("SELECT machine, event, life FROM lives WHERE event <> life"))
        {
            string id = CrashRecord.IdOf(l.Text(0), l.Text(2));
            foreach (Row r in Records(database, l.Text(0), l.Text(1)))
            {
                if (r.Text(0) != id)
                    JoinedNames.Rename(database, r, l.Text(0), r.TextOrNull(2), l.Text(2));
            }
        }
    }

    private static IReadOnlyList<Row> Records(Database database, string machine, string happened) => database.Rows(
        "SELECT id, input, told FROM records WHERE machine = @machine AND event = @event", ("machine", machine), ("event", happened));

    private static (string Machine, string Event) Parts(string telling) =>
        (telling[..telling.IndexOf('\n')], telling[(telling.IndexOf('\n') + 1)..]);
}
