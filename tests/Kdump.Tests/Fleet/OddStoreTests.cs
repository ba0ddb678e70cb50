using Kdump.Cli.Terminals;
using Kdump.Fleet.Stores;
using Kdump.FleetCli;
using Kdump.Sources.Records;

namespace Kdump.Tests.Fleet;

/// <summary>Stores that no scan left so: cut, changed by others, of another version, of no right to write.</summary>
public sealed class OddStoreTests : IDisposable
{
    private static readonly string[][] Questions = [["top"], ["top", "--json"], ["new", "--since", "7d"], ["lost-dumps"], ["inputs"],
        ["export"],
        ["machine", "web-1"], ["diff", "--release", "6.1.0-31", "6.1.0-32"], ["suspects", "0"], ["show", "0"]];

    private readonly MadeUpFleet fleet = new();

    public OddStoreTests()
    {
        for (int i = 1; i <= 4; i++)
            fleet.Log($"web-{i}", MadeUpFleet.Chain, day: i);
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
    }

    [Theory]
    [InlineData("UPDATE crashes SET time = 'yesterday'", "holds what no kdt fleet wrote")]
    [InlineData("UPDATE crashes SET fatal = 'very'", "")]
    [InlineData("UPDATE machines SET named = x'00ff', model = 7", "")]
    [InlineData("UPDATE kdump_fleet SET step = 99", "was written by a newer kdt (step 99")]
    [InlineData("UPDATE kdump_fleet SET step = -1", "is not a store of kdt fleet")]
    [InlineData("UPDATE kdump_fleet SET step = 'x'", "store: ")]
    [InlineData("DELETE FROM kdump_fleet", "")]
    [InlineData("DROP TABLE crashes", "no such table")]
    [InlineData("DROP TABLE kdump_fleet", "is not a store of kdt fleet")]
    public void What_another_program_did_to_a_store_ends_in_one_line_that_blames_the_store(string sql, string said)
    {
        Change(sql);
        foreach (string[] question in Questions)
        {
            (int code, _, string error) = Ask(question);
            Assert.DoesNotContain("bug of kdt", error, StringComparison.Ordinal);
            Assert.True(code == 0 || error.Split('\n').Length == 2, error);
        }
        Assert.Contains(said, Ask("top").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_time_beyond_all_calendars_is_no_date()
    {
        Change("UPDATE crashes SET time = 9000000000000000000");
        (int code, string output, string error) = Ask("top");
        Assert.Equal((0, ""), (code, error));
        Assert.Contains(" -     ", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_torn_store_and_a_file_of_another_kind_are_told_and_left_alone()
    {
        byte[] whole = File.ReadAllBytes(fleet.Store);
        foreach (byte[] bytes in new[] { whole[..(whole.Length / 3)], whole[..100],
            "not a database, and long enough to look like none".PadRight(4000).Select(c => (byte)c).ToArray() })
        {
            File.WriteAllBytes(fleet.Store, bytes);
            (int code, _, string error) = Ask("top");
            Assert.Equal(2, code);
            Assert.DoesNotContain("bug of kdt", error, StringComparison.Ordinal);
            Assert.Equal(bytes, File.ReadAllBytes(fleet.Store));
        }
    }

    [Fact]
    public void Reports_that_no_scan_has_counted_yet_are_told()
    {
        fleet.Log("late-1", MadeUpFleet.Chain, day: 9);
        using (FleetStore store = fleet.Open())
            store.Save([RecordMaker.Of([Path.Combine(fleet.Logs, "late-1.log")])], "1");
        (int code, string output, string error) = Ask("top");
        Assert.Equal(0, code);
        Assert.Contains("1 report of crashes not counted yet", error, StringComparison.Ordinal);
        Assert.Contains("in total 4 crashes", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_scan_that_is_told_to_stop_keeps_what_was_judged_and_the_next_goes_on()
    {
        for (int i = 10; i < 60; i++)
            fleet.Log($"web-{i}", MadeUpFleet.Chain, day: 5);
        int asked = 0;
        using FleetStore store = fleet.Open();
        Kdump.Fleet.Scans.ScanState first = new Kdump.Fleet.Scans.Scan(store, "2", () => new MadeUpFleet.HereJudge(), 2) { Stopped = () =>
            ++asked > 20 }
            .Run([fleet.Logs]);
        Assert.InRange(first.Units, 0, 40);
        Assert.Equal(0, first.Refused);
        Kdump.Fleet.Scans.ScanState rest = fleet.Scan(store, "2");
        Assert.Equal(54, rest.Units);
        Assert.Equal(first.Units, rest.Skipped);
        Assert.Equal(54, store.Count("SELECT COUNT(*) FROM crashes"));
        Assert.Equal(0, store.Unsettled());
    }

    public void Dispose() => fleet.Dispose();

    private void Change(string sql)
    {
        using var database = new Database("store", SqliteConnections.Open(fleet.Store, write: true), shared: false);
        database.Run(sql);
    }

    private (int Code, string Output, string Error) Ask(params string[] question)
    {
        var output = new StringWriter { NewLine = "\n" };
        var error = new StringWriter { NewLine = "\n" };
        int code = KdtFleet.Run([question[0], fleet.Store, .. question[1..]], output, error, () => Stream.Null, Terminal.Plain);
        return (code, output.ToString(), error.ToString());
    }
}
