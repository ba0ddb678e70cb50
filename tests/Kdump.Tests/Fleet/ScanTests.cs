using Kdump.Fleet.Questions;
using Kdump.Fleet.Scans;
using Kdump.Fleet.Stores;
using Kdump.Formats.Bytes;

namespace Kdump.Tests.Fleet;

public sealed class ScanTests : IDisposable
{
    private readonly MadeUpFleet fleet = new();

    [Fact]
    public void Machines_that_crash_alike_are_one_kind()
    {
        for (int i = 1; i <= 4; i++)
            fleet.Log($"web-{i}", MadeUpFleet.Chain, day: i);
        fleet.Log("db-1");
        using FleetStore store = fleet.Open();
        ScanState end = fleet.Scan(store);
        Assert.Equal((5, 4, 5, 0), (end.Units, end.Crashes, end.Machines, end.Refused));
        ClusterRow kind = Assert.Single(TopClusters.Of(store, 10));
        Assert.Equal((4, 4, 4), (kind.Machines, kind.Crashes, kind.Fatal));
        Assert.Equal("BUG: unable to handle kernel NULL pointer dereference in i40e_clean_rx_irq", kind.Title);
        Assert.Equal("2026-11-01", DateTime.UnixEpoch.AddSeconds(kind.FirstSeen!.Value).ToString("yyyy-MM-dd", null));
    }

    [Fact]
    public void What_was_judged_before_is_skipped_until_it_changes()
    {
        string log = fleet.Log("web-1", MadeUpFleet.Chain);
        fleet.Log("web-2");
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        Assert.Equal(2, fleet.Scan(store).Skipped);
        File.AppendAllText(log, "\n");
        Assert.Equal(1, fleet.Scan(store).Skipped);
        Assert.Equal(0, fleet.Scan(store, version: "2").Skipped);
        Assert.Single(FleetCrash.All(store));
    }

    [Fact]
    public void A_copy_and_another_telling_of_a_crash_are_no_second_crash()
    {
        string log = fleet.Log("web-1", MadeUpFleet.Chain);
        File.Copy(log, Path.Combine(fleet.Logs, "copy.log"));
        // The same machine's log once more, with a line that the first had not yet.
        File.WriteAllText(Path.Combine(fleet.Logs, "later.log"),
            File.ReadAllText(log) + "2026-11-01T02:11:36.000000+00:00 web-1 kernel: [  101.000000] Rebooting in 10 seconds..\n");
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        Assert.Single(FleetCrash.All(store));
        Assert.Equal(1, store.Count("SELECT COUNT(*) FROM machines"));
        Assert.Equal(3, store.Count("SELECT COUNT(*) FROM inputs"));
    }

    [Fact]
    public void An_input_that_kills_its_worker_costs_that_input_and_says_so()
    {
        for (int i = 1; i <= 6; i++)
            fleet.Log($"web-{i}", MadeUpFleet.Chain);
        using FleetStore store = fleet.Open();
        ScanState end = fleet.Scan(store, judge: () => new MadeUpFleet.MortalJudge("web-3"));
        Assert.Equal((6, 5, 1), (end.Units, end.Crashes, end.Refused));
        Row refused = Assert.Single(store.Rows("SELECT path, reason FROM inputs WHERE state = 'refused'"));
        Assert.EndsWith("web-3.log", refused.Text(0), StringComparison.Ordinal);
        Assert.Equal("the process that judged it was ended by signal 11", refused.Text(1));
        // The next scan tries it again.
        Assert.Equal((6, 5, 1), Numbers(fleet.Scan(store)));

        static (long, long, long) Numbers(ScanState s) => (s.Units, s.Skipped, s.Crashes);
    }

    [ToolFact("mkfifo")]
    public void What_cannot_be_read_to_its_end_is_refused_at_once_and_in_our_words()
    {
        Tool.Run("mkfifo pipe", fleet.Folder);
        string log = fleet.Log("web-1", MadeUpFleet.Chain), empty = Path.Combine(fleet.Folder, "empty"),
            binary = Path.Combine(fleet.Folder, "binary");
        File.WriteAllText(empty, "");
        File.WriteAllBytes(binary, [0, 1, 2, 255, 254]);
        using FleetStore store = fleet.Open();
        ScanState end = new Scan(store, "1", () => new MadeUpFleet.HereJudge(), 1).Run(
            [$"{fleet.Folder}/pipe", "/dev/zero", "/nowhere", empty, binary, log]);
        Assert.Equal((6, 1, 3), (end.Units, end.Crashes, end.Refused));
        Assert.Equal(["a character device: not read", "there is no such file", "a named pipe: not read"],
            store.Rows("SELECT reason FROM inputs WHERE state = 'refused' ORDER BY path").Select(r => r.Text(0)));
        Assert.Equal(2, store.Count("SELECT COUNT(*) FROM inputs WHERE state = 'nothing'"));
    }

