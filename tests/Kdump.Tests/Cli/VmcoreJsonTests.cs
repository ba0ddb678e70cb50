using System.CommandLine;
using System.Text.Json;
using Kdump.Cli;
using Kdump.Cli.Commands;
using Kdump.Cli.Terminals;
using Kdump.Tests.Kernel;

namespace Kdump.Tests.Cli;

/// <summary>
/// --json of struct, whatis, sym, read, search and vtop on a real kernel's pages; what SchemaTests cannot see: the values.
/// </summary>
public sealed class VmcoreJsonTests(RealKernelTests.Core core) : IClassFixture<RealKernelTests.Core>
{
    [Fact]
    public void A_struct_has_members_with_offsets_and_sizes_in_bytes()
    {
        JsonElement list = Json("struct", "list_head");
        Assert.Equal(("struct list_head", "struct", 16), (Text(list, "type"), Text(list, "kind"), list.GetProperty("size").GetInt32()));
        Assert.Equal(["next 0 8", "prev 8 8"], list.GetProperty("members").EnumerateArray()
            .Select(m => $"{Text(m, "name")} {m.GetProperty("offset")} {m.GetProperty("size")}"));
        JsonElement task = Json("struct", "task_struct");
        Assert.Contains(task.GetProperty("members").EnumerateArray(), m => m.TryGetProperty("holeBefore", out _));
        Assert.Contains(task.GetProperty("members").EnumerateArray(), m => m.TryGetProperty("bits", out _));
    }

    [Fact]
    public void Objects_have_their_address_and_the_members_that_were_asked_for()
    {
        JsonElement one = Assert.Single(Json("struct", "task_struct.pid,comm", "init_task").GetProperty("objects").EnumerateArray());
        Assert.Matches("^[0-9a-f]{16}$", Text(one, "address"));
        Assert.Equal((0, "swapper/0"),
            (one.GetProperty("value").GetProperty("pid").GetInt32(), Text(one.GetProperty("value"), "comm")));
        one = Json("struct", "-o", "task_struct.pid", "init_task").GetProperty("objects")[0];
        JsonElement pid = one.GetProperty("members")[0];
        Assert.Equal(Hex(one, "address") + pid.GetProperty("offset").GetUInt64(), Hex(pid, "address"));
        JsonElement[] all = [.. Json("struct", "rq.cpu", "runqueues:a").GetProperty("objects").EnumerateArray()];
        Assert.Equal([0, 1], all.Select(o => o.GetProperty("cpu").GetInt32()));
    }

    [Theory]
    [InlineData("schedule", "function", "function")]
    [InlineData("init_task.mm", "expression", "pointer")]
    [InlineData("runqueues", "variable", "struct")]
    [InlineData("tasks()->comm", "sequence", "array")]
    [InlineData("pid_t", "type", "int")]
    [InlineData("enum pid_type", "type", "enum")]
    public void Whatis_tells_what_a_name_is(string name, string what, string kind)
    {
        JsonElement json = Json("whatis", name);
        Assert.Equal((what, kind), (Text(json, "is"), Text(json, "kind")));
        Assert.Equal(name == "schedule", json.TryGetProperty("declaration", out JsonElement d) && d.GetString() == "void schedule(void)");
        Assert.Equal(name == "enum pid_type", json.TryGetProperty("enumerators", out _));
    }

    [Fact]
    public void Symbols_go_from_name_to_address_and_back_with_their_neighbours()
    {
        JsonElement one = Json("sym", "schedule").GetProperty("symbols")[0];
        Assert.Equal(("schedule", "T", null), (Text(one, "name"), Text(one, "type"), Text(one, "module")));
        JsonElement[] three =
            [.. Json("sym", "-n", "-p", $"{Hex(one, "address") + 5:x}").GetProperty("symbols").EnumerateArray()];
        Assert.Equal(["previous", null, "next"],
            three.Select(s => s.TryGetProperty("neighbour", out JsonElement n) ? n.GetString() : null));
        Assert.Equal(("schedule", 5, Text(one, "address")),
            (Text(three[1], "name"), three[1].GetProperty("offset").GetInt32(), Text(three[1], "start")));
    }

    [Fact]
    public void Words_have_what_they_point_at_and_what_is_missing_stands_apart()
    {
        JsonElement word = Json("read", "&init_task.stack").GetProperty("words")[0];
        Assert.Contains("init_stack", Text(word, "pointsAt"), StringComparison.Ordinal);
        Assert.Matches("^[0-9a-f]{16}$", Text(word, "value"));
        JsonElement bytes = Json("read", "-8", "init_task.comm", "9");
        Assert.Equal((1, 9), (bytes.GetProperty("width").GetInt32(), bytes.GetProperty("words").GetArrayLength()));
        Assert.Equal("73", Text(bytes.GetProperty("words")[0], "value"));
        JsonElement none = Assert.Single(Json(1, "read", "-p", "1000", "4").GetProperty("missing").EnumerateArray());
        Assert.Equal(("0000000000001000", 32, "absent"),
            (Text(none, "address"), none.GetProperty("bytes").GetInt32(), Text(none, "state")));
        Assert.Equal("swapper/0", Text(Json("read", "-a", "init_task.comm"), "text"));
    }

