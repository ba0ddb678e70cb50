using System.Text.Json;
using Kdump.Cli.Commands;
using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Cli.Terminals;
using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Kernel;
using Kdump.Kernel.Memory;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Cli;

/// <summary>
/// Every view of a real kernel's dump that is whole, cut off, and without single pages: what it shows is part of the whole answer, and
/// where it is not all, that is told and the exit code is not 0.
/// </summary>
public sealed class UnreadTests(AllViewsDump core) : IClassFixture<AllViewsDump>
{
    private static readonly string[] Views =
    [
        "info --json", "log --json", "report --json", "ps --json", "ps --processes --json", "bt --json", "bt --all --json",
        "bt --group --json", "locks --json", "runq --json", "workqueues --json", "signals --pid 1 --json", "ipc --json", "sys --json",
        "bpf --json", "cgroups --json", "timers --json", "irq --json", "modules --json", "devices --json", "memory --json",
        "memory --slab --json", "memory --vmalloc --json", "memory --at init_task --json", "swap --json", "block --json", "net --json",
        "mounts --json", "files --pid 1 --json", "vm --pid 1 --json", "oom --json", "disasm --json", "print -e init_task --json",
        "print -e tasks().comm --json", "struct task_struct.comm,tasks init_task", "read init_task 64", "sym schedule",
        "whatis init_task", "vtop init_task", "union sigval", "struct task_struct.comm,tasks init_task --json",
        "read init_task 64 --json", "sym schedule --json", "whatis init_task --json", "vtop init_task --json",
    ];

    /// <summary>Commands that are looked at elsewhere: what they read is named by the user, or all of the dump.</summary>
    private static readonly string[] Others = ["verify", "search", "gcore", "clr", "shell"];

    [Fact]
    public void Every_command_is_among_those_that_are_looked_at_and_has_its_words_for_what_follows()
    {
        Context context = new(TextWriter.Null, TextWriter.Null, () => Stream.Null, Terminal.Plain);
        string[] all = [.. VmcoreCommand.Build(context).Subcommands.Select(c => c.Name)];
        Assert.Equal(all.Order(), Views.Select(v => v.Split(' ')[0]).Concat(Others).Distinct().Order());
        Assert.All(all.Except(["shell"]), name => Assert.True(UnreadText.Knows(name), name));
    }

    [Fact]
    public void A_whole_dump_is_told_without_a_word_of_what_it_lacks()
    {
        Assert.All(core.Whole, answer => Assert.Equal((answer.Key, 0, ""), (answer.Key, answer.Value.Code, answer.Value.Error)));
        Assert.All(core.Whole.Where(a => a.Key.EndsWith("--json", StringComparison.Ordinal)), answer =>
        {
            using JsonDocument json = JsonDocument.Parse(answer.Value.Output);
            Assert.False(json.RootElement.TryGetProperty("unread", out _), answer.Key);
            Assert.Equal((answer.Key, null), (answer.Key, Lacking(json.RootElement)));
        });
    }

    /// <summary>What a part of an answer says that it lacks; null where none says anything.</summary>
    private static string? Lacking(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Array => json.EnumerateArray().Select(Lacking).FirstOrDefault(l => l is not null),
        JsonValueKind.Object => json.EnumerateObject().Select(p => p.Name == "unread" && p.Value.ValueKind != JsonValueKind.Null
            ? p.Value.GetRawText() : Lacking(p.Value)).FirstOrDefault(l => l is not null),
        _ => null,
    };

