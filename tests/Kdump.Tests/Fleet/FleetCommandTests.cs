using System.Text.Json;
using Kdump.Cli;
using Kdump.Cli.Terminals;

namespace Kdump.Tests.Fleet;

public sealed class FleetCommandTests : IDisposable
{
    private readonly MadeUpFleet fleet = new();

    [Fact]
    public void Scan_and_questions_by_the_program()
    {
        for (int i = 1; i <= 3; i++)
            fleet.Log($"web-{i}", MadeUpFleet.Chain, day: i);
        fleet.Log("db-1");
        (int code, string output, string error) = Run("fleet", "scan", fleet.Logs, "--into", fleet.Store, "--jobs", "1");
        Assert.Equal(("", 0), (error, code));
        Assert.Equal("4 inputs (0 unchanged): 3 crashes of 4 machines; 0 could not be read\n", output);
        using var top = JsonDocument.Parse(Run("fleet", "top", fleet.Store, "--json").Output);
        JsonElement kind = Assert.Single(top.RootElement.GetProperty("clusters").EnumerateArray());
        Assert.Equal((3, 3), (kind.GetProperty("machines").GetInt32(), kind.GetProperty("crashes").GetInt32()));
        string id = kind.GetProperty("id").GetString()!;
        Assert.Contains("web-3", Run("fleet", "show", fleet.Store, id[..5]).Output, StringComparison.Ordinal);
        Assert.Contains("PowerEdge R740", Run("fleet", "machine", fleet.Store, "web-1").Output, StringComparison.Ordinal);
        Assert.Contains("no trait distinguishes", Run("fleet", "suspects", fleet.Store, id).Output, StringComparison.Ordinal);
        Assert.Equal(4, Run("fleet", "export", fleet.Store, "--format", "csv").Output.Split('\n',
            StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(1, Run("fleet", "new", fleet.Store, "--since", "2026-10-01", "--json").Output.Split("\"id\"").Length - 1);
        Assert.Equal(0, Run("fleet", "new", fleet.Store, "--since", "2026-12-01", "--json").Output.Split("\"id\"").Length - 1);
        string page = Path.Combine(fleet.Folder, "fleet.html");
        Assert.Equal(0, Run("fleet", "top", fleet.Store, "-o", page).Code);
        Assert.Contains($"id=\"k{id}\"", File.ReadAllText(page), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no cluster has this id", "show", "{store}", "00000000")]
    [InlineData("is not a cluster id", "show", "{store}", "xyz")]
    [InlineData("no input mentions it", "machine", "{store}", "nobody")]
    [InlineData("no machine in the store ran it", "diff", "{store}", "--release", "1", "2")]
    [InlineData("does not exist", "top", "/nowhere/fleet.db")]
    [InlineData("is not a date", "new", "{store}", "--since", "yesterday")]
    [InlineData("is not of the form I/N", "scan", "/tmp", "--into", "{store}", "--shard", "8/8")]
    public void What_cannot_be_answered_is_said_and_is_exit_2(string said, params string[] words)
    {
        fleet.Open().Dispose();
        (int code, string output, string error) = Run(["fleet",
            .. words.Select(w => w.Replace("{store}", fleet.Store, StringComparison.Ordinal))]);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(said, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_to_scan_is_no_success()
    {
        Directory.CreateDirectory(fleet.Logs);
        Assert.Equal(2, Run("fleet", "scan", fleet.Logs, "--into", fleet.Store).Code);
        Assert.Equal(2, Run("fleet", "scan", "/nowhere/x.log", "--into", fleet.Store, "--jobs", "1").Code);
    }

    [ToolFact("bash")]
    public void The_sbatch_script_is_one_and_quotes_what_it_is_given()
    {
        string script = Run("fleet", "slurm", "/logs/of the fleet", "--into", "/shared/fleet.db", "--shards", "4").Output;
        Assert.Contains("#SBATCH --array=0-3\n", script, StringComparison.Ordinal);
        Assert.Contains("'/logs/of the fleet'", script, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(fleet.Folder, "job.sh"), script);
        Tool.Run("bash -n job.sh", fleet.Folder);
    }

    [Fact]
    public void The_job_of_Kubernetes_is_indexed_and_escapes_what_it_is_given()
    {
        string manifest = Run("fleet", "kubernetes", "/data/a \"b\"", "--into", "postgresql://kdump@db/fleet", "--image", "r/kdt:1",
            "--claim", "crashes").Output;
        Assert.Contains("completionMode: Indexed", manifest, StringComparison.Ordinal);
        Assert.Contains("\\\"b\\\"", manifest, StringComparison.Ordinal);
    }

    public void Dispose() => fleet.Dispose();

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        int code = Kdt.Run(args, output, error, () => Stream.Null, Terminal.Plain);
        return (code, output.ToString(), error.ToString());
    }
}
