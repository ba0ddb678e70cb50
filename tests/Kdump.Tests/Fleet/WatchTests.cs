using Kdump.Cli.Commands;
using Kdump.Cli.Terminals;
using Kdump.FleetCli;

namespace Kdump.Tests.Fleet;

/// <summary>A crash server's folder is empty at first, and quiet most of the time.</summary>
public sealed class WatchTests : IDisposable
{
    private readonly MadeUpFleet fleet = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_folder_in_which_nothing_has_arrived_is_no_failure(bool hasFolders)
    {
        Directory.CreateDirectory(fleet.Logs);
        if (hasFolders)
            Directory.CreateDirectory(Path.Combine(fleet.Logs, "sub", "empty"));
        Assert.Equal((0, "nothing has arrived yet\n", ""), Watch(1));
        // A scan is asked for what is there, and says that nothing is.
        (int code, _, string error) = Run("scan", fleet.Logs, "--into", fleet.Store, "--jobs", "1");
        Assert.Equal(2, code);
        Assert.Equal($"kdt: {fleet.Logs}: no file in it\n", error);
        // It is no input of the watch then either.
        Assert.Equal((0, "nothing has arrived yet\n", ""), Watch(1));
    }

    [Fact]
    public void The_first_round_says_what_there_is_and_trouble_is_told_once()
    {
        fleet.Log("web-1", MadeUpFleet.Chain);
        File.CreateSymbolicLink(Path.Combine(fleet.Logs, "link"), "/nowhere");
        (int code, string output, string error) = Watch(1);
        Assert.Equal(2, code);
        Assert.Equal("2 inputs (0 unchanged): 1 new crash; the store has 1 crash of 1 machine; 1 could not be read\n", output);
        Assert.Equal($"kdt: {fleet.Logs}/link: a link that leads nowhere\n", error);
        Assert.Equal((0, "2 inputs (1 unchanged): 0 new crashes; the store has 1 crash of 1 machine; 1 could not be read (1 as before)\n",
            ""),
            Watch(1));
    }

    [Fact]
    public void Only_what_cannot_be_read_lies_there_and_was_told_before()
    {
        Directory.CreateDirectory(fleet.Logs);
        File.CreateSymbolicLink(Path.Combine(fleet.Logs, "link"), "/nowhere");
        Assert.Equal(2, Watch(1).Code);
        Assert.Equal(0, Watch(1).Code);
    }

    [Fact]
    public async Task A_round_without_news_is_silent()
    {
        fleet.Log("web-1", MadeUpFleet.Chain);
        string log = Path.Combine(fleet.Logs, "web-1.log");
        DateTime written = File.GetLastWriteTimeUtc(log);
        Task<(int Code, string Output, string Error)> watch = Task.Run(() => Watch(2));
        for (int i = 0; i < 100 && !watch.IsCompleted; i++)
        {
            await Task.Delay(3000);
            // A change of the file that changes nothing of what a scan asks.
            File.SetLastWriteTimeUtc(log, written);
        }
        Assert.Equal((0, "1 input (0 unchanged): 1 new crash; the store has 1 crash of 1 machine; 0 could not be read\n", ""), await watch);
    }

    [Fact]
    public async Task A_file_that_arrives_is_taken_in_and_the_metrics_follow()
    {
        Directory.CreateDirectory(fleet.Logs);
        string metrics = Path.Combine(fleet.Folder, "kdump.prom");
        Task<(int Code, string Output, string Error)> watch = Task.Run(() => Run("watch", fleet.Logs, "--into", fleet.Store, "--jobs", "1",
            "--rounds", "2", "--metrics", metrics));
        for (int i = 0; i < 600 && !File.Exists(metrics); i++)
            await Task.Delay(100);
        Assert.Contains("\nkdump_fleet_crashes 0\n", File.ReadAllText(metrics), StringComparison.Ordinal);
        fleet.Log("web-1", MadeUpFleet.Chain);
        fleet.Log("web-2");
        (int code, string output, string error) = await watch;
        Assert.Equal((0, ""), (code, error));
        Assert.Equal("nothing has arrived yet\n2 inputs (0 unchanged): 1 new crash; the store has 1 crash of 2 machines; 0 could not " +
            "be read\n",
            output);
        string text = File.ReadAllText(metrics);
        Assert.Contains("\nkdump_fleet_crashes 1\n", text, StringComparison.Ordinal);
        Assert.Contains("\nkdump_fleet_machines 2\n", text, StringComparison.Ordinal);
        Assert.Contains("\nkdump_fleet_dumps{outcome=\"not_told\"} 1\n", text, StringComparison.Ordinal);
        // The text format of Prometheus: a type before each name, and a number behind it.
        Assert.All(text.Split('\n', StringSplitOptions.RemoveEmptyEntries), l =>
            Assert.Matches("^(# (HELP|TYPE) \\w+ .+|\\w+(\\{.*\\})? \\d+)$", l));
    }

    public void Dispose() => fleet.Dispose();

    private (int Code, string Output, string Error) Watch(int rounds) =>
        Run("watch", fleet.Logs, "--into", fleet.Store, "--jobs", "1", "--rounds", $"{rounds}");

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        int code = KdtFleet.Run(FleetProgram.Of(["fleet", .. args])!, output, error, () => Stream.Null, Terminal.Plain);
        return (code, output.ToString(), error.ToString());
    }
}