    [Fact]
    public void A_collection_in_a_folder_is_one_machine_and_is_skipped_when_it_is_the_same()
    {
        string folder = Path.Combine(fleet.Logs, "machine");
        Directory.CreateDirectory(Path.Combine(folder, "proc"));
        Directory.CreateDirectory(Path.Combine(folder, "commands"));
        File.WriteAllText(Path.Combine(folder, "collect.json"), "{}");
        File.Copy(fleet.Log("web-1", MadeUpFleet.Chain), Path.Combine(folder, "commands", "journalctl_-k"));
        File.Delete(Path.Combine(fleet.Logs, "web-1.log"));
        using FleetStore store = fleet.Open();
        ScanState end = fleet.Scan(store);
        Assert.Equal((1, 1, 1, 0), (end.Units, end.Crashes, end.Machines, end.Refused));
        Assert.Equal("judged", Assert.Single(store.Rows("SELECT state FROM inputs")).Text(0));
        Assert.Equal(1, fleet.Scan(store).Skipped);
    }

    [Fact]
    public void Workers_that_never_come_up_end_the_scan()
    {
        for (int i = 1; i <= 28; i++)
            fleet.Log($"web-{i}");
        using FleetStore store = fleet.Open();
        Assert.Contains("ended with status 127", Assert.Throws<InputException>(
            () => fleet.Scan(store, judge: () => new WorkerProcess(["/bin/sh", "-c", "exit 127"], TimeSpan.FromSeconds(5),
                1 << 30))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_worker_that_hangs_is_given_up()
    {
        using var worker = new WorkerProcess(["/bin/sh", "-c", "exec sleep 60"], TimeSpan.FromSeconds(0.2), 1 << 30);
        Assert.Contains("took longer", Assert.Throws<JudgeException>(() => worker.Judge(["x"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Shards_put_together_are_what_one_scan_makes()
    {
        for (int i = 1; i <= 9; i++)
            fleet.Log($"web-{i}", i % 3 == 0 ? null : MadeUpFleet.Chain.Replace("net_rx_action", i % 2 == 0 ? "net_rx_action"
                : "net_rx_more", StringComparison.Ordinal), day: i);
        File.Copy(Path.Combine(fleet.Logs, "web-1.log"), Path.Combine(fleet.Logs, "a-copy.log"));
        File.Copy(Path.Combine(fleet.Logs, "web-2.log"), Path.Combine(fleet.Logs, "z-copy.log"));
        using FleetStore whole = fleet.Open();
        fleet.Scan(whole);
        using var merged = FleetStore.Open(Path.Combine(fleet.Folder, "merged.db"), create: true);
        for (int i = 3; i >= 0; i--)
        {
            using var shard = FleetStore.Open(Path.Combine(fleet.Folder, $"shard-{i}.db"), create: true);
            fleet.Scan(shard, shard: (i, 4));
            merged.Merge(shard);
        }
        merged.Settle();
        Assert.Equal(FleetCrash.All(whole), FleetCrash.All(merged));
        Assert.Equal(TopClusters.Of(whole, 10).Select(c => (c.Id, c.Title, c.Machines)),
            TopClusters.Of(merged, 10).Select(c => (c.Id, c.Title, c.Machines)));
        foreach (string table in new[] { "machines", "releases", "traits", "inputs" })
            Assert.Equal(whole.Count($"SELECT COUNT(*) FROM {table}"), merged.Count($"SELECT COUNT(*) FROM {table}"));
    }

    [Fact]
    public void A_dump_folder_is_one_unit_and_its_name_dates_the_crash()
    {
        string folder = Path.Combine(fleet.Folder, "127.0.0.1-2026-11-28-14:03:17");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "vmcore-dmesg.txt"), "x");
        File.WriteAllText(Path.Combine(folder, "kexec-dmesg.log"), "x");
        Assert.Equal(2, Assert.Single(ScanUnits.Of([fleet.Folder])).Paths.Length);
        Assert.Equal(1795874597, Kdump.Sources.Records.WrittenWhen.In(folder));
        Assert.Equal(1795874580, Kdump.Sources.Records.WrittenWhen.In("/var/crash/202611281403/dmesg.202611281403"));
        Assert.Null(Kdump.Sources.Records.WrittenWhen.In("/var/crash/20261128140399999/x"));
    }

    [Fact]
    public void Patterns_that_the_shell_left_alone_are_walked()
    {
        fleet.Log("web-1");
        fleet.Log("db-1");
        Assert.EndsWith("logs/db-1.log", Assert.Single(ScanUnits.Of([$"{fleet.Folder}/*/db-?.log"])).Paths.Single(),
            StringComparison.Ordinal);
        Assert.Equal(["/nowhere/x.log"], Assert.Single(ScanUnits.Of(["/nowhere/x.log"])).Paths);
    }

    [Fact]
    public void Redaction_keeps_the_statistics_and_no_names()
    {
        fleet.Log("secret-host", MadeUpFleet.Chain);
        using FleetStore store = fleet.Open();
        new Scan(store, "1", () => new MadeUpFleet.HereJudge(), 1) { Redact = new Redaction("a key of some length") }.Run([fleet.Logs]);
        Assert.Equal(1, TopClusters.Of(store, 1).Single().Machines);
        store.Settle();
        Assert.Equal(-1, File.ReadAllBytes(fleet.Store).AsSpan().IndexOf("secret-host"u8));
        Assert.Equal(1, new Scan(store, "1", () => new MadeUpFleet.HereJudge(),
            1) { Redact = new Redaction("a key of some length") }.Run([fleet.Logs]).Skipped);
    }

    public void Dispose() => fleet.Dispose();
}
