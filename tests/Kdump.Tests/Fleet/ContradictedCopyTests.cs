using Kdump.Fleet.Scans;
using Kdump.Fleet.Stores;
using static Kdump.Tests.Fleet.CrashLines;

namespace Kdump.Tests.Fleet;

/// <summary>Two tellings with one moment, task and CPU: what makes two crashes of them, and what does not.</summary>
public sealed class ContradictedCopyTests : IDisposable
{
    private const string Day = "2026-11-01T02:11:35.000000+00:00";

    private static readonly string[] Whole = [.. Head, .. X86];

    /// <summary>A hung task is reported without registers.</summary>
    private static readonly string[] NoRegisters = [.. Head, .. X86[..5], .. X86[10..]];

    private readonly MadeUpFleet fleet = new();

    public ContradictedCopyTests() => Directory.CreateDirectory(fleet.Logs);

    [Theory]
    [InlineData("registers")]
    [InlineData("day")]
    [InlineData("day without a year")]
    [InlineData("day of the dump folder's clock line")]
    [InlineData("release")]
    [InlineData("model")]
    [InlineData("firmware")]
    [InlineData("task")]
    [InlineData("cpu")]
    public void What_contradicts_makes_two_crashes_in_any_order(string what)
    {
        (string[] One, string[] Other) told = Pair(what);
        var counts = new List<long>();
        foreach ((string[] first, string[] second) in new[] { told, (told.Other, told.One) })
        {
            File.WriteAllLines(Path.Combine(fleet.Logs, "a.log"), first);
            counts.Add(Scanned());
            File.WriteAllLines(Path.Combine(fleet.Logs, "b.log"), second);
            counts.Add(Scanned());
            Clear();
        }
        Assert.Equal([1, 2, 1, 2], counts);
        // Neither do they become one in a file that has both, in shards, or without names.
        File.WriteAllLines(Path.Combine(fleet.Logs, "both.log"), [.. told.One, .. told.Other]);
        Assert.Equal(2, Scanned());
        Clear();
        Assert.Equal(2, Merged(told.One, told.Other, redact: null));
        Assert.Equal(2, Merged(told.One, told.Other, new Redaction("a key that nobody guesses")));
    }

    [Theory]
    [InlineData("zone")]
    [InlineData("no year")]
    [InlineData("local")]
    [InlineData("no date")]
    [InlineData("suspended")]
    [InlineData("no release")]
    [InlineData("no make")]
    [InlineData("torn make")]
    [InlineData("torn registers")]
    [InlineData("torn task")]
    [InlineData("head and tail")]
    [InlineData("head and tail, no times")]
    [InlineData("no times, no registers")]
    [InlineData("no times and no registers in either")]
    [InlineData("one report more")]
    public void What_is_only_lost_or_written_otherwise_makes_one(string what)
    {
        (string[] one, string[] other) = Alike(what);
        foreach ((string[] first, string[] second) in new[] { (one, other), (other, one) })
        {
            File.WriteAllLines(Path.Combine(fleet.Logs, "a.log"), first);
            Scanned();
            File.WriteAllLines(Path.Combine(fleet.Logs, "b.log"), second);
            Assert.Equal(1, Scanned());
            Clear();
        }
        Assert.Equal(1, Merged(one, other, redact: null));
        Assert.Equal(1, Merged(one, other, new Redaction("a key that nobody guesses")));
    }

    /// <summary>A copy without registers and date may be of either, and is no third crash.</summary>
    [Fact]
    public void What_fits_two_crashes_is_no_third_one()
    {
        (string[] one, string[] other) = Pair("registers");
        File.WriteAllLines(Path.Combine(fleet.Logs, "a.log"), one);
        File.WriteAllLines(Path.Combine(fleet.Logs, "b.log"), other);
        File.WriteAllLines(Path.Combine(fleet.Logs, "c.log"), NoRegisters.Select(l => Of(l, "web-1")));
        Assert.Equal(2, Scanned());
    }

