using Kdump.Sources.Records;

namespace Kdump.Fleet.Stores;

/// <summary>Which tellings have a mark in common, and agree on its moment where both tell one.</summary>
internal static class SharedMarks
{
    /// <summary>Tellings of one mark; more of them are no crash, but something that many logs have.</summary>
    private const int Most = 64;

    /// <summary>
    /// Those of lines of registers: they have a moment beside their name, and no other mark of more than one machine has.
    /// </summary>
    public static IEnumerable<(string Machine, string Event)[]> OfRegisters(Database database) => In(database,
        $"WHERE mark IN (SELECT mark FROM marks WHERE moment >= 0 AND mark NOT LIKE '{CrashMark.Within}%')");

    /// <summary>Each time those of one mark: the machine and the event as they were told, each with a record that still stands.</summary>
    /// <param name="within">Marks that tell crashes of one machine apart are given, too.</param>
    public static IEnumerable<(string Machine, string Event)[]> In(Database database, bool within) =>
        In(database, within ? "" : $"WHERE mark NOT LIKE '{CrashMark.Within}%'");

    private static IEnumerable<(string Machine, string Event)[]> In(Database database, string which)
    {
        IEnumerable<Row> rows = database.Rows($"""
            SELECT m.mark, m.machine, m.event, m.moment FROM marks m WHERE m.mark IN (SELECT mark FROM marks
              {which} GROUP BY mark
              HAVING MIN(event) <> MAX(event) OR MIN(machine) <> MAX(machine)) AND EXISTS (SELECT 1 FROM records r WHERE r.event = m.event AND
              (r.machine = m.machine OR r.told = m.machine)) ORDER BY m.mark {database.Bytewise}, m.machine {database.Bytewise}, m.event, m.moment
            """);
        var one = new List<(string Machine, string Event, long Moment)>();
        string? mark = null;
        foreach (Row r in rows)
        {
            if (mark is not null && mark != r.Text(0))
            {
                foreach ((string Machine, string Event)[] same in Agreeing(one))
                    yield return same;
                one.Clear();
            }
            mark = r.Text(0);
            one.Add((r.Text(1), r.Text(2), r.Number(3)));
        }
        foreach ((string Machine, string Event)[] same in Agreeing(one))
            yield return same;
    }

    /// <summary>One that tells no moment is of the only moment that others tell, and of none where they tell several.</summary>
    private static IEnumerable<(string Machine, string Event)[]> Agreeing(List<(string Machine, string Event, long Moment)> told)
    {
        if (told.Count is < 2 or > Most)
            return [];
        var moments = new List<HashSet<(string, string)>>();
        foreach (IGrouping<long, (string Machine, string Event, long Moment)> at in told.Where(t => t.Moment >= 0).GroupBy(t => t.Moment))
        {
            HashSet<(string, string)> all = [.. at.Select(t => (t.Machine, t.Event))];
            // A report prints its registers twice: whoever has both moments joins them.
            foreach (HashSet<(string, string)> other in moments.FindAll(m => m.Overlaps(all)))
            {
                all.UnionWith(other);
                moments.Remove(other);
            }
            moments.Add(all);
        }
        if (moments.Count <= 1)
            moments = [[.. told.Select(t => (t.Machine, t.Event))]];
        return moments.Where(m => m.Count > 1).Select(m => m.ToArray());
    }
}