    [Theory]
    [InlineData(10)]
    [InlineData(35)]
    [InlineData(60)]
    [InlineData(85)]
    [InlineData(97)]
    public void A_view_of_a_dump_that_is_cut_off_is_part_of_the_whole_one(int percent)
    {
        ulong[] frames = [.. core.Frames.Order()];
        ulong last = frames[frames.Length * percent / 100];
        Sweep(frame => frame > last ? PageState.Absent : null);
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 20)]
    [InlineData(3, 100)]
    [InlineData(4, 300)]
    public void A_view_of_a_dump_without_single_pages_is_part_of_the_whole_one(int seed, int pages)
    {
        Random random = new(seed);
        ulong[] frames = [.. core.Frames.Order()];
        HashSet<ulong> lost = [.. Enumerable.Range(0, pages).Select(_ => frames[random.Next(frames.Length)])];
        PageState state = (PageState[])[PageState.Absent, PageState.Damaged, PageState.Excluded] is var all ? all[seed % 3] : default;
        Sweep(frame => lost.Contains(frame) ? state : null);
    }

    /// <summary>How often each state of affairs was met, for whoever runs the wide sweep.</summary>
    private void Sweep(Func<ulong, PageState?> lacks)
    {
        List<string> faults = AllViewsDump.Faults(core, Views, lacks);
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    /// <summary>The views that the fixture is made for.</summary>
    internal static IReadOnlyList<string> All => Views;
}

/// <summary>A dump with every page that a view needs, and what each view says of it.</summary>
public sealed class AllViewsDump : IDisposable
{
    private readonly Kernel.RealKernelTests.Core? unpacked;
    private readonly Dump dump;

    public AllViewsDump()
    {
        string? given = Environment.GetEnvironmentVariable("KDUMP_UNREAD_DUMP");
        unpacked = given is null ? new Kernel.RealKernelTests.Core("deadlock-6.1.elf.xz") : null;
        dump = DumpFormats.Open([given ?? unpacked!.Path]);
        LackingDump watched = new(dump, _ => null);
        using Vmcore vmcore = Vmcore.Open(watched);
        Dictionary<string, Answer> whole = [];
        foreach (string view in UnreadTests.All)
            whole[view] = Ask(vmcore, view);
        Whole = whole;
        Frames = watched.Read;
    }

    internal sealed record Answer(int Code, string Output, string Error);

    internal Dump Dump => dump;

    internal IReadOnlyDictionary<string, Answer> Whole { get; }

    /// <summary>Frames that the views read.</summary>
    internal IReadOnlyCollection<ulong> Frames { get; }

    public void Dispose()
    {
        dump.Dispose();
        unpacked?.Dispose();
    }

    /// <summary>What is wrong with the answers about a dump that lacks pages.</summary>
    internal static List<string> Faults(AllViewsDump core, IEnumerable<string> views, Func<ulong, PageState?> lacks)
    {
        List<string> faults = [];
        using Vmcore vmcore = Vmcore.Open(new LackingDump(core.dump, lacks));
        foreach (string view in views)
        {
            Answer whole = core.Whole[view], answer = Ask(vmcore, view);
            if (answer.Error.Contains("bug of kdt", StringComparison.Ordinal) || answer.Code is < 0 or > 2)
                faults.Add($"{view}: {answer.Code} {answer.Error}");
            // How many pages the dump has is its own account, and a true one.
            if (answer.Output == whole.Output || (view.StartsWith("info ", StringComparison.Ordinal) && answer.Code == 0))
                continue;
            if (answer.Code == 0 || answer.Error.Length == 0)
                faults.Add($"{view}: differs and says nothing ({answer.Code}): {FirstDifference(whole.Output, answer.Output)}");
            // A report is lines for people, and of processes that share memory oom shows whichever is there.
            if (!view.EndsWith("--json", StringComparison.Ordinal) || answer.Output.Length == 0 ||
                view is "report --json" or "oom --json" or "memory --at init_task --json" or "vtop init_task --json")
                continue;
            using JsonDocument a = JsonDocument.Parse(answer.Output), w = JsonDocument.Parse(whole.Output);
            if (answer.Code != 2 && !a.RootElement.TryGetProperty("unread", out _))
                faults.Add($"{view}: no \"unread\" in its JSON");
            if (Surplus(a.RootElement, w.RootElement, "") is { } surplus)
                faults.Add($"{view}: {surplus}");
        }
        return faults;
    }

