using Kdump.Fleet.Questions;
using Kdump.Fleet.Scans;
using Kdump.Fleet.Stores;
using static Kdump.Tests.Fleet.CrashLines;

namespace Kdump.Tests.Fleet;

/// <summary>One crash told with and without the kernel's times, by its beginning and by its end, and what is no such copy.</summary>
public sealed class CutCopyTests : IDisposable
{
    private readonly MadeUpFleet fleet = new();

    public CutCopyTests() => Directory.CreateDirectory(fleet.Logs);

    [Theory]
    [InlineData(false, false, "web-1", "web-1")]
    [InlineData(false, false, "web-1", null)]
    [InlineData(false, false, null, null)]
    [InlineData(true, false, "web-1", "web-1")]
    [InlineData(true, false, "web-1", null)]
    [InlineData(true, false, null, null)]
    [InlineData(false, true, "web-1", null)]
    public void A_crash_with_and_without_the_kernels_times_is_one(bool arm, bool late, string? host, string? other)
    {
        string[] crash = arm ? Arm64 : X86;
        Write("timed.log", host, [.. Head, .. crash]);
        if (late)
            Scan();
        Write("bare.log", other, [.. Head, .. crash], bare: true);
        Scan();
        AssertOne(host);
    }

    /// <summary>The first lines that a copy still has: in front of the registers, within them, behind them.</summary>
    [Theory]
    [InlineData(2, "web-1", "web-1")]
    [InlineData(4, "web-1", "web-1")]
    [InlineData(7, "web-1", "web-1")]
    [InlineData(8, "web-1", "web-1")]
    [InlineData(12, "web-1", "web-1")]
    [InlineData(17, "web-1", "web-1")]
    [InlineData(4, "web-1", null)]
    [InlineData(8, "web-1", null)]
    [InlineData(4, null, null)]
    [InlineData(8, null, null)]
    public void A_copy_that_begins_within_the_crash_is_no_second_one(int from, string? host, string? other)
    {
        Write("whole.log", host, [.. Head, .. X86]);
        Write("tail.log", other, X86[from..]);
        Scan();
        AssertOne(host);
        Assert.Contains("i40e_clean_rx_irq", Crashes().Single().Title, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    public void A_copy_that_begins_within_the_crash_may_lack_the_times_as_well(int from)
    {
        Write("whole.log", "web-1", [.. Head, .. X86]);
        Write("tail.log", "web-1", X86[from..], bare: true);
        Scan();
        AssertOne("web-1");
    }

    [Fact]
    public void The_order_in_which_copies_come_makes_no_difference()
    {
        string[] ids = [.. Enumerable.Range(0, 3).Select(first =>
        {
            foreach (string old in Directory.GetFiles(fleet.Folder, "fleet.db*").Concat(Directory.GetFiles(fleet.Logs)))
                File.Delete(old);
            for (int i = 0; i < 3; i++)
            {
                switch ((first + i) % 3)
                {
                    case 0: Write("whole.log", "web-1", [.. Head, .. X86]); break;
                    case 1: Write("tail.log", null, X86[8..], bare: true); break;
                    default: Write("bare.log", null, [.. Head, .. X86], bare: true); break;
                }
                Scan();
            }
            return Crashes().Single().Id;
        })];
        Assert.Single(ids.Distinct());
    }

    /// <summary>The same function, task and CPU an hour later: other registers or another moment, and so another crash.</summary>
    [Theory]
    [InlineData("9f1f", "9e2e", true, false)]
    [InlineData("9f1f", "9e2e", true, true)]
    [InlineData("[  100.", "[ 3700.", false, false)]
    public void Two_crashes_of_one_kind_are_two(string of, string to, bool bare, bool bothBare)
    {
        Write("a.log", "web-1", [.. Head, .. X86], bothBare, date: "2026-11-01T02:11:35.000000+00:00");
        Write("b.log", "web-1", [.. Head, .. X86.Select(l => l.Replace(of, to, StringComparison.Ordinal)
            .Replace(bare ? "ffffb5c3" : "\0", "ffffa1d4", StringComparison.Ordinal))], bare, date: "2026-11-01T03:11:35.000000+00:00");
        Scan();
        Assert.Equal(2, Crashes().Length);
    }

    /// <summary>Equal microsecond, task, CPU and kernel: the clock of a made-up or cloned machine tells no machine.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("web-1")]
    public void Equal_moment_task_and_cpu_on_another_make_is_another_machine(string? host)
    {
        string[] other = [.. Head.Concat(X86).Select(l => l.Replace("Dell Inc. PowerEdge R740/0WRPXK, BIOS 2.19.1 06/04/2023",
            "Supermicro SYS-6029/X11, BIOS 3.4 11/03/2020", StringComparison.Ordinal))];
        Write("a.log", host, [.. Head, .. X86]);
        Write("b.log", null, other);
        Scan();
        using FleetStore store = fleet.Open();
        Assert.Equal((2, 2), (store.Machines(), store.Count("SELECT COUNT(*) FROM crashes")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_copy_without_a_make_that_fits_two_of_different_make_is_of_neither(bool named)
    {
        Write("a.log", named ? "web-1" : null, [.. Head, .. X86]);
        Write("b.log", named ? "web-2" : null, [.. Head.Concat(X86).Select(l =>
            l.Replace("Dell Inc. PowerEdge R740/0WRPXK, BIOS 2.19.1 06/04/2023",
            "Supermicro SYS-6029/X11, BIOS 3.4 11/03/2020", StringComparison.Ordinal))]);
        Write("c.log", null, [Head[0], .. X86.Where(l => !l.Contains("Hardware name", StringComparison.Ordinal))]);
        Scan();
        using FleetStore store = fleet.Open();
        Assert.Equal((3, 3), (store.Machines(), store.Count("SELECT COUNT(*) FROM crashes")));
    }

    [Fact]
    public void Merged_shards_join_what_one_scan_joins()
    {
        Write("whole.log", "web-1", [.. Head, .. X86]);
        Scan();
        string id = Crashes().Single().Id;
        File.Delete(fleet.Store);
        Write("tail.log", null, X86[8..], bare: true);
        string shard = fleet.Store + ".2";
        using (FleetStore one = fleet.Open())
        {
            new Scan(one, "1", () => new MadeUpFleet.HereJudge(), 1).Run([Path.Combine(fleet.Logs, "whole.log")]);
            using FleetStore two = FleetStore.Open(shard, create: true);
            new Scan(two, "1", () => new MadeUpFleet.HereJudge(), 1).Run([Path.Combine(fleet.Logs, "tail.log")]);
            one.Merge(two);
            one.Settle();
        }
        Assert.Equal(id, Crashes().Single().Id);
    }

    public void Dispose() => fleet.Dispose();

    private void AssertOne(string? host)
    {
        using FleetStore store = fleet.Open();
        Assert.Equal((1, 1), (store.Machines(), store.Count("SELECT COUNT(*) FROM crashes")));
        Assert.Equal(host ?? "?", store.Rows("SELECT machine FROM crashes").Single().Text(0)[..(host?.Length ?? 1)]);
    }

    private FleetCrash[] Crashes()
    {
        using FleetStore store = fleet.Open();
        return [.. FleetCrash.All(store)];
    }

    private void Scan()
    {
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
    }

    private void Write(string name, string? host, string[] lines, bool bare = false, string date = "2026-11-01T02:11:35.000000+00:00") =>
        File.WriteAllLines(Path.Combine(fleet.Logs, name), lines.Select(l => Of(l, host, date, bare)));
}
