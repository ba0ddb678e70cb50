using System.Text.Json;
using Kdump.Cli.Terminals;
using Kdump.Fleet.Questions;
using Kdump.Fleet.Scans;
using Kdump.Fleet.Stores;
using Kdump.FleetCli;

namespace Kdump.Tests.Fleet;

/// <summary>A machine that some inputs call by its host alone and others by its full name, judged apart.</summary>
public sealed class JoinedNameTests : IDisposable
{
    private const string Short = "web-17", A = "web-17.a.example", B = "web-17.b.example", One = "0123456789abcdef0123456789abcdef",
        Two = "fedcba9876543210fedcba9876543210";

    private readonly MadeUpFleet fleet = new();

    /// <summary>Names, each with lines of identity behind it, and which machines they are.</summary>
    public static TheoryData<string, string[], string[], string?> Cases => new()
    {
        { "one full name only", [Short, A], [A], "only full name" },
        { "two full names", [Short, A, B], [Short, A, B], null },
        { "a host whose name begins alike", ["web-1", A], ["web-1", A], null },
        { "the machine id says which", [$"{Short}|_MACHINE_ID={One}", $"{A}|_MACHINE_ID={One}", B], [A, B], "machine id" },
        { "the machine id of JSON and of hostnamectl", [$"{Short}|\"_MACHINE_ID\":\"{One}\"", $"{A}|      Machine ID: {One}", B], [A, B],
            "machine id" },
        { "a boot id says which", [$"{Short}|_BOOT_ID={Two}", $"{A}|         Boot ID: {Two}", B], [A, B], "boot id" },
        { "dmidecode's serial says which", [$"{Short}|System Information|\tManufacturer: ACME|\tSerial Number: CZ3J4K", A,
            $"{B}|System Information|\tSerial Number: CZ3J4K"], [A, B], "serial" },
        { "serials that no maker filled in", [$"{Short}|System Information|\tSerial Number: To be filled by O.E.M.", A,
            $"{B}|System Information|\tSerial Number: To be filled by O.E.M."], [Short, A, B], null },
        { "the serial of a module is not the machine's", [$"{Short}|Memory Device|\tSerial Number: CZ3J4K", A,
            $"{B}|Memory Device|\tSerial Number: CZ3J4K"], [Short, A, B], null },
        { "other machine ids speak against it", [$"{Short}|_MACHINE_ID={One}", $"{A}|_MACHINE_ID={Two}"], [Short, A], null },
        { "an image's id that all have proves nothing", [$"{Short}|_MACHINE_ID={One}", $"{A}|_MACHINE_ID={One}", $"{B}|_MACHINE_ID={One}"],
            [Short, A, B], null },
        { "an image's id, and other serials", [$"{Short}|_MACHINE_ID={One}|System Information|\tSerial Number: X1",
            $"{A}|_MACHINE_ID={One}|System Information|\tSerial Number: X2"], [Short, A], null },
        { "full names with one id stay two", [$"{A}|_MACHINE_ID={One}", $"{B}|_MACHINE_ID={One}"], [A, B], null },
        { "other hosts with one id stay two", [$"db-1|_MACHINE_ID={One}", $"{A}|_MACHINE_ID={One}"], ["db-1", A], null },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Names_are_one_machine_where_evidence_allows(string what, string[] told, string[] machines, string? by)
    {
        Assert.NotEmpty(what);
        Logs(told);
        foreach (Func<string, string> store in new Func<string,
            string>[] { Whole, s => Shards(s, backwards: false), s => Shards(s, backwards: true) })
        {
            using var open = FleetStore.Open(store(Path.Combine(fleet.Folder, $"{Guid.NewGuid()}.db")), create: false);
            Assert.Equal(machines.Order(StringComparer.Ordinal), open.Rows("SELECT machine FROM machines WHERE same_as IS NULL")
                .Select(r => r.Text(0)).Order(StringComparer.Ordinal));
            Assert.Equal(machines.Length, open.Machines());
            // All logs tell of the same moment: each machine crashed once.
            Assert.Equal(machines.Length, FleetCrash.All(open).Count());
            Assert.Equal(machines.Length, TopClusters.Of(open, 9).Sum(c => c.Machines));
            Assert.Equal(by, open.MachineOf(Short) == A ? Assert.Single(open.OtherNames(A)).By
                : open.MachineOf(Short) == B ? Assert.Single(open.OtherNames(B)).By : null);
            Assert.Equal((machines.Length, machines.Length), (open.Count("SELECT COUNT(DISTINCT machine) FROM traits WHERE lent < 2"),
                open.Count("SELECT COUNT(DISTINCT machine) FROM releases WHERE lent < 2")));
        }
    }

    [Fact]
    public void A_second_full_name_takes_them_apart_again_and_nothing_of_the_first_is_left()
    {
        Logs([Short, A]);
        File.AppendAllText(Path.Combine(fleet.Logs, "0.log"),
            $"2026-11-01T02:11:36.000000+00:00 {Short} kernel: [  200.000000] scsi 0:0:0:0: Direct-Access     ACME     DISK9 0001 PQ: 0\n");
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        Assert.Equal((1, 1), (store.Machines(), store.Count("SELECT COUNT(*) FROM crashes")));
        Assert.Equal(["a disk"], Disks(A));
        Assert.Equal([A], store.Rows("SELECT machine FROM crashes").Select(r => r.Text(0)));
        Logs([Short, A, B]);
        fleet.Scan(store);
        Assert.Equal((3, 3), (store.Machines(), store.Count("SELECT COUNT(*) FROM crashes")));
        Assert.Equal((0, 1, 0), (Disks(A).Length, Disks(Short).Length, Disks(B).Length));
        Assert.Equal([Short, A, B], store.Rows("SELECT machine FROM crashes ORDER BY machine").Select(r => r.Text(0)));
        Assert.Equal(new ShortNames(0, 0, 1), ShortNames.In(store));
        // The same as a store that met all three at once.
        using var once = FleetStore.Open(Whole(Path.Combine(fleet.Folder, "once.db")), create: false);
        Assert.Equal(FleetCrash.All(once), FleetCrash.All(store));

        string[] Disks(string machine) => [.. store.Rows("SELECT value FROM traits WHERE machine = @m AND name = 'disk' AND lent < 2",
            ("m", machine)).Select(_ => "a disk")];
    }

    [Fact]
    public void What_the_full_name_tells_itself_stays_its_own_when_they_part()
    {
        Logs([Short]);
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        long traits = store.Count("SELECT COUNT(*) FROM traits");
        Logs([Short, A]);
        fleet.Scan(store);
        Logs([Short, A, B]);
        fleet.Scan(store);
        Assert.Equal(3 * traits, store.Count("SELECT COUNT(*) FROM traits WHERE lent = 0"));
        Assert.Equal(0, store.Count("SELECT COUNT(*) FROM traits WHERE lent <> 0"));
    }

    [Fact]
    public void A_joined_machine_is_found_by_either_name_and_says_what_joins_it()
    {
        Logs([Short, A]);
        using (FleetStore store = fleet.Open())
            fleet.Scan(store);
        string text = Run("machine", fleet.Store, Short);
        Assert.StartsWith($"{A}\n  also told as: {Short} (taken for the same: no other full name begins so)\n", text,
            StringComparison.Ordinal);
        Assert.Equal(text, Run("machine", fleet.Store, A));
        using var json = JsonDocument.Parse(Run("machine", fleet.Store, Short, "--json"));
        Assert.Equal((A, $"{{\"name\":\"{Short}\",\"by\":\"only full name\"}}"), (json.RootElement.GetProperty("machine").GetString(),
            JsonSerializer.Serialize(Assert.Single(json.RootElement.GetProperty("alsoToldAs").EnumerateArray()))));
        Assert.Contains("1 machine told with and without the domain: taken for one because one full name only begins so, which nothing " +
            "proves",
            Run("top", fleet.Store), StringComparison.Ordinal);
    }

    [Fact]
    public void Redacted_names_are_joined_alike()
    {
        Logs([$"{Short}|_MACHINE_ID={One}", $"{A}|_MACHINE_ID={One}", B]);
        var key = new Redaction("a key of some length");
        using FleetStore store = fleet.Open();
        new Scan(store, "1", () => new MadeUpFleet.HereJudge(), 1) { Redact = key }.Run([fleet.Logs]);
        Assert.Equal((2, 2), (store.Machines(), store.Count("SELECT COUNT(*) FROM crashes")));
        Assert.Equal(key.Machine(A), store.MachineOf(key.Machine(Short)));
        Assert.DoesNotContain(One, string.Join(' ', store.Rows("SELECT value FROM traits").Select(r => r.Text(0))),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Pruning_keeps_a_machine_that_was_seen_under_its_other_name()
    {
        Logs([Short, A]);
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        Assert.Equal((0, 0), store.Prune(1));
        Assert.Equal((1, 1), (store.Machines(), store.Count("SELECT COUNT(*) FROM crashes")));
        Assert.Equal((1, 2), store.Prune(4_000_000_000));
        Assert.Equal((0, 0, 0), (store.Machines(), store.Count("SELECT COUNT(*) FROM traits"),
            store.Count("SELECT COUNT(*) FROM records")));
    }

    [Fact]
    public void A_second_scan_with_a_new_version_leaves_one_crash()
    {
        Logs([Short, A]);
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        FleetCrash[] before = [.. FleetCrash.All(store)];
        fleet.Scan(store, version: "2");
        Assert.Equal(before, FleetCrash.All(store));
        Assert.Equal(2, store.Count("SELECT COUNT(*) FROM records"));
    }

    public void Dispose() => fleet.Dispose();

    /// <summary>A log for each: a name, and further lines behind bars.</summary>
    private void Logs(string[] told)
    {
        foreach ((int i, string one) in told.Index())
        {
            string[] parts = one.Split('|');
            string path = Path.Combine(fleet.Logs, $"{i}.log");
            if (File.Exists(path))
                continue;
            fleet.Log(parts[0], MadeUpFleet.Chain, name: $"{i}.log");
            File.AppendAllLines(path, [.. parts[1..], $"end of {parts[0]}"]);
        }
    }

    private string Whole(string path)
    {
        using var store = FleetStore.Open(path, create: true);
        fleet.Scan(store);
        return path;
    }

    /// <summary>A store of each log, merged twice, so that merged stores with joined names are merged, too.</summary>
    private string Shards(string path, bool backwards)
    {
        string[] logs = [.. Directory.GetFiles(fleet.Logs).Order(StringComparer.Ordinal)];
        if (backwards)
            Array.Reverse(logs);
        string last = "";
        foreach ((int i, string log) in logs.Index())
        {
            string shard = $"{path}.{i}", merged = $"{path}.merged-{i}";
            using (var store = FleetStore.Open(shard, create: true))
                new Scan(store, "1", () => new MadeUpFleet.HereJudge(), 1).Run([log]);
            using var both = FleetStore.Open(merged, create: true);
            foreach (string from in new[] { last, shard }.Where(f => f.Length > 0))
            {
                using var other = FleetStore.Open(from, create: false);
                both.Merge(other);
            }
            both.Settle();
            last = merged;
        }
        return last;
    }

    private static string Run(params string[] args)
    {
        var output = new StringWriter();
        Assert.Equal(0, KdtFleet.Run(args, output, TextWriter.Null, () => Stream.Null, Terminal.Plain));
        return output.ToString();
    }
}