    internal static Answer Ask(Vmcore vmcore, string view)
    {
        StringWriter output = new(), error = new();
        Context context = new(output, error, () => Stream.Null, Terminal.Plain) { Opened = vmcore };
        int code;
        using (Unread unread = vmcore.Unread.Begin())
        {
            try
            {
                code = VmcoreCommand.Build(context).Parse(view).Invoke(
                    new System.CommandLine.InvocationConfiguration
                    {
                        Output = output, Error = error, EnableDefaultExceptionHandler = false,
                    });
            }
            catch (InputException e)
            {
                error.WriteLine(e.Message);
                code = 2;
            }
            code = UnreadText.Tell(context, vmcore, unread, view.Split(' ')[0], code);
        }
        return new Answer(code, output.ToString(), error.ToString());
    }

    private static string FirstDifference(string whole, string answer)
    {
        string[] a = whole.Split('\n'), b = answer.Split('\n');
        int at = Enumerable.Range(0, Math.Min(a.Length, b.Length)).FirstOrDefault(i => a[i] != b[i], Math.Min(a.Length, b.Length) - 1);
        return $"whole \"{a[at].Trim()}\", here \"{b[at].Trim()}\"";
    }

    /// <summary>The first thing that the whole answer does not hold; null where all of it is in there.</summary>
    internal static string? Surplus(JsonElement answer, JsonElement whole, string path)
    {
        // -1 is a task or CPU that is not known, ? a name.
        if (answer.ValueKind == JsonValueKind.Null || answer.GetRawText() is "-1" or "\"?\"")
            return null;
        // A value that is told to be missing.
        if (answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("missing", out _) && answer.EnumerateObject().Count() == 1)
            return null;
        switch (answer.ValueKind)
        {
            case JsonValueKind.Object when whole.ValueKind == JsonValueKind.Object:
                // What says of itself that it is not all, or not proven.
                if (answer.TryGetProperty("kind", out JsonElement kind) && kind.GetRawText() == "\"guess\"")
                    return null;
                if (answer.TryGetProperty("unreadable", out _) ||
                    (path.Length > 0 && answer.TryGetProperty("unread", out JsonElement own) && own.ValueKind != JsonValueKind.Null))
                    return null;
                foreach (JsonProperty property in answer.EnumerateObject())
                {
                    if (Tells.Contains(property.Name))
                        continue;
                    if (!whole.TryGetProperty(property.Name, out JsonElement other))
                        return $"{path}.{property.Name} is not in the whole answer: {property.Value}";
                    if ((Counts.Contains(property.Name) || path.EndsWith(".states", StringComparison.Ordinal)) &&
                        property.Value.ValueKind == JsonValueKind.Number)
                    {
                        if (other.ValueKind == JsonValueKind.Number && property.Value.GetDouble() > other.GetDouble())
                            return $"{path}.{property.Name}: {property.Value} is more than {other}";
                        continue;
                    }
                    if (Surplus(property.Value, other, $"{path}.{property.Name}") is { } surplus)
                        return surplus;
                }
                return null;
            case JsonValueKind.Array when whole.ValueKind == JsonValueKind.Array:
                foreach (JsonElement item in answer.EnumerateArray())
                {
                    string? first = null;
                    bool found = false;
                    foreach (JsonElement other in whole.EnumerateArray())
                    {
                        string? surplus = Surplus(item, other, path + "[]");
                        found |= surplus is null;
                        first ??= surplus;
                    }
                    if (!found)
                        return $"{path}[] holds {item.GetRawText().ReplaceLineEndings(" ")}: {first}";
                }
                return null;
            case JsonValueKind.String when answer.GetString()!.EndsWith('?'):
                return null;
            default:
                return answer.GetRawText() == whole.GetRawText() ? null : $"{path}: {answer.GetRawText()} instead of {whole.GetRawText()}";
        }
    }

    /// <summary>Fields that tell of what is missing, or how it was told.</summary>
    private static readonly HashSet<string> Tells =
        ["pages", "unread", "damaged", "stopped", "error", "layers", "unreadable", "damages", "column", "unproven", "caller", "missing",
            "pointsAt", "lost"];

    /// <summary>Fields that count what could be read: no more than there are.</summary>
    private static readonly HashSet<string> Counts = ["count", "tasks", "threads", "memoryBytes", "present", "dumped", "excluded"];
}
