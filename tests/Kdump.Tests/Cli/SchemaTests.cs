using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Json.Schema;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.ProbeReports;
using Kdump.FleetCli;
using Kdump.Fleet.Questions;
using Kdump.Fleet.Stores;
using Kdump.Probe.Checks;
using Kdump.Tests.Fleet;
using Kdump.Tests.Host;
using Kdump.Tests.Image;
using Kdump.Tests.Kernel;

namespace Kdump.Tests.Cli;

/// <summary>
/// What --json prints is as docs/schema says, by a library for schemas. The published schemas allow further fields; here a field that they
/// do not name fails, so that none is added without its line.
/// </summary>
public sealed partial class SchemaTests : IDisposable
{
    private static readonly string Folder = Repository.Path("docs", "schema");

    private static readonly Dictionary<string, JsonSchema> Schemas = Load();

    private readonly string folder = Directory.CreateTempSubdirectory("kdt-schema").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Explain_of_every_case_and_of_every_log_of_the_catalogue_is_as_published()
    {
        foreach (string path in Directory.EnumerateDirectories(Repository.Path("fixtures", "cases"))
            .Concat(Directory.EnumerateFiles(Repository.Path("fixtures", "catalogue"), "fires.txt", SearchOption.AllDirectories))
            .Concat(Directory.EnumerateFiles(Repository.Path("fixtures", "healthy"))))
            Kdt("explain", "--json", path);
        Kdt("explain", "--json", Repository.Path("fixtures", "cases", "nvme-fell-off-the-bus"),
            Repository.Path("fixtures", "cases", "edac-faulty-dimm"));
    }

    [Fact]
    public void Log_mce_and_pci_are_as_published_for_the_logs_of_the_field()
    {
        string[] logs = [.. Directory.EnumerateFiles(Repository.Path("fixtures", "field"), "*", SearchOption.AllDirectories)
            .Where(f => f.EndsWith(".txt", StringComparison.Ordinal) || f.EndsWith(".log", StringComparison.Ordinal)).Order()];
        Assert.True(logs.Length > 50);
        foreach (string log in logs.Where((_, i) => i % 3 == 0))
            foreach (string command in (string[])["log", "mce", "pci"])
                Kdt(command, "--json", log);
        Kdt("log", "--json", "--harmless", Repository.Path("fixtures", "cases", "hung-task", "console.log"));
        Kdt("log", "diff", "--json", Repository.Path("fixtures", "cases", "dump-saved", "console.log"),
            Repository.Path("fixtures", "cases", "capture-kernel-oom", "console.log"));
    }

    [Fact]
    public void Every_view_of_a_dump_is_as_published()
    {
        int printed = 0;
        foreach (string dump in (string[])["hung-task-6.1.elf.xz", "deadlock-6.1.elf.xz"])
        {
            using var core = new RealKernelTests.Core(dump);
            // The fixtures have only some pages of their dumps: a view that finds nothing prints no document.
            foreach (string line in (string[])["info", "log", "report", "ps", "bt --all", "bt --group", "locks", "runq", "workqueues",
                "signals --pid 1", "ipc", "sys", "bpf", "cgroups", "timers", "irq", "modules", "devices", "memory", "memory --zones",
                "memory --counters", "swap", "block", "net", "net --neigh", "oom", "files --pid 1", "vm --pid 1", "mounts", "verify",
                "print jiffies", "print init_task", "struct list_head", "struct task_struct.pid,comm,se init_task 2",
                "struct -o task_struct.pid init_task", "struct rq.cpu runqueues:a", "struct task_struct", "union sigval",
                "whatis pid_t", "whatis schedule", "whatis tasks()->comm", "whatis runqueues", "whatis modules", "whatis init_task.mm",
                "sym -n -p schedule+5", "sym schedule", "sym -q io_schedule", "read init_task 64", "read -a saved_command_line",
                "read -p 0 4", "read -8 init_task.comm 16", "search --limit 3 init_task", "search -t init_task",
                "search -s init_task -e init_task+4096 0", "vtop init_task 0x10 ffffffffb0000000"])
                printed += Kdt(["vmcore", line.Split(' ')[0], core.Path, .. line.Split(' ')[1..], "--json"]) ? 1 : 0;
        }
        Assert.True(printed > 70, $"{printed} documents");
    }

