using Kdump.Cli.Terminals;
using Kdump.Fleet.Questions;
using Kdump.Fleet.Stores;
using Kdump.FleetCli;
using Kdump.Formats.Bytes;
using Kdump.Sources.Records;

namespace Kdump.Tests.Fleet;

/// <summary>Stores of earlier steps of the tables, as text of what they were: they are brought up to date with what they hold.</summary>
public sealed class OldStoreTests : IDisposable
{
    private const string Short = "web-1", Full = "web-1.a.example";

    private const string First = """
        CREATE TABLE kdump_fleet (step INTEGER NOT NULL);
        INSERT INTO kdump_fleet (step) VALUES (1);
        CREATE TABLE inputs (path TEXT PRIMARY KEY, hash TEXT NOT NULL, bytes BIGINT NOT NULL, modified BIGINT NOT NULL, kind TEXT NOT NULL,
          state TEXT NOT NULL, reason TEXT, version TEXT NOT NULL);
        CREATE INDEX inputs_hash ON inputs (hash);
        CREATE TABLE machines (machine TEXT PRIMARY KEY, named INTEGER NOT NULL, model TEXT, first_seen BIGINT, last_seen BIGINT);
        CREATE TABLE releases (machine TEXT NOT NULL, release TEXT NOT NULL, PRIMARY KEY (machine, release));
        CREATE INDEX releases_release ON releases (release, machine);
        CREATE TABLE traits (machine TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (machine, name, value));
        CREATE INDEX traits_value ON traits (name, value, machine);
        CREATE TABLE records (id TEXT NOT NULL, input TEXT NOT NULL, machine TEXT NOT NULL, release TEXT, time BIGINT, time_from TEXT,
          signature TEXT NOT NULL, fatal INTEGER NOT NULL, requested INTEGER NOT NULL, headline TEXT NOT NULL, causes TEXT NOT NULL,
          fix TEXT, outcome INTEGER NOT NULL, outcome_reason TEXT, outcome_id TEXT, outcome_fix TEXT, evidence TEXT NOT NULL,
          rank INTEGER NOT NULL, settled INTEGER NOT NULL, PRIMARY KEY (id, input));
        CREATE INDEX records_input ON records (input);
        CREATE INDEX records_open ON records (settled, id);
        CREATE TABLE crashes (id TEXT PRIMARY KEY, input TEXT NOT NULL, machine TEXT NOT NULL, release TEXT, time BIGINT, time_from TEXT,
          signature TEXT NOT NULL, fatal INTEGER NOT NULL, requested INTEGER NOT NULL, headline TEXT NOT NULL, causes TEXT NOT NULL,
          fix TEXT, outcome INTEGER NOT NULL, outcome_reason TEXT, outcome_id TEXT, outcome_fix TEXT, evidence TEXT NOT NULL);
        CREATE INDEX crashes_signature ON crashes (signature, machine);
        CREATE INDEX crashes_machine ON crashes (machine, time);
        CREATE TABLE signatures (signature TEXT PRIMARY KEY, kind TEXT NOT NULL, title TEXT NOT NULL, function TEXT, module TEXT,
          class TEXT NOT NULL, alt TEXT NOT NULL, stack TEXT NOT NULL, cluster TEXT);
        CREATE INDEX signatures_cluster ON signatures (cluster);
        """;

    private const string Second = """
        DROP INDEX crashes_signature;
        CREATE INDEX crashes_kind ON crashes (signature, machine, time, release, fatal, outcome, input, id);
        CREATE INDEX crashes_outcome ON crashes (outcome, fatal);
        UPDATE kdump_fleet SET step = 2;
        """;

    private const string Third = """
        ALTER TABLE kdump_fleet ADD COLUMN names TEXT;
        UPDATE kdump_fleet SET step = 3, names = 'plain';
        """;

    private readonly MadeUpFleet fleet = new();

    /// <summary>What a store had when it was at that step.</summary>
    internal static string TablesOf(int step) => string.Join('\n', new[] { First, Second, Third }[..step]);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_store_of_an_earlier_step_keeps_what_it_holds_and_a_scan_makes_one_crash_of_both_names(int step)
    {
        Make(step, Judged(Short), Judged(Full));
        using (FleetStore store = fleet.Open())
        {
            Assert.Equal(Schema.Steps.Length, store.Count("SELECT step FROM kdump_fleet"));
            Assert.Equal([Short, Full], FleetCrash.All(store).Select(c => c.Machine).Order(StringComparer.Ordinal));
            Assert.All(FleetCrash.All(store), c => Assert.Equal((0, "an old headline"), (c.Fixes.Count, c.Headline)));
            // Nothing says that what the one told is what the other told: they count apart, and the store says so.
            store.Settle();
            Assert.Equal((2, 2, 2), (store.Machines(), store.OldOnes(), store.Count("SELECT COUNT(*) FROM crashes")));
        }
        (int code, string output, string error) = Ask("top");
        Assert.Equal(0, code);
        Assert.Contains("in total 2 crashes, 2 machines", output, StringComparison.Ordinal);
        Assert.Contains("2 crashes of an older kdt: names of one machine with and without its domain count apart", error,
            StringComparison.Ordinal);
        using (FleetStore store = fleet.Open())
        {
            fleet.Scan(store, "2");
            Assert.Equal((1, 0, Full), (store.Machines(), store.OldOnes(), Assert.Single(FleetCrash.All(store)).Machine));
            Assert.Equal(FleetStore.JoinedByName, Assert.Single(store.OtherNames(Full)).By);
        }
        Assert.Equal("", Ask("top").Error);
    }

