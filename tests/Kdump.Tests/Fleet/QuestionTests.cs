using Kdump.Diagnosis.Crashes;
using Kdump.Fleet.Clusters;
using Kdump.Fleet.Questions;
using Kdump.Fleet.Stores;
using Kdump.Formats.Bytes;
using Kdump.Sources.Records;

namespace Kdump.Tests.Fleet;

public sealed class QuestionTests : IDisposable
{
    private readonly MadeUpFleet fleet = new();

    [Fact]
    public void The_firmware_that_only_crashed_machines_have_is_the_suspect()
    {
        for (int i = 1; i <= 12; i++)
            fleet.Log($"bad-{i}", MadeUpFleet.Chain, firmware: "2.12.2 07/09/2021", day: i);
        for (int i = 1; i <= 30; i++)
            fleet.Log($"good-{i}", firmware: i == 1 ? "2.12.2 07/09/2021" : "2.19.1 06/04/2023");
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        Suspects suspects = Suspects.Of(store, TopClusters.Of(store, 1).Single().Id);
        Assert.Equal((12, 30), (suspects.Machines, suspects.Others));
        Suspect first = suspects.Found[0];
        Assert.Equal(("firmware", "2.12.2 07/09/2021"), (first.Name, first.Value));
        Assert.Equal((12, 12, 1, 30), (first.Hit.Hits, first.Hit.Of, first.Others.Hits, first.Others.Of));
        Assert.True(first.Corrected < 1e-6);
        // The module that crashed is no suspect, and what all have is none.
        Assert.DoesNotContain(suspects.Found, s => s.Value is "i40e" or "quiet");
    }

    [Fact]
    public void Without_machines_to_compare_with_nothing_is_suspected()
    {
        for (int i = 1; i <= 5; i++)
            fleet.Log($"bad-{i}", MadeUpFleet.Chain);
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        Assert.Empty(Suspects.Of(store, TopClusters.Of(store, 1).Single().Id).Found);
    }

    [Fact]
    public void A_kind_that_only_the_newer_release_has_is_new_and_one_machine_proves_nothing()
    {
        for (int i = 1; i <= 20; i++)
        {
            fleet.Log($"old-{i}", release: "6.1.0-31-amd64");
            fleet.Log($"new-{i}", i <= 9 ? MadeUpFleet.Chain : null, release: "6.1.0-32-amd64");
        }
        fleet.Log("new-x", "xfs_buf_item_relse xfs_buf_ioend process_one_work worker_thread kthread", release: "6.1.0-32-amd64");
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        ReleaseDiff diff = ReleaseDiff.Of(store, "6.1.0-31", "6.1.0-32");
        Assert.Equal((20, 21), (diff.Earlier, diff.Later));
        Assert.Equal(["new", "no proof"], diff.Changes.Select(c => c.Word));
        Assert.Equal((9, 21), (diff.Changes[0].Later.Hits, diff.Changes[0].Later.Of));
        Assert.True(diff.Changes[0].Low > 0.15);
    }

    [Fact]
    public void Every_kind_is_a_share_of_the_same_machines()
    {
        for (int i = 1; i <= 6; i++)
        {
            fleet.Log($"old-{i}", MadeUpFleet.Chain, release: "6.1.0-31-amd64");
            fleet.Log($"new-{i}", i < 3 ? MadeUpFleet.Chain : "xfs_buf_item_relse xfs_buf_ioend process_one_work worker_thread kthread",
                release: "6.1.0-32-amd64");
        }
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        // Crashes that name a release of which no line of a boot tells.
        using (var database = new Database("store", SqliteConnections.Open(fleet.Store, write: true), shared: false))
            database.Run("DELETE FROM releases WHERE machine <> 'new-1'");
        ReleaseDiff diff = ReleaseDiff.Of(store, "6.1.0-31", "6.1.0-32");
        Assert.Equal((6, 6), (diff.Earlier, diff.Later));
        Assert.Equal(2, diff.Changes.Count);
        Assert.All(diff.Changes, c => Assert.Equal((6, 6), (c.Earlier.Of, c.Later.Of)));
    }

    [Fact]
    public void Version_6_1_is_not_the_beginning_of_6_12()
    {
        fleet.Log("old", MadeUpFleet.Chain, release: "6.1.0-31-amd64");
        fleet.Log("new", MadeUpFleet.Chain, release: "6.12.1-1-amd64");
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        ReleaseDiff diff = ReleaseDiff.Of(store, "6.1", "6.12");
        Assert.Equal((1, 1, 0), (diff.Earlier, diff.Later, ReleaseDiff.Of(store, "5", "6.1.1").Earlier));
        Assert.Equal((1, 1), (diff.Changes.Single().Earlier.Hits, diff.Changes.Single().Later.Hits));
    }

    [Fact]
    public void A_dump_that_one_input_tells_as_saved_is_saved_whatever_others_tell()
    {
        using FleetStore store = fleet.Open();
        Judged one = Told("a", DumpOutcome.Lost), two = Told("b", DumpOutcome.Saved);
        store.Save([two], "1");
        store.Save([one], "1");
        store.Settle();
        LostDumps lost = LostDumps.Of(store);
        Assert.Equal((1, 0), (lost.Saved, lost.Lost));
    }