    [Fact]
    public void Images_are_as_published()
    {
        using var scene = new KdumpScene();
        string good = scene.WriteImage("good.img");
        scene.Files.Remove(KdumpScene.At("drivers/block/virtio_blk.ko"));
        scene.File("etc/kdump.conf", "ext4 UUID=other\n");
        string bad = scene.WriteImage("bad.img");
        foreach (string image in (string[])[good, bad])
        {
            Kdt("image", "list", "--json", image);
            Kdt("image", "check", "--json", "--root", "none", image);
        }
        Kdt("image", "diff", "--json", good, bad);
    }

    [Theory]
    [InlineData("rhel9")]
    [InlineData("sles15")]
    [InlineData("debian12")]
    [InlineData("ubuntu2404")]
    public void Machines_are_as_published(string form)
    {
        using HostForm machine = new(form), other = new("fedora");
        string root = machine.LayOut();
        foreach (string command in (string[])["check", "memory", "history"])
            Kdt("host", command, "--json", "--root", root);
        Kdt("host", "collect", "--json", "--root", root, "-o", Path.Combine(folder, form));
        Kdt("host", "diff", "--json", root, other.LayOut());
        using var vectors = new VectorScene();
        Check(vectors.Field().Json("irqpoll nr_cpus=1 reset_devices").Forecast);
    }

    [Fact]
    public void Kernel_configs_are_as_published()
    {
        string a = Path.Combine(folder, "a"), b = Path.Combine(folder, "b");
        File.WriteAllText(a, "CONFIG_KEXEC=y\nCONFIG_CRASH_DUMP=y\nCONFIG_X86_64=y\nCONFIG_SMP=y\n");
        File.WriteAllText(b, "# CONFIG_KEXEC is not set\nCONFIG_CRASH_DUMP=y\nCONFIG_X86_64=y\nCONFIG_SMP=y\n");
        Kdt("kconfig", "diff", "--json", a, b);
    }

    [Fact]
    public void Questions_to_a_fleet_are_as_published()
    {
        using var fleet = new MadeUpFleet();
        for (int i = 1; i <= 8; i++)
        {
            fleet.Log($"old-{i}", release: "6.1.0-31-amd64");
            fleet.Log($"new-{i}", i <= 6 ? MadeUpFleet.Chain : null, release: "6.1.0-32-amd64", firmware: "2.12.2 07/09/2021", day: i);
        }
        string kind;
        using (FleetStore store = fleet.Open())
        {
            fleet.Scan(store);
            kind = TopClusters.Of(store, 1).Single().Id;
        }
        foreach (string line in (string[])["top STORE", $"show STORE {kind}", "machine STORE new-1", "new STORE --since 2000-01-01",
            "diff STORE --release 6.1.0-31 6.1.0-32", $"suspects STORE {kind}", "lost-dumps STORE", "inputs STORE"])
            Run(KdtFleet.Run, [.. line.Split(' ').Select(w => w == "STORE" ? fleet.Store : w), "--json"]);
    }

