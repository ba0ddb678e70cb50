using Kdump.Diagnosis.Crashes;
using Kdump.Sources.Records;

namespace Kdump.Fleet.Stores;

/// <summary>
/// Rows on their way into a store. Each stands here once, whatever order they came in; they are written table by table and sorted by their
/// keys, so that two scanners of one database wait for each other instead of blocking each other.
/// </summary>
internal sealed class IncomingRows
{
    public static readonly string[] InputColumns = ["path", "hash", "bytes#", "modified#", "kind", "state", "reason", "version"],
        MachineColumns = ["machine", "named#", "model", "first_seen#", "last_seen#", "source"], ReleaseColumns = ["machine", "release"],
        TraitColumns = ["machine", "name", "value"],
        SignatureColumns = ["signature", "kind", "title", "function", "module", "class", "alt", "stack"],
        RecordColumns = ["id", "input", "machine", "release", "time#", "time_from", "signature", "fatal#", "requested#", "headline",
            "causes",
            "fix", "outcome#", "outcome_reason", "outcome_id", "outcome_fix", "evidence", "rank#", "event", "hardware",
            "fixes"],
        MarkColumns = ["mark", "machine", "event", "moment#"], ProfileColumns = ["event", "profile"];

    private static readonly int Evidence = Array.IndexOf(RecordColumns, "evidence"), Machine = Array.IndexOf(RecordColumns, "machine"),
        Event = Array.IndexOf(RecordColumns, "event");

    private readonly Dictionary<string, object?[]> inputs = new(StringComparer.Ordinal), machines = new(StringComparer.Ordinal),
        releases = new(StringComparer.Ordinal), traits = new(StringComparer.Ordinal), signatures = new(StringComparer.Ordinal),
        records = new(StringComparer.Ordinal), marks = new(StringComparer.Ordinal),
        profiles = new(StringComparer.Ordinal);

    public void AddInput(object?[] row) => inputs[KeyOf(row)] = row;

    public void AddInput(InputRecord i, string version) =>
        AddInput([i.Path, i.Hash, i.Bytes, i.Modified, i.Kind, JudgedJson.NameOf(i.State), i.Reason, version]);

    public void AddMachine(object?[] row)
    {
        string key = KeyOf(row);
        machines[key] = !machines.TryGetValue(key, out object?[]? old) ? row : [key, row[1], Least(old[2] as string, row[2] as string),
            Math.Min(old[3] as long? ?? long.MaxValue, row[3] as long? ?? long.MaxValue) is var first && first < long.MaxValue ? first
                : null,
            Math.Max(old[4] as long? ?? long.MinValue, row[4] as long? ?? long.MinValue) is var last && last > long.MinValue ? last : null,
            Least(old[5] as string, row[5] as string)];
    }

    /// <param name="isNew">Its releases and traits may not stand in the store.</param>
    public void AddMachine(MachineRecord m, bool isNew)
    {
        AddMachine([m.Key, m.Named ? 1L : 0L, m.Model, m.Seen, m.Seen, m.Source]);
        if (!isNew)
            return;
        foreach (string release in m.Releases)
            AddRelease([m.Key, release]);
        foreach ((string name, string value) in m.Traits)
            AddTrait([m.Key, name, value]);
    }

    public void AddRelease(object?[] row) => releases[string.Join('\n', row)] = row;

    public void AddTrait(object?[] row) => traits[string.Join('\n', row)] = row;

    /// <summary>Of two stacks with one signature the longer, so that the order in which they came does not matter.</summary>
    public void AddSignature(CrashShape s)
    {
        object?[] row = [s.Signature, s.Kind, s.Title, s.Function, s.Module, s.Class, Joined(s.AltTitles), Joined(s.Stack)];
        if (!signatures.TryGetValue(s.Signature, out object?[]? old) ||
            IsBetter((string)row[7]!, s.Title, (string)old[7]!, (string)old[2]!))
            signatures[s.Signature] = row;
    }

    public void AddRecord(object?[] row)
    {
        string key = row[0] + "\n" + row[1];
        if (!records.TryGetValue(key, out object?[]? old) || string.CompareOrdinal((string)row[Evidence]!, (string)old[Evidence]!) < 0)
            records[key] = row;
    }

    /// <summary>A record of another store, as it was told: there it may count under another name, or as another event.</summary>
    /// <param name="row">Its columns, and the name under which it was told.</param>
    public void AddTold(object?[] row)
    {
        row[Machine] = row[^1] as string ?? row[Machine];
        if (row[Event] is string happened && row[Machine] is string machine)
            row[0] = CrashRecord.IdOf(machine, happened);
        AddRecord(row[..^1]);
    }