    [Fact]
    public void Pruned_crashes_are_gone_and_the_rest_stays()
    {
        fleet.Log("web-1", MadeUpFleet.Chain, day: 1);
        fleet.Log("web-2", MadeUpFleet.Chain, day: 20);
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        Assert.Equal((1, 1), store.Prune(new DateTimeOffset(2026, 11, 10, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds()));
        Assert.Equal("web-2", Assert.Single(FleetCrash.All(store)).Machine);
        foreach (string table in new[] { "machines", "releases" })
            Assert.Equal("web-2", Assert.Single(store.Rows($"SELECT machine FROM {table}")).Text(0));
        Assert.Equal(0, store.Count("SELECT COUNT(*) FROM traits WHERE machine <> 'web-2'"));
        // What was pruned does not come back with the next scan.
        Assert.Equal((2L, 0L), (fleet.Scan(store).Skipped, fleet.Scan(store).Crashes));
    }

    [Fact]
    public void Pruning_loses_no_report_that_was_not_counted_yet()
    {
        using FleetStore store = fleet.Open();
        store.Save([RecordMaker.Of([fleet.Log("web-2", MadeUpFleet.Chain, day: 20)])], "1");
        Assert.Equal((0, 0), store.Prune(new DateTimeOffset(2026, 11, 10, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds()));
        Assert.Single(FleetCrash.All(store));
    }

    [Fact]
    public void The_same_bug_of_another_release_is_one_cluster_and_another_bug_is_not()
    {
        CrashShape a = Shape("a", "bad-access", "i40e_clean_rx_irq", MadeUpFleet.Chain), b = Shape("b", "bad-access", "i40e_clean_rx_irq",
            MadeUpFleet.Chain.Replace("__napi_poll ", "", StringComparison.Ordinal)),
            c = Shape("c", "bad-access", "xfs_buf_item_relse", "xfs_buf_item_relse xfs_buf_ioend process_one_work worker_thread kthread"),
            // Torn reports have the same words and no place: they are not one bug for that.
            d = Shape("d", "bad-access", null, ""), e = Shape("e", "bad-access", null, "");
        IReadOnlyDictionary<string, string> clusters = Clustering.Of([a, b, c, d, e]), other = Clustering.Of([e, c, b, d, a]);
        Assert.Equal(clusters["a"], clusters["b"]);
        Assert.Equal(4, clusters.Values.Distinct().Count());
        Assert.Equal(clusters.OrderBy(p => p.Key), other.OrderBy(p => p.Key));
    }

    [Fact]
    public void A_database_of_somebody_else_is_refused_and_not_touched()
    {
        File.WriteAllText(fleet.Store, "not a database, and long enough to be looked at as one".PadRight(4096, '.'));
        Assert.Throws<InputException>(() => fleet.Open());
        Assert.StartsWith("not a database", File.ReadAllText(fleet.Store), StringComparison.Ordinal);
        Assert.Throws<InputException>(() => FleetStore.Open(Path.Combine(fleet.Folder, "none.db"), create: false));
        Assert.False(File.Exists(Path.Combine(fleet.Folder, "none.db")));
    }

    [ToolFact("sqlite3")]
    public void Another_programs_tables_are_left_alone()
    {
        Tool.Run("sqlite3 fleet.db 'create table mine (a int)'", fleet.Folder);
        Assert.Contains("not a store of kdt fleet", Assert.Throws<InputException>(() => fleet.Open()).Message, StringComparison.Ordinal);
        Assert.Equal("mine\n", System.Text.Encoding.UTF8.GetString(Tool.Run("sqlite3 fleet.db .tables", fleet.Folder)).Replace(" ", "",
            StringComparison.Ordinal));
    }

    [Fact]
    public void Reports_that_do_not_tell_where_are_listed_as_such_and_get_no_fix()
    {
        foreach (string host in new[] { "web-1", "web-2", "web-3" })
        {
            string path = fleet.Log(host, MadeUpFleet.Chain);
            // Torn behind the heading.
            File.WriteAllLines(path, File.ReadAllLines(path).Where(l => !l.Contains("+0x") && !l.Contains("end trace")));
        }
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        ClusterRow row = Assert.Single(TopClusters.Of(store, 5));
        Assert.Equal((3L, false), (row.Machines, row.Placed));
        Assert.EndsWith(", place not told", row.Title, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Dec 24 01:02:03", 2025)]
    [InlineData("Nov 27 01:02:03", 2026)]
    [InlineData("Nov 28 23:00:00", 2026)]
    [InlineData("Jan  2 01:02:03", 2026)]
    public void A_date_without_a_year_lies_before_the_file_was_written(string date, int year)
    {
        string path = fleet.Log("web-1", MadeUpFleet.Chain);
        File.WriteAllLines(path, File.ReadAllLines(path).Select(l => date + l[l.IndexOf(' ')..]));
        File.SetLastWriteTimeUtc(path, new DateTime(2026, 11, 28, 12, 0, 0, DateTimeKind.Utc));
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        FleetCrash crash = Assert.Single(FleetCrash.All(store));
        Assert.Equal((year, "log (local time)"), (DateTime.UnixEpoch.AddSeconds(crash.Time!.Value).Year, crash.TimeFrom));
    }

    public void Dispose() => fleet.Dispose();

    private static Judged Told(string input, DumpOutcome outcome) => new(
        [new InputRecord(input, input, 1, 1, "kernel log", InputState.Judged, null)], [new MachineRecord("web-1", true, null, [], [], 5)],
        [new CrashRecord("same", "web-1", Shape("s", "bad-access", "f", "f g")) { Outcome = outcome, Fatal = outcome ==
            DumpOutcome.Lost }]);

    private static CrashShape Shape(string signature, string kind, string? function, string stack) =>
        new(signature, function is null ? "BUG in corrupted" : $"{kind} in {function}", kind, function is null ? "BUG in corrupted"
            : $"BUG in {function}", [],
            function, null, stack.Length == 0 ? [] : stack.Split(' '));
}