    [Fact]
    public void The_probe_is_as_published()
    {
        using Probe.TreeBuilder tree = Probe.TreeBuilder.From("vectors-6.12");
        using var root = new Kdump.Probe.Machine.Root(tree.Path);
        (Facts facts, Verdict verdict) = Kdump.Probe.Commands.Report.Gather(root, CheckTable.All);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("schema", ProbeReport.Schema);
            json.WriteString("version", "x");
            ProbeReport.WriteJson(json, facts);
            Kdump.Diagnosis.Reports.VerdictJson.Write(json, "verdict", verdict);
            json.WriteEndObject();
        }
        Check(JsonDocument.Parse(stream.ToArray()).RootElement);
    }

    [Fact]
    public void There_is_a_schema_for_every_name_that_the_programs_print_and_for_no_other()
    {
        IEnumerable<string> printed = Directory.EnumerateFiles(Repository.Path("src"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal)).SelectMany(f => Name().Matches(File.ReadAllText(f)))
            .Select(m => m.Groups[1].Value).Distinct();
        Assert.Equal(printed.Order(StringComparer.Ordinal), Schemas.Keys.Order(StringComparer.Ordinal));
    }

    /// <summary>Each file stands alone, so what they share stands in each of them: the same.</summary>
    [Fact]
    public void The_shared_parts_are_the_same_in_every_file()
    {
        foreach (string part in (string[])["verdict", "finding", "unknown", "fix", "source"])
            Assert.Single(Directory.EnumerateFiles(Folder, "*.json").Select(f => JsonNode.Parse(File.ReadAllText(f))!["$defs"]![part])
                .Where(d => d is not null).Select(d => d!.ToJsonString()).Distinct());
    }

    [Fact]
    public void A_field_that_is_missing_or_of_another_kind_is_found()
    {
        JsonElement good = JsonDocument.Parse(Output(Kdump.Cli.Kdt.Run, "explain", "--json",
            Repository.Path("fixtures", "cases", "hung-task"))).RootElement;
        JsonNode bad = JsonNode.Parse(good.GetRawText())!;
        bad["verdict"]!["headline"] = 7;
        Assert.NotEmpty(Faults(JsonSerializer.SerializeToElement(bad)));
        bad["verdict"]!.AsObject().Remove("headline");
        Assert.NotEmpty(Faults(JsonSerializer.SerializeToElement(bad)));
        Assert.Empty(Faults(good));
    }

    private static bool Kdt(params string[] args) => Run(Kdump.Cli.Kdt.Run, args);

    private delegate int Program(string[] args, TextWriter output, TextWriter error, Func<Stream> input, Terminal terminal);

    private static string Output(Program program, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        program(args, output, error, () => Stream.Null, Terminal.Plain);
        // A file that a command cannot use has no document.
        Assert.True(output.GetStringBuilder().Length > 0 || args[0] is "mce" or "pci" or "log" or "vmcore",
            $"{string.Join(' ', args)}: {error}");
        return output.ToString();
    }

    private static bool Run(Program program, params string[] args)
    {
        if (Output(program, args) is not { Length: > 0 } text)
            return false;
        Check(JsonDocument.Parse(text).RootElement, string.Join(' ', args));
        return true;
    }

    private static void Check(JsonElement document, string of = "")
    {
        List<string> faults = Faults(document);
        Assert.True(faults.Count == 0, $"{of}\n{string.Join('\n', faults.Take(10))}");
    }

    private static List<string> Faults(JsonElement document)
    {
        EvaluationResults results = Schemas[document.GetProperty("schema").GetString()!].Evaluate(document,
            new EvaluationOptions { OutputFormat = OutputFormat.List });
        return results.IsValid ? [] : [.. (results.Details ?? []).Where(d => d.Errors is { Count: > 0 })
            .Select(d => $"{d.InstanceLocation}: {string.Join("; ", d.Errors!.Values)}"), "not valid"];
    }

    private static Dictionary<string, JsonSchema> Load()
    {
        var all = new Dictionary<string, JsonSchema>(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(Folder, "*.json"))
        {
            JsonNode definitions = JsonNode.Parse(File.ReadAllText(file))!["$defs"]!;
            Close(definitions);
            foreach ((string key, JsonNode? definition) in definitions.AsObject())
            {
                if (definition!["properties"]?["schema"]?["const"]?.GetValue<string>() is { } name)
                    all[name] = JsonSchema.FromText(new JsonObject { ["$ref"] = $"#/$defs/{key}", ["$defs"] = definitions.DeepClone() }
                        .ToJsonString());
            }
        }
        return all;
    }

    /// <summary>Lets objects have no field but those that are named.</summary>
    private static void Close(JsonNode? node)
    {
        if (node is JsonObject schema)
        {
            if (schema["properties"] is JsonObject && !schema.ContainsKey("additionalProperties") && schema.ContainsKey("type"))
                schema["additionalProperties"] = false;
            foreach ((_, JsonNode? part) in schema)
                Close(part);
        }
        else if (node is JsonArray list)
        {
            foreach (JsonNode? part in list)
                Close(part);
        }
    }

    [GeneratedRegex("\"(kd(?:t|ump-probe)\\.[a-z.-]+/1)\"")]
    private static partial Regex Name();
}