    /// <summary>
    /// Each crash has a copy without registers, and one without a date: registers and dates say whose each is, whatever the hashes of
    /// their marks sort to.
    /// </summary>
    [Fact]
    public void Copies_of_two_crashes_at_one_moment_go_to_their_own()
    {
        foreach (string key in (string[])["", "first key", "second key", "third key", "fourth key", "fifth key"])
        {
            (string[] one, _) = Pair("registers");
            string[] other = [.. Pair("registers").Item2.Select(l => l.Replace("2026-11-01", "2026-11-09", StringComparison.Ordinal))];
            File.WriteAllLines(Path.Combine(fleet.Logs, "a.log"), one);
            File.WriteAllLines(Path.Combine(fleet.Logs, "b.log"), other);
            File.WriteAllLines(Path.Combine(fleet.Logs, "a2.log"), NoRegisters.Select(l => Of(l, "web-1")));
            File.WriteAllLines(Path.Combine(fleet.Logs, "b2.log"), NoRegisters.Select(l => Of(l, "web-1",
                Day.Replace("11-01", "11-09", StringComparison.Ordinal))));
            File.WriteAllLines(Path.Combine(fleet.Logs, "a3.log"), one.Select(Bare));
            File.WriteAllLines(Path.Combine(fleet.Logs, "b3.log"), other.Select(Bare));
            using (FleetStore store = fleet.Open())
                new Scan(store, "1", () => new MadeUpFleet.HereJudge(), 1)
                {
                    Redact = key.Length > 0 ? new Redaction(key) : null,
                }.Run([fleet.Logs]);
            Assert.Equal(2, Crashes());
            Clear();
        }

        static string Bare(string line) => line[(line.IndexOf("kernel: ", StringComparison.Ordinal) + 8)..];
    }

    /// <summary>Nor is a log without a name of the machine whose crash had other registers.</summary>
    [Theory]
    [InlineData("registers")]
    [InlineData("model")]
    public void A_log_without_a_name_is_not_of_the_machine_that_it_contradicts(string what)
    {
        (string[] one, string[] other) = Pair(what);
        File.WriteAllLines(Path.Combine(fleet.Logs, "a.log"), one);
        File.WriteAllLines(Path.Combine(fleet.Logs, "b.log"), other.Select(l =>
            l[(l.IndexOf("kernel: ", StringComparison.Ordinal) + 8)..]));
        Assert.Equal(2, Scanned());
        using FleetStore store = fleet.Open();
        Assert.Equal(2, store.Machines());
    }

    /// <summary>A word with which a file ends is no other model, of whatever machine.</summary>
    [Fact]
    public void A_nameless_copy_that_ends_within_the_model_is_of_the_machine()
    {
        File.WriteAllLines(Path.Combine(fleet.Logs, "a.log"), Said(Whole));
        File.WriteAllLines(Path.Combine(fleet.Logs, "b.log"), [.. X86[..3], X86[3][..^30]]);
        Assert.Equal(1, Scanned());
        using FleetStore store = fleet.Open();
        Assert.Equal((1, 0), (store.Machines(), store.Count("SELECT COUNT(*) FROM traits WHERE name = 'model' AND value LIKE '%R7'")));
    }

    public void Dispose() => fleet.Dispose();

    private static (string[], string[]) Pair(string what)
    {
        const string clock = "[    2.000000] rtc_cmos 00:02: setting system clock to 2026-11-01T02:09:57 UTC (1793498997)";
        return what switch
        {
            "registers" => (Said(Whole), Said(Whole, ("9f1f", "9e2e"), ("ffffb5c3", "ffffa1d4"), ("9f26", "9e36"))),
            "day" => (Said(Whole), [.. Whole.Select(l => Of(l, "web-1", Day.Replace("11-01", "11-02", StringComparison.Ordinal)))]),
            "day without a year" => (Dated("Nov  1 02:11:35"), Dated("Nov  2 02:11:35")),
            "release" => (Said(Whole), Said(Whole, ("6.1.0-31", "6.1.0-32"))),
            "model" => (Said(Whole), Said(Whole, ("PowerEdge R740/0WRPXK", "PowerEdge R640/0H28RR"))),
            "firmware" => (Said(Whole), Said(Whole, ("2.19.1 06/04/2023", "2.20.1 06/04/2024"))),
            "task" => (Said(NoRegisters), Said(NoRegisters, ("PID: 812", "PID: 977"))),
            "cpu" => (Said(NoRegisters), Said(NoRegisters, ("CPU: 3", "CPU: 5"))),
            _ => (Consoles(clock), Consoles(clock.Replace("11-01", "11-04", StringComparison.Ordinal)
                .Replace("1793498997", "1793758197", StringComparison.Ordinal))),
        };

        static string[] Consoles(string clock) => [Head[0], clock,
            "[    3.000000] systemd[1]: Hostname set to <web-1>.", .. X86];
    }

