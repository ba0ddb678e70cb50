using Kdump.Cli.Commands;
using Kdump.Cli.Terminals;
using Kdump.Fleet.Scans;
using Kdump.Fleet.Stores;
using Kdump.FleetCli;
using Kdump.FleetCli.Commands;

namespace Kdump.Tests.Fleet;

/// <summary>Tests that change the environment of this process: nothing else runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}

/// <summary>The ways in which a redacted scan and its owner's questions get the key.</summary>
[Collection(AloneCollection.Name)]
public sealed class RedactKeyTests : IDisposable
{
    private const string Key = "a key of some length";

    private readonly MadeUpFleet fleet = new();

    [Theory]
    [InlineData("--redact", Key, null)]
    [InlineData("--redact-key", "{file}", null)]
    [InlineData(null, null, Key)]
    [InlineData("--redact-key", "{file}", "another key of some length")]
    public void A_key_makes_the_same_store_wherever_it_comes_from(string? option, string? value, string? variable)
    {
        fleet.Log("web-1.a.example", MadeUpFleet.Chain);
        string file = Path.Combine(fleet.Folder, "key.txt");
        File.WriteAllText(file, Key + "\r\nsecond line\n");
        string[] key = option is null ? [] : [option, value!.Replace("{file}", file, StringComparison.Ordinal)];
        Assert.Equal((0, ""), With(variable, ["scan", fleet.Logs, "--into", fleet.Store, "--jobs", "1", .. key]) is var scan
            ? (scan.Code, scan.Error) : default);
        using (var store = FleetStore.Open(fleet.Store, create: false))
            Assert.Equal(new Redaction(Key).Machine("web-1.a.example"), Assert.Single(store.Rows("SELECT machine FROM machines")).Text(0));
        (int code, string output, string error) = With(variable, ["machine", fleet.Store, "web-1.a.example", .. key]);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("PowerEdge", output, StringComparison.Ordinal);
        Assert.Equal(0, With(variable, ["inputs", fleet.Store, Path.Combine(fleet.Logs, "web-1.a.example.log"), .. key]).Code);
        // What top prints is found with a key in the environment, too.
        Assert.Equal(0, With(variable, ["machine", fleet.Store, new Redaction(Key).Machine("web-1.a.example"), .. key]).Code);
    }

    [Fact]
    public void A_key_in_the_environment_asks_a_store_with_plain_names_nothing()
    {
        fleet.Log("web-1", MadeUpFleet.Chain);
        With(null, "scan", fleet.Logs, "--into", fleet.Store, "--jobs", "1");
        Assert.Equal(0, With(Key, "machine", fleet.Store, "web-1").Code);
        (int code, _, string error) = With(Key, "scan", fleet.Logs, "--into", fleet.Store, "--jobs", "1");
        Assert.Equal(2, code);
        Assert.Contains("holds plain names", error, StringComparison.Ordinal);
    }

    /// <summary>A secret that was not mounted, or a slip in a unit file.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("short")]
    public void A_variable_without_a_key_is_no_wish_to_keep_names(string variable)
    {
        fleet.Log("web-1", MadeUpFleet.Chain);
        (int code, _, string error) = With(variable, "scan", fleet.Logs, "--into", fleet.Store, "--jobs", "1");
        Assert.Equal(2, code);
        Assert.Contains("too short", error, StringComparison.Ordinal);
        Assert.False(File.Exists(fleet.Store));
    }

    [Fact]
    public void A_merge_that_is_refused_has_copied_nothing()
    {
        string plain = Path.Combine(fleet.Folder, "plain.db"), redacted = Path.Combine(fleet.Folder, "redacted.db"),
            into = Path.Combine(fleet.Folder, "into.db");
        fleet.Log("web-1", MadeUpFleet.Chain);
        Assert.Equal(0, With(null, "scan", fleet.Logs, "--into", plain, "--jobs", "1").Code);
        Assert.Equal(0, With(Key, "scan", fleet.Logs, "--into", redacted, "--jobs", "1").Code);
        foreach (string[] others in (string[][])[[plain, redacted], [plain, into], [plain, Path.Combine(fleet.Folder, "none.db")]])
        {
            Assert.Equal(2, With(null, ["merge", into, .. others]).Code);
            if (!File.Exists(into))
                continue;
            using var store = FleetStore.Open(into, create: false);
            Assert.Equal(0, store.Count("SELECT COUNT(*) FROM records"));
        }
    }

