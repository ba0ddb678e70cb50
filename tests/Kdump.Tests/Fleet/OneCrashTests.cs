using Kdump.Fleet.Questions;
using Kdump.Fleet.Scans;
using Kdump.Fleet.Stores;

namespace Kdump.Tests.Fleet;

/// <summary>One crash in several inputs, or in several states of one.</summary>
public sealed class OneCrashTests : IDisposable
{
    private const string Host = "web-1";

    private readonly MadeUpFleet fleet = new();

    /// <summary>States of one file, each the number of lines of a whole log; with the host's name, or without.</summary>
    [Theory]
    [InlineData(true, false, 0)]
    [InlineData(false, false, 1)]
    [InlineData(false, true, 1)] // no kernel times: the place in the file tells
    public void A_log_that_grows_is_one_crash_of_one_machine(bool named, bool bare, int unnamed)
    {
        string path = fleet.Log(Host, MadeUpFleet.Chain);
        string[] whole = [.. File.ReadAllLines(path).Select(l => named ? l : Without(l, bare))];
        using FleetStore store = fleet.Open();
        foreach (int lines in (int[])[4, 12, 18, whole.Length])
        {
            File.WriteAllLines(path, whole[..lines]);
            fleet.Scan(store);
            // Lines without times are no log until one of them tells of a crash.
            Assert.Equal((bare && lines < 6 ? 0 : 1, lines > 6 ? 1 : 0), (store.Machines(), store.Count("SELECT COUNT(*) FROM crashes")));
        }
        Assert.Equal(unnamed, store.Count("SELECT COUNT(*) FROM machines WHERE named = 0"));
        Assert.Contains("i40e_clean_rx_irq", Assert.Single(FleetCrash.All(store)).Title, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_that_was_emptied_and_filled_again_has_crashed_twice()
    {
        string path = fleet.Log(Host, MadeUpFleet.Chain);
        string[] first = [.. File.ReadAllLines(path).Select(l => Without(l, bare: false))];
        File.WriteAllLines(path, first);
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        File.WriteAllLines(path, first.Select(l => l.Replace("100.0000", "1345.0000", StringComparison.Ordinal)));
        fleet.Scan(store);
        Assert.Equal(2, store.Count("SELECT COUNT(*) FROM crashes"));
    }

    /// <summary>Cut at its end, so that the stack and then the function are lost.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_copy_that_was_cut_is_no_second_crash_and_the_whole_one_is_shown(bool named)
    {
        string path = fleet.Log(Host, MadeUpFleet.Chain);
        string[] whole = [.. File.ReadAllLines(path).Select(l => named ? l : Without(l, bare: false))];
        File.WriteAllLines(path, whole);
        foreach (int lines in (int[])[9, 10, 13, 15])
            File.WriteAllLines(Path.Combine(fleet.Logs, $"cut-{lines}.log"), whole[..lines]);
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        Assert.Equal((1, 1), (store.Machines(), store.Count("SELECT COUNT(*) FROM crashes")));
        FleetCrash crash = Assert.Single(FleetCrash.All(store));
        Assert.EndsWith(".log", crash.Input, StringComparison.Ordinal);
        Assert.DoesNotContain("cut-", crash.Input, StringComparison.Ordinal);
        // The whole log is taken away: what the cut ones tell is left, and has its kind.
        File.Delete(path);
        File.WriteAllText(path, "nothing of note\n");
        fleet.Scan(store, version: "2");
        Assert.Equal(1, store.Count("SELECT COUNT(*) FROM crashes"));
        Assert.Equal(0, store.Count("SELECT COUNT(*) FROM crashes WHERE signature NOT IN (SELECT signature FROM signatures)"));
    }

    /// <summary>vmcore-dmesg.txt names nobody, the machine's log on the syslog server does.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_log_without_a_name_is_of_the_machine_that_had_the_same_crash(int order)
    {
        string[] lines = File.ReadAllLines(fleet.Log(Host, MadeUpFleet.Chain));
        fleet.Log("web-2", MadeUpFleet.Chain, day: 2);
        string folder = Path.Combine(fleet.Folder, "crash", "127.0.0.1-2026-11-01-02:11:35");
        Directory.CreateDirectory(folder);
        File.WriteAllLines(Path.Combine(folder, "vmcore-dmesg.txt"), lines.Select(l => Without(l, bare: false)));
        using FleetStore store = fleet.Open();
        string[] sources = [fleet.Logs, Path.GetDirectoryName(folder)!];
        foreach (string[] some in order switch { 0 => [sources], 1 => [[sources[0]], [sources[1]]], _ =>
            (string[][])[[sources[1]], [sources[0]]] })
            new Scan(store, "1", () => new MadeUpFleet.HereJudge(), 2).Run(some);
        Assert.Equal((2, 2), (store.Machines(), store.Count("SELECT COUNT(*) FROM crashes")));
        Assert.Equal(["web-1", "web-2"], store.Rows("SELECT machine FROM crashes ORDER BY machine").Select(r => r.Text(0)));
        (string name, string by) = Assert.Single(store.OtherNames(Host));
        Assert.Equal(('?', "crash"), (name[0], by));
    }

    [Fact]
    public void One_that_is_of_two_named_machines_is_of_neither()
    {
        string[] lines = File.ReadAllLines(fleet.Log(Host, MadeUpFleet.Chain));
        fleet.Log("web-2", MadeUpFleet.Chain);
        File.WriteAllLines(Path.Combine(fleet.Logs, "dmesg.txt"), lines.Select(l => Without(l, bare: false)));
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        Assert.Equal((3, 3), (store.Machines(), store.Count("SELECT COUNT(*) FROM crashes")));
    }

    [Fact]
    public void A_central_log_has_a_crash_for_each_host()
    {
        string[] all = [.. Enumerable.Range(1, 5).SelectMany(i => File.ReadAllLines(fleet.Log($"web-{i}", MadeUpFleet.Chain, day: i))
            .Skip(4))];
        foreach (string file in Directory.GetFiles(fleet.Logs))
            File.Delete(file);
        File.WriteAllLines(Path.Combine(fleet.Logs, "all.log"), all);
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        Assert.Equal(["web-1", "web-2", "web-3", "web-4", "web-5"], store.Rows("SELECT machine FROM crashes ORDER BY machine")
            .Select(r => r.Text(0)));
    }

    public void Dispose() => fleet.Dispose();

    /// <summary>As dmesg prints it, with or without times.</summary>
    private static string Without(string line, bool bare) => line[(line.IndexOf("kernel: ", StringComparison.Ordinal) + 8)..] is var rest &&
        bare ? rest[(rest.IndexOf(']', StringComparison.Ordinal) + 2)..] : rest;
}
