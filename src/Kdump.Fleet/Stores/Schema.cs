using Kdump.Sources.Records;

namespace Kdump.Fleet.Stores;

/// <summary>
/// The tables of a store, the same words for SQLite and PostgreSQL. Lists are texts with a line for each item. A change of the tables is a
/// new step behind the last: a store runs the steps that it has not seen.
/// </summary>
internal static class Schema
{
    public static readonly string[][] Steps =
    [
        [
            // One row for each file that was given; equal files have one hash.
            """
            CREATE TABLE inputs (path TEXT PRIMARY KEY, hash TEXT NOT NULL, bytes BIGINT NOT NULL, modified BIGINT NOT NULL, kind TEXT NOT NULL,
              state TEXT NOT NULL, reason TEXT, version TEXT NOT NULL)
            """,
            "CREATE INDEX inputs_hash ON inputs (hash)",
            "CREATE TABLE machines (machine TEXT PRIMARY KEY, named INTEGER NOT NULL, model TEXT, first_seen BIGINT, last_seen BIGINT)",
            "CREATE TABLE releases (machine TEXT NOT NULL, release TEXT NOT NULL, PRIMARY KEY (machine, release))",
            "CREATE INDEX releases_release ON releases (release, machine)",
            """
            CREATE TABLE traits (machine TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (machine, name, value))
            """,
            "CREATE INDEX traits_value ON traits (name, value, machine)",
            // What each input tells of a crash; several inputs may tell of one.
            """
            CREATE TABLE records (id TEXT NOT NULL, input TEXT NOT NULL, machine TEXT NOT NULL, release TEXT, time BIGINT, time_from TEXT,
              signature TEXT NOT NULL, fatal INTEGER NOT NULL, requested INTEGER NOT NULL, headline TEXT NOT NULL, causes TEXT NOT NULL, fix TEXT,
              outcome INTEGER NOT NULL, outcome_reason TEXT, outcome_id TEXT, outcome_fix TEXT, evidence TEXT NOT NULL, rank INTEGER NOT NULL,
              settled INTEGER NOT NULL, PRIMARY KEY (id, input))
            """,
            "CREATE INDEX records_input ON records (input)",
            "CREATE INDEX records_open ON records (settled, id)",
            // Of each crash the telling that says most.
            """
            CREATE TABLE crashes (id TEXT PRIMARY KEY, input TEXT NOT NULL, machine TEXT NOT NULL, release TEXT, time BIGINT, time_from TEXT,
              signature TEXT NOT NULL, fatal INTEGER NOT NULL, requested INTEGER NOT NULL, headline TEXT NOT NULL, causes TEXT NOT NULL, fix TEXT,
              outcome INTEGER NOT NULL, outcome_reason TEXT, outcome_id TEXT, outcome_fix TEXT, evidence TEXT NOT NULL)
            """,
            "CREATE INDEX crashes_signature ON crashes (signature, machine)",
            "CREATE INDEX crashes_machine ON crashes (machine, time)",
            """
            CREATE TABLE signatures (signature TEXT PRIMARY KEY, kind TEXT NOT NULL, title TEXT NOT NULL, function TEXT, module TEXT,
              class TEXT NOT NULL, alt TEXT NOT NULL, stack TEXT NOT NULL, cluster TEXT)
            """,
            "CREATE INDEX signatures_cluster ON signatures (cluster)",
        ],
        [
            // What kinds are counted by, without a look into the table; of a million crashes that is seconds.
            "DROP INDEX crashes_signature",
            "CREATE INDEX crashes_kind ON crashes (signature, machine, time, release, fatal, outcome, input, id)",
            "CREATE INDEX crashes_outcome ON crashes (outcome, fatal)",
        ],
        [
            // Whether names are in it: null: nothing is yet; see FleetStore.Admit. Old redacted stores hold parameters with names.
            "ALTER TABLE kdump_fleet ADD COLUMN names TEXT",
            $"""
            UPDATE kdump_fleet SET names = CASE WHEN EXISTS (SELECT 1 FROM inputs WHERE path LIKE '#____________') THEN '{OldRedaction}'
              WHEN EXISTS (SELECT 1 FROM inputs) THEN '{FleetStore.PlainNames}' END
            """,
        ],
        [
            // Names of one machine: see JoinedNames. What a machine itself told has lent 0, what it has of another name 1; of that other
            // name 2.
            "ALTER TABLE machines ADD COLUMN same_as TEXT",
            "ALTER TABLE machines ADD COLUMN same_by TEXT",
            "CREATE INDEX machines_same ON machines (same_as) WHERE same_as IS NOT NULL",
            "ALTER TABLE traits ADD COLUMN lent INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE releases ADD COLUMN lent INTEGER NOT NULL DEFAULT 0",
            "DROP INDEX traits_value",
            "CREATE INDEX traits_value ON traits (name, value, machine, lent)",
            "DROP INDEX releases_release",
            "CREATE INDEX releases_release ON releases (release, machine, lent)",
            "CREATE INDEX traits_lent ON traits (machine) WHERE lent <> 0",
            "CREATE INDEX releases_lent ON releases (machine) WHERE lent <> 0",
            // What happened, whoever it was; and the name under which it was told, where it counts under another.
            "ALTER TABLE records ADD COLUMN event TEXT",
            "ALTER TABLE records ADD COLUMN told TEXT",
            "CREATE INDEX records_told ON records (told) WHERE told IS NOT NULL",
            "ALTER TABLE records ADD COLUMN hardware TEXT",
            "ALTER TABLE crashes ADD COLUMN hardware TEXT",
            "CREATE INDEX records_machine ON records (machine)",
            "ALTER TABLE records ADD COLUMN fixes TEXT",
            "ALTER TABLE crashes ADD COLUMN fixes TEXT",
            "ALTER TABLE kdump_fleet ADD COLUMN joined TEXT",
        ],
        [
            // What was stored before step 4: see OldRecords.
            $"CREATE INDEX records_old ON records (machine, id) WHERE {OldRecords.Which}",
        ],
        [
            // What happened is named by the kernel's clock now, and no longer by its signature: what stands here is of the older kind.
            "UPDATE records SET event = NULL",
            "UPDATE kdump_fleet SET joined = NULL",
            "ALTER TABLE records ADD COLUMN mark TEXT",
            "CREATE INDEX records_mark ON records (mark, machine) WHERE mark IS NOT NULL",
            // Tellings of one crash may have several: a copy that was cut has another one.
            "CREATE INDEX records_signature ON records (signature)",
            // The input for which a machine without a name stands.
            "ALTER TABLE machines ADD COLUMN source TEXT",
            "CREATE INDEX machines_source ON machines (source) WHERE source IS NOT NULL",
        ],
        [
            // By what a crash is known in whatever tells of it, and the kernel's moment of that in microseconds; -1: not told, or part of
            // the mark. Machine and event as they were told.
            """
            CREATE TABLE marks (mark TEXT NOT NULL, machine TEXT NOT NULL, event TEXT NOT NULL, moment BIGINT NOT NULL,
              PRIMARY KEY (mark, machine, event, moment))
            """,
            "INSERT INTO marks (mark, machine, event, moment) SELECT DISTINCT mark, COALESCE(told, machine), event, -1 FROM records " +
                "WHERE mark IS NOT NULL AND event IS NOT NULL",
            "DROP INDEX records_mark",
            // records.mark is used no more; SQLite before 3.35 drops no column.
            // Events of a machine that are one crash, and the one under which it counts.
            "CREATE TABLE lives (machine TEXT NOT NULL, event TEXT NOT NULL, life TEXT NOT NULL, PRIMARY KEY (machine, event))",
            "UPDATE kdump_fleet SET joined = NULL",
            "UPDATE records SET time_from = 'seen' WHERE time_from = 'file'",
            "UPDATE crashes SET time_from = 'seen' WHERE time_from = 'file'",
        ],
        [
            // What the telling under an event says that no other telling of the crash contradicts: see CrashProfile.
            "CREATE TABLE profiles (event TEXT PRIMARY KEY, profile TEXT NOT NULL)",
            // An event was a machine's moment and nothing else: now it holds the profile, and the moment is a mark.
            $"""
            INSERT INTO marks (mark, machine, event, moment) SELECT DISTINCT '{CrashMark.Within}' || substr(event, 2), COALESCE(told, machine),
              event, -1 FROM records WHERE event IS NOT NULL ON CONFLICT DO NOTHING
            """,
            "UPDATE kdump_fleet SET joined = NULL",
        ],
    ];

    /// <summary>What an older version took for redacted.</summary>
    public const string OldRedaction = "old redaction";

    /// <summary>Columns that <c>records</c> and <c>crashes</c> share.</summary>
    public const string CrashColumns = "id, input, machine, release, time, time_from, signature, fatal, requested, headline, " +
        "causes, fix, outcome, outcome_reason, outcome_id, outcome_fix, evidence, hardware, fixes";
}
