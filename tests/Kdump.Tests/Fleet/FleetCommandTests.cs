using System.Text.Json;
using Kdump.Cli;
using Kdump.Cli.Commands;
using Kdump.Cli.Terminals;
using Kdump.Fleet.Stores;
using Kdump.FleetCli;
using Kdump.Formats.Bytes;

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
        Assert.Equal("4 inputs (0 unchanged): 3 new crashes; the store has 3 crashes of 4 machines; 0 could not be read\n", output);
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

    [Fact]
    public async Task A_Parquet_file_holds_every_crash()
    {
        for (int i = 1; i <= 3; i++)
            fleet.Log($"web-{i}", MadeUpFleet.Chain, day: i);
        Run("fleet", "scan", fleet.Logs, "--into", fleet.Store, "--jobs", "1");
        string path = Path.Combine(fleet.Folder, "crashes.parquet");
        Assert.Contains("name a file with -o", Run("fleet", "export", fleet.Store, "--format", "parquet").Error, StringComparison.Ordinal);
        Assert.Equal((0, "", ""), Run("fleet", "export", fleet.Store, "--format", "parquet", "-o", path));
        // An earlier one of the same kind is replaced, and nothing else.
        Assert.Equal(0, Run("fleet", "export", fleet.Store, "--format", "parquet", "-o", path).Code);
        Assert.Contains("is not overwritten", Run("fleet", "export", fleet.Store, "-o", path).Error, StringComparison.Ordinal);
        string[] lines = Run("fleet", "export", fleet.Store).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Parquet.ParquetReader reader = await Parquet.ParquetReader.CreateAsync(path);
        await using (reader)
        {
            Assert.Equal(1, reader.RowGroupCount);
            using Parquet.ParquetRowGroupReader group = reader.OpenRowGroupReader(0);
            foreach ((string column, string member) in new[] { ("id", "id"), ("machine", "machine"), ("title", "title"),
                ("dump_reason", "dumpReason") })
            {
                var cells = new string?[3];
                await group.ReadAsync(FieldOf(reader, column), cells.AsMemory());
                Assert.Equal(lines.Select(l => ValueOf(l, member)), cells);
            }
            var times = new long?[3];
            await group.ReadAsync<long>(FieldOf(reader, "time"), times.AsMemory());
            Assert.Equal(lines.Select(l => ValueOf(l, "time")),
                times.Select(t => t?.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        }

        static Parquet.Schema.DataField FieldOf(Parquet.ParquetReader reader, string name) =>
            reader.Schema.DataFields.Single(f => f.Name == name);

        static string? ValueOf(string line, string member)
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.TryGetProperty(member, out JsonElement e) && e.ValueKind != JsonValueKind.Null ? e.ToString() : null;
        }
    }

    [Theory]
    [InlineData("no cluster has this id", "show", "{store}", "00000000")]
    [InlineData("is not a cluster id", "show", "{store}", "xyz")]
    [InlineData("no input mentions it", "machine", "{store}", "nobody")]
    [InlineData("no machine in the store ran it", "diff", "{store}", "--release", "1", "2")]
    [InlineData("does not exist", "top", "/nowhere/fleet.db")]
    [InlineData("is not a date", "new", "{store}", "--since", "yesterday")]
    [InlineData("is not below /data", "kubernetes", "/var/crash", "--into", "/data/x.db", "--image", "i", "--claim", "c")]
    [InlineData("is not below /data", "kubernetes", "/data/../etc", "--into", "/data/x.db", "--image", "i", "--claim", "c")]
    [InlineData("is not below /data", "kubernetes", "/database", "--into", "/data/x.db", "--image", "i", "--claim", "c")]
    [InlineData("is not below /data", "kubernetes", "data/x", "--into", "/data/x.db", "--image", "i", "--claim", "c")]
    [InlineData("or a postgresql:// URL", "kubernetes", "/data", "--into", "/tmp/x.db", "--image", "i", "--claim", "c")]
    [InlineData("no list of paths on its standard input", "kubernetes", "-", "--into", "/data/x.db", "--image", "i", "--claim", "c")]
    [InlineData("no list of paths on its standard input", "slurm", "-", "--into", "x.db")]
    [InlineData("Must be one of: 'ndjson', 'csv', 'parquet'", "export", "{store}", "--format", "xml")]
    [InlineData("Must be one of: 'judged', 'partly', 'nothing', 'refused'", "inputs", "{store}", "--state", "odd")]
    [InlineData("no scan was given it", "inputs", "{store}", "/nowhere")]
    [InlineData("holds nothing yet", "machine", "{store}", "web-1", "--redact", "a key of some length")]
    [InlineData("x is no sslmode", "top", "postgresql://u@h/d?sslmode=x")]
    [InlineData("no PostgreSQL server answers", "top", "postgresql://u@127.0.0.1:1/d")]
    [InlineData("cannot be opened: is its folder there", "scan", "/tmp", "--into", "/nowhere/x.db")]
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
    public void Results_replace_their_like_and_leave_other_files_alone()
    {
        fleet.Log("web-1", MadeUpFleet.Chain);
        Run("fleet", "scan", fleet.Logs, "--into", fleet.Store, "--jobs", "1");
        string[][] results = [["top", "-o"], ["export", "-o"], ["export", "--format", "csv", "-o"],
            ["export", "--format", "parquet", "-o"]];
        string[] files = [.. results.Select((_, i) => Path.Combine(fleet.Folder, $"result-{i}"))];
        for (int i = 0; i < results.Length; i++)
        {
            for (int of = 0; of <= i; of++)
            {
                byte[]? before = File.Exists(files[of]) ? File.ReadAllBytes(files[of]) : null;
                (int code, _, string error) = Run(["fleet", results[i][0], fleet.Store, .. results[i][1..], files[of]]);
                Assert.Equal(of == i ? 0 : 2, code);
                if (of == i)
                    Assert.Equal(0, Run(["fleet", results[i][0], fleet.Store, .. results[i][1..], files[of]]).Code);
                else
                    Assert.Contains("it is not overwritten", error, StringComparison.Ordinal);
                Assert.True(of == i || File.ReadAllBytes(files[of]).SequenceEqual(before!));
            }
        }
        string log = Path.Combine(fleet.Logs, "web-1.log");
        Assert.Equal(2, Run("fleet", "top", fleet.Store, "-o", log).Code);
        Assert.Contains("i40e", File.ReadAllText(log), StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_leaves_no_part_of_a_result_and_says_what_to_do()
    {
        string page = Path.Combine(fleet.Folder, "page.html");
        Assert.Contains("page.html: -o: no space left on the device: make room",
            Assert.Throws<InputException>(() => Kdump.Cli.Reports.PageFile.Write(page, text =>
        {
            text.Write(new string('x', 100_000));
            throw new IOException($"No space left on device : '{page}.part-1'");
        })).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(fleet.Folder));
        Assert.Equal("the disk is full; what was kept stays: run the same command again when there is room", DatabaseWords.Of(
            new Microsoft.Data.Sqlite.SqliteException("SQLite Error 13: 'database or disk is full'.", 13)));
    }

    [Fact]
    public void A_scan_that_meets_only_what_an_earlier_one_told_is_fine()
    {
        fleet.Log("web-1", MadeUpFleet.Chain);
        File.CreateSymbolicLink(Path.Combine(fleet.Logs, "link"), "/nowhere");
        (int code, string output, string error) = Run("fleet", "scan", fleet.Logs, "--into", fleet.Store, "--jobs", "1");
        Assert.Equal(2, code);
        Assert.Contains("link: a link that leads nowhere", error, StringComparison.Ordinal);
        Assert.EndsWith("; 1 could not be read\n", output, StringComparison.Ordinal);
        (code, output, error) = Run("fleet", "scan", fleet.Logs, "--into", fleet.Store, "--jobs", "1");
        Assert.Equal((0, ""), (code, error));
        Assert.Equal("2 inputs (1 unchanged): 0 new crashes; the store has 1 crash of 1 machine; 1 could not be read (1 as before)\n",
            output);
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

    [ToolTheory("sh")]
    [InlineData("/data", "/data/fleet.db", "4")]
    [InlineData("/data/it's \"so\"; $(x)", "postgresql://kdump@db/fleet?sslmode=require", "100000")]
    public void A_shell_in_the_pod_reads_the_command_as_it_was_meant(string source, string store, string shards)
    {
        string manifest = Run("fleet", "kubernetes", source, "--into", store, "--image", "registry:5000/kdt@sha256:0a", "--claim",
            "crashes", "--shards", shards).Output;
        // A list of YAML in one line is JSON.
        string line = Assert.Single(manifest.Split('\n'), l => l.TrimStart().StartsWith("command:", StringComparison.Ordinal));
        using var command = System.Text.Json.JsonDocument.Parse(line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..]);
        string[] container = [.. command.RootElement.EnumerateArray().Select(w => w.GetString()!)];
        Assert.Equal(["/bin/sh", "-c"], container.Take(2));
        string words = System.Text.Encoding.UTF8.GetString(Tool.Run("JOB_COMPLETION_INDEX=7; " +
            container[2].Replace("exec kdt", "printf '%s\\n'", StringComparison.Ordinal), fleet.Folder));
        Assert.Equal(["fleet", "scan", source, "--into", FleetStore.IsShared(store) ? store : store + ".shard-7", "--shard", "7/" + shards],
            words.TrimEnd('\n').Split('\n'));
    }

    [Theory]
    [InlineData("slurm")]
    [InlineData("kubernetes", "--image", "r/kdt:1", "--claim", "crashes")]
    public void A_password_does_not_get_into_a_script(string command, params string[] more)
    {
        string error = "";
        foreach (string store in (string[])["postgresql://kdump:hidden@db/fleet", "postgresql://kdump@db/fleet?password=hidden"])
        {
            (int code, string output, error) = Run(["fleet", command, "/data", "--into", store, .. more]);
            Assert.Equal(2, code);
            Assert.DoesNotContain("hidden", output + error, StringComparison.Ordinal);
        }
        Assert.Contains(command == "slurm" ? "export PGPASSWORD" : "--password-secret", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pod_has_the_password_from_a_secret()
    {
        string manifest = Run("fleet", "kubernetes", "/data", "--into", "postgresql://kdump@db/fleet", "--image", "r/kdt:1",
            "--claim", "crashes", "--password-secret", "db").Output;
        Assert.Contains("name: PGPASSWORD", manifest, StringComparison.Ordinal);
        Assert.Contains("name: \"db\"", manifest, StringComparison.Ordinal);
    }

    [Fact]
    public void A_question_does_not_change_a_file_that_is_no_store()
    {
        string empty = Path.Combine(fleet.Folder, "empty.db"), other = Path.Combine(fleet.Folder, "other.db");
        File.WriteAllBytes(empty, []);
        using (FleetStore made = FleetStore.Open(other, create: true))
            made.Rows("SELECT 1");
        // The same file as another program would have left it.
        using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={other};Pooling=False"))
        {
            connection.Open();
            using Microsoft.Data.Sqlite.SqliteCommand rename = connection.CreateCommand();
            rename.CommandText = "PRAGMA journal_mode = DELETE; ALTER TABLE kdump_fleet RENAME TO theirs";
            rename.ExecuteNonQuery();
        }
        foreach (string file in (string[])[empty, other])
        {
            byte[] before = File.ReadAllBytes(file);
            (int code, _, string error) = Run("fleet", "top", file);
            Assert.Equal(2, code);
            Assert.Contains("not a store of kdt fleet", error, StringComparison.Ordinal);
            Assert.Equal(before, File.ReadAllBytes(file));
        }
    }

    [Theory]
    [InlineData("mysql://db/fleet")]
    [InlineData("sqlite:///var/fleet.db")]
    public void A_database_of_another_kind_is_refused_by_name(string store)
    {
        (int code, _, string error) = Run("fleet", "scan", fleet.Folder, "--into", store);
        Assert.Equal(2, code);
        Assert.Contains("give a file (SQLite), or postgresql://", error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_job_of_Kubernetes_is_indexed_and_escapes_what_it_is_given()
    {
        string manifest = Run("fleet", "kubernetes", "/data/a \"b\"", "--into", "postgresql://kdump@db/fleet", "--image", "r/kdt:1",
            "--claim", "crashes").Output;
        Assert.Contains("completionMode: Indexed", manifest, StringComparison.Ordinal);
        Assert.Contains("\\\"b\\\"", manifest, StringComparison.Ordinal);
    }

    /// <summary>What <c>kubectl set</c> prints went through the types of the API, which drop what they do not know; <c>annotate</c> keeps
    /// all.</summary>
    [ToolFact("kubectl")]
    public void Kubectl_knows_every_field_of_the_job()
    {
        File.WriteAllText(Path.Combine(fleet.Folder, "job.yaml"),
            Run("fleet", "kubernetes", "/data/logs", "--into", "postgresql://kdump@db/fleet",
            "--image", "r/kdt:1", "--claim", "crashes", "--shards", "8").Output);
        string[] written = Leaves("annotate a=b"), known = Leaves("set resources --requests=cpu=1");
        Assert.True(written.Length >= 14, string.Join('\n', written));
        Assert.Empty(written.Except(known));

        string[] Leaves(string command)
        {
            using var job = System.Text.Json.JsonDocument.Parse(Tool.Run($"kubectl {command} --local -f job.yaml -o json", fleet.Folder));
            return [.. LeavesOf(job.RootElement, "").Where(l => !l.StartsWith("/metadata/annotations", StringComparison.Ordinal))];
        }

        static IEnumerable<string> LeavesOf(System.Text.Json.JsonElement of, string path) => of.ValueKind switch
        {
            System.Text.Json.JsonValueKind.Object => of.EnumerateObject().SelectMany(p => LeavesOf(p.Value, $"{path}/{p.Name}")),
            System.Text.Json.JsonValueKind.Array => of.EnumerateArray().SelectMany((e, i) => LeavesOf(e, $"{path}/{i}")),
            _ => [$"{path} = {of}"],
        };
    }

    [Theory]
    [InlineData("fleet top x.db", "top x.db")]
    [InlineData("--color never --no-pager fleet top x.db", "--color never --no-pager top x.db")]
    [InlineData("--color=always fleet", "--color=always")]
    [InlineData("help fleet top", "top --help")]
    [InlineData("__complete fleet to", "__complete to")]
    [InlineData("explain fleet", null)]
    [InlineData("log --color never fleet", null)]
    [InlineData("--color fleet", null)]
    [InlineData("-- fleet", null)]
    [InlineData("__complete fle", null)]
    [InlineData("__complete fleet", null)]
    [InlineData("help", null)]
    [InlineData("", null)]
    public void Kdt_hands_over_what_is_for_the_fleet_and_nothing_else(string given, string? handed) =>
        Assert.Equal(handed, FleetProgram.Of(given.Split(' ', StringSplitOptions.RemoveEmptyEntries)) is { } words ? string.Join(' ', words)
            : null);

    [Fact]
    public void Without_kdt_fleet_one_line_names_the_package()
    {
        var error = new StringWriter { NewLine = "\n" };
        Assert.Equal(2, Kdt.Run(["fleet", "top", "x.db"], TextWriter.Null, error, () => Stream.Null, Terminal.Plain));
        Assert.Equal("kdt: fleet needs the program kdt-fleet, which is not beside kdt and not on PATH: install the package kdump-fleet\n",
            error.ToString());
    }

    [ToolFact("dotnet")]
    public void Kdt_becomes_kdt_fleet_with_its_streams_and_its_exit_code()
    {
        fleet.Log("web-1", MadeUpFleet.Chain);
        string kdt = $"dotnet {AppContext.BaseDirectory}kdt.dll";
        byte[] output = Tool.Run($"find {fleet.Logs} -type f | {kdt} fleet scan - --into {fleet.Store} --jobs 1 && " +
            $"{kdt} --color never fleet top {fleet.Store} && {kdt} fleet top /nowhere.db 2>&1; echo $?; {kdt} fleet --help; " +
            $"{kdt} __complete fleet lo", fleet.Folder);
        string text = System.Text.Encoding.UTF8.GetString(output);
        Assert.Contains("1 input (0 unchanged): 1 new crash; the store has 1 crash of 1 machine", text, StringComparison.Ordinal);
        Assert.Contains("1 of 1 kind;", text, StringComparison.Ordinal);
        Assert.Contains("kdt: /nowhere.db: store: does not exist; kdt fleet scan … --into makes one\n2\n", text, StringComparison.Ordinal);
        Assert.Contains("kdt fleet [command] [options]", text, StringComparison.Ordinal);
        Assert.Contains("lost-dumps\t", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Kdt_fleet_by_its_own_name_says_what_it_is()
    {
        var output = new StringWriter();
        Assert.Equal(0, KdtFleet.Run(["--version"], output, TextWriter.Null, () => Stream.Null, Terminal.Plain));
        Assert.StartsWith($"kdt-fleet {ProgramVersion.Number} (", output.ToString(), StringComparison.Ordinal);
    }

    public void Dispose() => fleet.Dispose();

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        int code = KdtFleet.Run(FleetProgram.Of(args)!, output, error, () => Stream.Null, Terminal.Plain);
        return (code, output.ToString(), error.ToString());
    }
}