    [Fact]
    public void A_search_has_its_places_how_many_there_are_and_what_they_are()
    {
        JsonElement found = Json("search", "--limit", "1", "init_task");
        Assert.Equal(("dump", true, 1),
            (Text(found, "searched"), found.GetProperty("more").GetBoolean(), found.GetProperty("places").GetArrayLength()));
        Assert.Contains(Json("search", "-c", "swapper/0").GetProperty("places").EnumerateArray(),
            p => p.TryGetProperty("what", out JsonElement what) && what.GetString()!.StartsWith("init_task+0x", StringComparison.Ordinal));
        Assert.Equal("stacks", Text(Json(1, "search", "-t", "init_task"), "searched"));
    }

    [Fact]
    public void A_translation_has_every_table_and_whether_the_dump_has_the_page()
    {
        JsonElement[] two = [.. Json("vtop", "init_task", "0xffffc00000000000").GetProperty("addresses").EnumerateArray()];
        Assert.Equal("PGD", Text(two[0].GetProperty("tables")[0], "level"));
        Assert.Equal("present", Text(two[0], "state"));
        Assert.Equal(JsonValueKind.Null, two[1].GetProperty("physical").ValueKind);
    }

    [Theory]
    [InlineData("struct", "no_such_struct")]
    [InlineData("whatis", "no_such_name")]
    [InlineData("sym", "no_such_symbol")]
    [InlineData("read", "no_such_symbol")]
    [InlineData("search", "no_such_symbol")]
    [InlineData("vtop", "init_task", "no_such_symbol")]
    public void Without_an_answer_there_is_no_half_a_document(params string[] line)
    {
        (int code, string output, string error) = Run(["vmcore", line[0], core.Path, .. line[1..], "--json"]);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(line[^1], error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("p --json jiffies", "print")]
    [InlineData("print --json -x init_task.pid", "print")]
    [InlineData("struct --json list_head", "struct")]
    [InlineData("sym --json schedule", "sym")]
    [InlineData("rd --json init_task 2", "read")]
    [InlineData("search --json -c swapper/0", "search")]
    [InlineData("vtop --json init_task", "vtop")]
    [InlineData("whatis --json schedule", "whatis")]
    public void The_shell_has_it_too(string line, string name)
    {
        (int code, string output, string error) = Run(["vmcore", "shell", core.Path, "-c", line]);
        Assert.True(code < 2, error);
        Assert.Equal($"kdt.vmcore.{name}/1", JsonDocument.Parse(output).RootElement.GetProperty("schema").GetString());
    }

    /// <summary>Commands whose output is bytes, or what the user types.</summary>
    private static readonly string[] Without = ["image cat", "vmcore shell"];

    [Fact]
    public void Every_command_that_prints_an_answer_has_it_as_JSON()
    {
        List<string> lacking = [];
        Context context = new(TextWriter.Null, TextWriter.Null, () => Stream.Null, Terminal.Plain);
        foreach (Func<Context, Command> build in (Func<Context, Command>[])[ExplainCommand.Build, LogCommand.Build, VmcoreCommand.Build,
            ImageCommand.Build, MceCommand.Build, PciCommand.Build, HostCommand.Build, KconfigCommand.Build])
            Look(build(context), "");
        Assert.Equal(Without.Order(), lacking.Order());

        void Look(Command command, string path)
        {
            string name = $"{path} {command.Name}".Trim();
            if (command.Action is not null && !command.Options.Any(o => o.Name == "--json"))
                lacking.Add(name);
            foreach (Command inner in command.Subcommands)
                Look(inner, name);
        }
    }

    private JsonElement Json(params string[] line) => Json(null, line);

    private JsonElement Json(int? code, params string[] line)
    {
        (int got, string output, string error) = Run(["vmcore", line[0], core.Path, .. line[1..], "--json"]);
        Assert.True(got == (code ?? got) && got < 2, $"{got} {error}");
        return JsonDocument.Parse(output).RootElement;
    }

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();

    private static ulong Hex(JsonElement json, string name) => Convert.ToUInt64(Text(json, name), 16);

    private static (int Code, string Output, string Error) Run(string[] args)
    {
        StringWriter output = new(), error = new();
        int code = Kdt.Run(args, output, error, () => Stream.Null, Terminal.Plain);
        return (code, output.ToString(), error.ToString());
    }
}