    [Theory]
    [InlineData("give one of them", "--redact", Key, "--redact-key", "{file}")]
    [InlineData("there is no such file", "--redact-key", "/nowhere/key")]
    [InlineData("is too short", "--redact-key", "{short}")]
    [InlineData("has no key in its first line", "--redact-key", "{binary}")]
    public void A_key_that_is_none_is_exit_2_and_its_reason(string said, params string[] key)
    {
        fleet.Log("web-1", MadeUpFleet.Chain);
        string Made(string name, byte[] content)
        {
            string path = Path.Combine(fleet.Folder, name);
            File.WriteAllBytes(path, content);
            return path;
        }
        string file = Made("key", "a key of some length\n"u8.ToArray()), brief = Made("short", "key\n"u8.ToArray()),
            binary = Made("binary", new byte[10_000]);
        (int code, string output, string error) = With(null, ["scan", fleet.Logs, "--into", fleet.Store, .. key.Select(k => k
            .Replace("{file}", file, StringComparison.Ordinal).Replace("{short}", brief, StringComparison.Ordinal)
            .Replace("{binary}", binary, StringComparison.Ordinal))]);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, error, StringComparison.Ordinal);
    }

    [ToolFact("bash")]
    public void The_sbatch_script_hands_the_key_file_on_and_no_key()
    {
        string script = With(Key, "slurm", "/logs", "--into", "/shared/x.db", "--shards", "2", "--redact-key", "/shared/my key").Output;
        Assert.EndsWith("--shard \"$SLURM_ARRAY_TASK_ID/2\" --redact-key '/shared/my key'\n", script, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, script, StringComparison.Ordinal);
        Assert.DoesNotContain("redact", With(null, "slurm", "/logs", "--into", "/shared/x.db").Output, StringComparison.Ordinal);
    }

    [ToolFact("kubectl")]
    public void The_pods_have_the_key_as_a_Secret_that_kubectl_knows()
    {
        File.WriteAllText(Path.Combine(fleet.Folder, "job.yaml"), With(null, "kubernetes", "/data", "--into", "postgresql://kdump@db/fleet",
            "--image", "r/kdt:1", "--claim", "crashes", "--redact-secret", "fleet-key").Output);
        using var job = System.Text.Json.JsonDocument.Parse(
            Tool.Run("kubectl set resources --requests=cpu=1 --local -f job.yaml -o json", fleet.Folder));
        System.Text.Json.JsonElement pod = job.RootElement.GetProperty("spec").GetProperty("template").GetProperty("spec");
        System.Text.Json.JsonElement container = pod.GetProperty("containers")[0], volume = pod.GetProperty("volumes")[1];
        Assert.EndsWith(" --redact-key /run/secrets/kdt-fleet/key", container.GetProperty("command")[2].GetString(),
            StringComparison.Ordinal);
        Assert.Equal(("redact", "/run/secrets/kdt-fleet", true), (container.GetProperty("volumeMounts")[1].GetProperty("name").GetString(),
            container.GetProperty("volumeMounts")[1].GetProperty("mountPath").GetString(),
            container.GetProperty("volumeMounts")[1].GetProperty("readOnly").GetBoolean()));
        Assert.Equal(("redact", "fleet-key"), (volume.GetProperty("name").GetString(),
            volume.GetProperty("secret").GetProperty("secretName").GetString()));
    }

    public void Dispose() => fleet.Dispose();

    private static (int Code, string Output, string Error) With(string? variable, params string[] args)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        Environment.SetEnvironmentVariable(RedactOptions.Variable, variable);
        try
        {
            int code = KdtFleet.Run(FleetProgram.Of(["fleet", .. args])!, output, error, () => Stream.Null, Terminal.Plain);
            return (code, output.ToString(), error.ToString());
        }
        finally
        {
            Environment.SetEnvironmentVariable(RedactOptions.Variable, null);
        }
    }
}
