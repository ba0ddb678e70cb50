using Kdump.Fleet.Questions;
using Kdump.Fleet.Stores;

namespace Kdump.Tests.Fleet;

/// <summary>When something happened, and what it is, never follows from the file that tells of it.</summary>
public sealed class SeenTimeTests : IDisposable
{
    private static readonly string[] Killed =
    [
        "[    0.000000] Linux version 6.1.0-31-amd64 (build@host) (gcc 12) #1 SMP PREEMPT_DYNAMIC",
        "[ 5123.000001] java invoked oom-killer: gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP), order=0, oom_score_adj=0",
        "[ 5123.000002] CPU: 1 PID: 4711 Comm: java Not tainted 6.1.0-31-amd64 #1", "[ 5123.000003] Call Trace:",
        "[ 5123.000004]  dump_header+0x4a/0x1ff", "[ 5123.000005]  oom_kill_process.cold+0xb/0x10",
            "[ 5123.000006]  out_of_memory+0x1a0/0x4e0",
        "[ 5123.000007] Mem-Info:", "[ 5123.000008] active_anon:112 inactive_anon:480000 isolated_anon:0",
        "[ 5123.000009] Out of memory: Killed process 4711 (java) total-vm:8123456kB, anon-rss:3912345kB, file-rss:0kB, shmem-rss:0kB, " +
            "UID:1000 " +
            "pgtables:9000kB oom_score_adj:0",
    ];

    private static readonly string[] Disk =
    [
        "[    0.000000] Linux version 6.1.0-31-amd64 (build@host) (gcc 12) #1 SMP PREEMPT_DYNAMIC",
        "[  812.000001] ata1.00: exception Emask 0x0 SAct 0x0 SErr 0x0 action 0x0", "[  812.000002] ata1.00: failed command: READ DMA EXT",
        "[  812.000003] ata1.00: status: { DRDY ERR }", "[  812.000004] ata1.00: error: { UNC }",
        "[  812.000005] blk_update_request: I/O error, dev sda, sector 123456 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 0",
    ];

    private static readonly string[] MachineCheck =
    [
        "[    0.000000] Linux version 6.1.0-31-amd64 (build@host) (gcc 12) #1 SMP PREEMPT_DYNAMIC",
        "[  900.000001] mce: [Hardware Error]: CPU 3: Machine Check Exception: 5 Bank 4: be00000000800400",
        "[  900.000002] mce: [Hardware Error]: TSC 1a2b3c4d ADDR 123456780",
            "[  900.000003] mce: [Hardware Error]: PROCESSOR 0:306f2 TIME 1793499335 SOCKET 0 APIC 6",
    ];

    private readonly MadeUpFleet fleet = new();

    public SeenTimeTests() => Directory.CreateDirectory(fleet.Logs);

    public static TheoryData<string, string?, bool> Kinds()
    {
        var all = new TheoryData<string, string?, bool>();
        foreach (string kind in (string[])["oom", "disk", "mce"])
        {
            foreach (string? prefix in (string?[])[null, "2026-11-01T02:11:35.000000+00:00 web-1 kernel: ",
                "Nov  1 02:11:35 web-1 kernel: "])
            {
                all.Add(kind, prefix, false);
                // Lines of a disk without any stamp are no log.
                if (kind != "disk" || prefix is not null)
                    all.Add(kind, prefix, true);
            }
        }
        return all;
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_same_log_from_a_copy_is_the_same_crash_with_the_same_time(string kind, string? prefix, bool bare)
    {
        string[] lines = kind switch { "oom" => Killed, "disk" => Disk, _ => MachineCheck };
        string text = string.Concat(lines.Select(l => $"{prefix}{(bare ? l[(l.IndexOf(']', StringComparison.Ordinal) + 2)..] : l)}\n"));
        (string Id, long? Time, string? From)[] told = [.. new[] { "a.log", "b.log", "crash/2020-01-01/kern.log" }
            .Index().Select(n => Scanned(n.Item, text, new DateTime(2026, 11, 2 + n.Index, 5, 0, 0, DateTimeKind.Utc)))];
        Assert.Single(told.Select(t => t.Id).Distinct());
        if (prefix is not null)
            Assert.Equal((1793499095L, true), (told[0].Time!.Value, told.All(t => t.Time == told[0].Time)));
        else if (kind != "mce")
            Assert.All(told[..2], t => Assert.Null(t.Time));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_log_without_a_time_was_seen_and_has_none(bool crash)
    {
        string path = Path.Combine(fleet.Logs, "a.log");
        string[] lines = crash ? [.. File.ReadAllLines(fleet.Log("web-1", MadeUpFleet.Chain, name: "a.log"))
            .Select(l => l[(l.IndexOf("kernel: ", StringComparison.Ordinal) + 8)..])] : Killed;
        File.WriteAllLines(path, lines);
        File.SetLastWriteTimeUtc(path, new DateTime(2026, 11, 5, 0, 0, 0, DateTimeKind.Utc));
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        FleetCrash found = Assert.Single(FleetCrash.All(store));
        Assert.Equal((null, null, 1793836800L), (found.Time, found.TimeFrom, found.Seen));
        // It leaves the store when it was seen long ago.
        Assert.Equal(1, store.Prune(1793836801).Crashes);
    }

    [Fact]
    public void A_killed_process_whose_log_grows_is_one()
    {
        string path = Path.Combine(fleet.Logs, "kern.log");
        using FleetStore store = fleet.Open();
        foreach (string more in (string[])["", "[ 5200.000000] usb 1-1: new high-speed USB device number 2 using xhci_hcd"])
        {
            File.WriteAllLines(path, Killed.Append(more).Select(l => $"Nov  1 02:11:35 web-1 kernel: {l}"));
            fleet.Scan(store);
            Assert.Equal(1, store.Count("SELECT COUNT(*) FROM crashes"));
        }
    }

    /// <summary>A machine without a crash was seen at the last date in its log; a copy of the file says the same.</summary>
    [Theory]
    [InlineData("2026-11-01T02:11:35.000000+00:00 web-1 kernel: ", 1793499095L)]
    [InlineData("Nov  1 02:11:35 web-1 kernel: ", 1793499095L)]
    [InlineData("", null)]
    public void A_healthy_machine_was_seen_when_its_log_says_so(string prefix, long? seen)
    {
        foreach (int day in (int[])[2, 9])
        {
            string path = Path.Combine(fleet.Logs, $"{day}.log");
            File.WriteAllLines(path, new[] { Killed[0], "[    2.000000] EXT4-fs (sda1): mounted filesystem with ordered data mode." }
                .Select(l => prefix + l));
            File.SetLastWriteTimeUtc(path, new DateTime(2026, 11, day, 0, 0, 0, DateTimeKind.Utc));
        }
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        Row machine = Assert.Single(store.Rows("SELECT first_seen, last_seen FROM machines"));
        Assert.Equal((seen, seen), (machine.NumberOrNull(0), machine.NumberOrNull(1)));
        // What was seen at no time is not gone.
        Assert.Equal(0, store.Prune(1).Machines);
    }

    public void Dispose() => fleet.Dispose();

    private (string, long?, string?) Scanned(string name, string text, DateTime written)
    {
        string path = Path.Combine(fleet.Logs, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        File.SetLastWriteTimeUtc(path, written);
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        FleetCrash crash = Assert.Single(FleetCrash.All(store));
        store.Dispose();
        File.Delete(path);
        foreach (string file in Directory.GetFiles(fleet.Folder, "fleet.db*"))
            File.Delete(file);
        return (crash.Id, crash.Time, crash.TimeFrom);
    }
}