    [Fact]
    public void A_crash_of_which_one_input_is_scanned_again_and_another_is_gone_is_one()
    {
        (CrashRecord crash, string hash) told = Judged(Full);
        Make(3, told, (told.crash with { Machine = Full }, "gone"));
        using FleetStore store = fleet.Open();
        Assert.Equal(1, store.Count("SELECT COUNT(*) FROM crashes"));
        fleet.Scan(store, "2");
        Assert.Equal((1, 0, 2), (store.Count("SELECT COUNT(*) FROM crashes"), store.OldOnes(),
            store.Count("SELECT COUNT(*) FROM records")));
    }

    [Fact]
    public void A_crash_of_another_time_stays_one_of_its_own()
    {
        (CrashRecord crash, string hash) told = Judged(Full);
        Make(3, told, (told.crash with { Id = "other", Time = told.crash.Time - 60 }, "gone"));
        using FleetStore store = fleet.Open();
        fleet.Scan(store, "2");
        Assert.Equal((2, 1), (store.Count("SELECT COUNT(*) FROM crashes"), store.OldOnes()));
    }

    [Fact]
    public void Shards_of_an_earlier_step_are_merged_and_joined_after_a_scan()
    {
        Make(3, Judged(Short));
        File.Move(fleet.Store, fleet.Store + ".1");
        Make(3, Judged(Full));
        using FleetStore store = fleet.Open();
        using (var other = FleetStore.Open(fleet.Store + ".1", create: false))
            store.Merge(other);
        store.Settle();
        Assert.Equal((2, 2), (store.Machines(), store.OldOnes()));
        fleet.Scan(store, "2");
        Assert.Equal((1, 1), (store.Machines(), store.Count("SELECT COUNT(*) FROM crashes")));
    }

    [Fact]
    public void What_an_older_kdt_redacted_takes_nothing_more()
    {
        Make(2, Judged(Short));
        Run("UPDATE inputs SET path = '#0123456789ab'");
        using FleetStore store = fleet.Open();
        InputException e = Assert.Throws<InputException>(() => fleet.Scan(store));
        Assert.Contains("was made by an older kdt's --redact", e.Message, StringComparison.Ordinal);
    }

    public void Dispose() => fleet.Dispose();

    /// <summary>What a scan gives of a machine's log now, and the log's hash.</summary>
    private (CrashRecord Crash, string Hash) Judged(string host)
    {
        string log = fleet.Log(host, MadeUpFleet.Chain);
        return (Assert.Single(RecordMaker.Of([log]).Crashes), ContentHash.Of(log));
    }

    private void Make(int step, params (CrashRecord Crash, string Hash)[] told)
    {
        using (SqliteConnections.Open(fleet.Store, write: true))
        {
        }
        Run(TablesOf(step));
        foreach ((CrashRecord c, string hash) in told)
        {
            string path = hash == "gone" ? "/gone.log" : Path.Combine(fleet.Logs, c.Machine + ".log"),
                row = $"'old {c.Id}', '{hash}', '{c.Machine}', '{c.Release}', {c.Time}, '{c.TimeFrom}', '{c.Shape.Signature}', 1, 0, " +
                "'an old headline', 'kernel-oops', NULL, 0, NULL, NULL, NULL, 'x.log:1: BUG'";
            Run($"""
                INSERT INTO inputs VALUES ('{path}', '{hash}', 1, 1, 'console log', 'judged', NULL, '1');
                INSERT INTO machines VALUES ('{c.Machine}', 1, 'Dell Inc. PowerEdge R740', {c.Time}, {c.Time}) ON CONFLICT DO NOTHING;
                INSERT INTO releases VALUES ('{c.Machine}', '{c.Release}') ON CONFLICT DO NOTHING;
                INSERT INTO traits VALUES ('{c.Machine}', 'model', 'Dell Inc. PowerEdge R740') ON CONFLICT DO NOTHING;
                INSERT INTO records VALUES ({row}, 14, 1);
                INSERT INTO crashes VALUES ({row}) ON CONFLICT DO NOTHING;
                INSERT INTO signatures VALUES ('{c.Shape.Signature}', '{c.Shape.Kind}', '{c.Shape.Title}', '{c.Shape.Function}', 'i40e',
                  '{c.Shape.Class}', '', '{string.Join('\n', c.Shape.Stack)}', '0123456789abcdef') ON CONFLICT DO NOTHING;
                """);
        }
    }

    private void Run(string sql)
    {
        using var database = new Database("store", SqliteConnections.Open(fleet.Store, write: true), shared: false);
        foreach (string one in sql.Split(";\n", StringSplitOptions.RemoveEmptyEntries))
            database.Run(one.TrimEnd(';'));
    }

    private (int Code, string Output, string Error) Ask(string question)
    {
        var output = new StringWriter { NewLine = "\n" };
        var error = new StringWriter { NewLine = "\n" };
        int code = KdtFleet.Run([question, fleet.Store], output, error, () => Stream.Null, Terminal.Plain);
        return (code, output.ToString(), error.ToString());
    }
}