    public void AddRecord(CrashRecord c, string input)
    {
        AddSignature(c.Shape);
        AddRecord([c.Id, input, c.Machine, c.Release, c.Time, c.TimeFrom, c.Shape.Signature, c.Fatal ? 1L : 0L, c.Requested ? 1L : 0L,
            c.Headline, Joined(c.Causes), c.Fix, (long)c.Outcome, c.OutcomeReason, c.OutcomeId, c.OutcomeFix, c.Evidence, (long)c.Rank,
                c.Event,
            c.Hardware.Count == 0 ? null : Joined(c.Hardware), c.Fixes.Count == 0 ? null : Joined(c.Fixes)]);
        foreach (CrashMark mark in c.Event is null ? [] : c.Marks)
            AddMark([mark.Name, c.Machine, c.Event, mark.At ?? -1]);
        if (c.Event is not null && c.Profile.Length > 0)
            AddProfile([c.Event, c.Profile]);
    }

    public void AddMark(object?[] row) => marks[string.Join('\n', row)] = row;

    public void AddProfile(object?[] row) => profiles[KeyOf(row)] = row;

    public void WriteTo(Database database)
    {
        // Crashes read from an earlier version of a file are kept: they did happen.
        database.Insert("inputs", InputColumns,
            $"ON CONFLICT (path) DO UPDATE SET {Set("hash", "bytes", "modified", "kind", "state", "reason",
            "version")}", Sorted(inputs));
        database.Insert("machines", MachineColumns, $"""
            ON CONFLICT (machine) DO UPDATE SET
              model = CASE WHEN machines.model IS NULL OR excluded.model < machines.model {database.Bytewise} THEN excluded.model
                ELSE machines.model END,
              first_seen = CASE WHEN machines.first_seen IS NULL OR excluded.first_seen < machines.first_seen THEN excluded.first_seen
                ELSE machines.first_seen END,
              last_seen = CASE WHEN machines.last_seen IS NULL OR excluded.last_seen > machines.last_seen THEN excluded.last_seen
                ELSE machines.last_seen END
            """, Sorted(machines));
        // What a machine has of another name and now tells itself is its own.
        database.Insert("releases", ReleaseColumns,
            "ON CONFLICT (machine, release) DO UPDATE SET lent = 0 WHERE releases.lent = 1", Sorted(releases));
        database.Insert("traits", TraitColumns,
            "ON CONFLICT (machine, name, value) DO UPDATE SET lent = 0 WHERE traits.lent = 1", Sorted(traits));
        database.Insert("signatures", SignatureColumns, $"""
            ON CONFLICT (signature) DO UPDATE SET {Set("stack", "title", "alt", "class")}, cluster = NULL
              WHERE LENGTH(excluded.stack) > LENGTH(signatures.stack) OR (LENGTH(excluded.stack) = LENGTH(signatures.stack) AND
              excluded.stack || excluded.title < signatures.stack || signatures.title {database.Bytewise})
            """, Sorted(signatures));
        // Of equal contents the one whose place sorts first is quoted, in whatever order they came.
        database.Insert("records", [.. RecordColumns, "settled#"], $"""
            ON CONFLICT (id, input) DO UPDATE SET evidence = excluded.evidence, settled = 0
              WHERE excluded.evidence < records.evidence {database.Bytewise}
            """, [.. Sorted(records).Select(r => (object?[])[.. r, 0L])]);
        database.Insert("marks", MarkColumns, "ON CONFLICT DO NOTHING", Sorted(marks));
        database.Insert("profiles", ProfileColumns, "ON CONFLICT DO NOTHING", Sorted(profiles));
    }

    /// <summary>Another store may hold anything.</summary>
    private static string KeyOf(object?[] row) => (string)(row[0] ??= "");

    private static object?[][] Sorted(Dictionary<string, object?[]> rows) =>
        [.. rows.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => r.Value)];

    private static string Set(params string[] columns) => string.Join(", ", columns.Select(c => $"{c} = excluded.{c}"));

    private static bool IsBetter(string stack, string title, string oldStack, string oldTitle) => stack.Length > oldStack.Length ||
        (stack.Length == oldStack.Length && string.CompareOrdinal(stack + title, oldStack + oldTitle) < 0);

    private static string? Least(string? a, string? b) => a is null || (b is not null && string.CompareOrdinal(b, a) < 0) ? b : a;

    private static string Joined(IEnumerable<string> lines) => string.Join('\n', lines.Select(l => l.Replace('\n', ' ')));
}