    private static (string[], string[]) Alike(string what) => what switch
    {
        "zone" => (Said(Whole), Dated("2026-11-01T11:11:35.000000+09:00")),
        "no year" => (Said(Whole), Dated("Nov  1 02:11:35")),
        "local" => (Said(Whole), Dated("2026-11-01 13:11:35")),
        "no date" => (Said(Whole), Whole),
        // The kernel's clock stood still for two days.
        "suspended" => ([.. Whole.Select(l => $"[Fri Oct 30 02:11:35 2026] {l[(l.IndexOf(']', StringComparison.Ordinal) + 2)..]}")],
            [.. Whole.Select(l => Of(l, "web-1", bare: true))]),
        "no release" => (Said(Whole), Said([.. X86.Where(l => !l.Contains("CPU: ", StringComparison.Ordinal))])),
        "no make" => (Said(Whole), Said([.. Whole.Where(l => !l.Contains("Dell", StringComparison.Ordinal))])),
        "torn make" => (Said(Whole), Torn("PowerEdge R7", 1)),
        "torn registers" => (Said(Whole), Torn("RBX: ffff9f1f05b", 0)),
        "torn task" => (Said(Whole), Torn("PID: 81", 0)),
        "head and tail" => (Said([.. Head, .. X86[..8]]), Said(X86[7..])),
        "head and tail, no times" => (Said([.. Head, .. X86[..8]]), [.. X86[7..].Select(l => Of(l, "web-1", bare: true))]),
        "no times, no registers" => (Said(Whole), [.. X86[..5].Select(l => l[(l.IndexOf(']', StringComparison.Ordinal) + 2)..])
            .Prepend("Hostname set to <web-1>.").Select(l => $"web-1 kernel: {l}")]),
        "no times and no registers in either" => ([.. NoRegisters.Select(l => Of(l, "web-1", bare: true))],
            [.. NoRegisters.Take(9).Select(l => Of(l, "web-1", bare: true))]),
        _ => (Said(Whole), Said([.. Head, "[   90.000001] WARNING: CPU: 1 PID: 44 Comm: kworker/1:0 at net/core/dev.c:10 f+0x1/0x2",
            "[   90.000002] CPU: 1 PID: 44 Comm: kworker/1:0 Not tainted 6.1.0-31-amd64 #1",
            "[   90.000003] RIP: 0010:netdev_rx_csum_fault+0x1d/0x300", "[   90.000004] Call Trace:",
            "[   90.000005]  process_one_work+0x1/0x2",
            "[   90.000006] ---[ end trace 0000000000000000 ]---", .. X86])),
    };

    private static string[] Said(string[] lines, params (string Of, string To)[] changes) =>
        [.. lines.Select(l => Of(changes.Aggregate(l, (t, c) => t.Replace(c.Of, c.To, StringComparison.Ordinal)), "web-1"))];

    private static string[] Dated(string date) => [.. Whole.Select(l => Of(l, "web-1", date))];

    /// <summary>The file ends with these words.</summary>
    /// <param name="nth">In which of the lines that hold them.</param>
    private static string[] Torn(string last, int nth)
    {
        string[] lines = Said(Whole);
        int at = lines.Index().Where(l => l.Item.Contains(last, StringComparison.Ordinal)).ElementAt(nth).Index;
        return [.. lines[..at], lines[at][..(lines[at].IndexOf(last, StringComparison.Ordinal) + last.Length)]];
    }

    private long Merged(string[] one, string[] other, Redaction? redact)
    {
        string[] stores = [fleet.Store, fleet.Store + ".2"];
        foreach ((int i, string[] lines) in new[] { one, other }.Index())
        {
            string path = Path.Combine(fleet.Logs, $"{i}.log");
            File.WriteAllLines(path, lines);
            using FleetStore shard = FleetStore.Open(stores[i], create: true);
            new Scan(shard, "1", () => new MadeUpFleet.HereJudge(), 1) { Redact = redact }.Run([path]);
        }
        using (FleetStore first = fleet.Open())
        {
            using FleetStore second = FleetStore.Open(stores[1], create: false);
            first.Merge(second);
            first.Settle();
        }
        long crashes = Crashes();
        Clear();
        return crashes;
    }

    private long Scanned()
    {
        using (FleetStore store = fleet.Open())
            fleet.Scan(store);
        return Crashes();
    }

    private long Crashes()
    {
        using FleetStore store = fleet.Open();
        return store.Count("SELECT COUNT(*) FROM crashes");
    }

    private void Clear()
    {
        foreach (string file in Directory.GetFiles(fleet.Folder, "fleet.db*").Concat(Directory.GetFiles(fleet.Logs)))
            File.Delete(file);
    }
}
