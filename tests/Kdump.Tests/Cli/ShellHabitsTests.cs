using Kdump.Cli;
using Kdump.Cli.Terminals;
using Kdump.Tests.Kernel;

namespace Kdump.Tests.Cli;

/// <summary>What users of crash are used to, typed into the shell on a real kernel's dump.</summary>
public sealed class ShellHabitsTests(ShellHabitsTests.Deadlock core) : IClassFixture<ShellHabitsTests.Deadlock>
{
    public sealed class Deadlock : IDisposable
    {
        private readonly RealKernelTests.Core core = new("deadlock-6.1.elf.xz");

        public string Path => core.Path;

        public void Dispose() => core.Dispose();
    }

    /// <summary>The letters are those of nm for the module: functions, its parameters, its data, its zeroed data.</summary>
    [Theory]
    [InlineData("lab_take", 't')]
    [InlineData("__param_fault", 'r')]
    [InlineData("lab_mutex", 'd')]
    [InlineData("lab_semaphore", 'b')]
    public void A_modules_symbols_have_the_letters_of_nm(string name, char letter)
    {
        (_, string listed, _) = Shell("sym -m kdt_lab");
        Assert.Matches($@"(?m)^[0-9a-f]{{16}} \({letter}\) {name} \[kdt_lab\]$", listed);
        (_, string one, _) = Shell($"sym {name}");
        Assert.Contains($" ({letter}) {name} [kdt_lab]", one, StringComparison.Ordinal);
        (_, string at, _) = Shell($"sym {one.Split(' ')[0]}");
        Assert.Contains($" ({letter}) {name} [kdt_lab]", at, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lab_take+0x20/0x30 [kdt_lab]", "lab_take")]
    [InlineData("lab_take+0x20/0x30 [kdt_lab 0123456789abcdef]", "lab_take")]
    [InlineData("lab_read_nowhere.constprop.0.isra.0+0x2/0x20 [kdt_lab]", "lab_read_nowhere.constprop.0.isra.0")]
    [InlineData("lab_take+0x20", "lab_take")]
    [InlineData("kdt_lab+0x1a0", "lab_take")]
    [InlineData("panic+0x10/0x2f4", "panic")]
    [InlineData("panic+0x10", "panic")]
    public void A_place_is_taken_as_the_log_prints_it(string place, string symbol)
    {
        Assert.Contains($" {symbol}", Shell($"sym {place}").Output, StringComparison.Ordinal);
        // The code of the module is not in this dump: dis says so, and of what.
        (_, string code, string error) = Shell($"dis {place}");
        bool told = error.Contains("the code at ", StringComparison.Ordinal);
        Assert.True(code.StartsWith(symbol + ":", StringComparison.Ordinal) || told, error);
    }

    /// <summary>A wrong module or a function that is not there is refused, not answered with another one.</summary>
    [Theory]
    [InlineData("sym lab_take+0x20/0x30 [ext4]")]
    [InlineData("sym no_such_function+0x20/0x30")]
    [InlineData("sym lab_take+0x20/0x30 []")]
    [InlineData("sym lab_take+/0x30")]
    public void A_place_that_is_none_is_refused(string line) => Assert.Equal(2, Shell(line).Code);

    [Fact]
    public void Neighbours_of_a_symbol_are_those_before_and_behind_it_in_the_table()
    {
        string[] lines = Shell("sym -p -n panic").Output.TrimEnd().Split('\n');
        string[] all = Shell("sym -l").Output.Split('\n');
        int at = Array.FindIndex(all, l => l.EndsWith(" panic", StringComparison.Ordinal));
        Assert.Equal(all[(at - 1)..(at + 2)], lines);
    }

    [Theory]
    [InlineData("'^lab_(left|right)$'", "lab_left lab_right")]
    [InlineData("'lab_s.*' UN", "lab_semaphore")]
    [InlineData("'^nothing.*' lab_left", "lab_left")]
    public void Foreach_takes_regular_expressions_in_single_quotes(string who, string names)
    {
        string output = Shell($"foreach {who} p task()->pid").Output;
        string[] found = [.. output.Split('\n').Where(l => l.StartsWith("PID: ", StringComparison.Ordinal)).Select(l => l.Split('"')[1])];
        Assert.Equal(names.Split(' '), found.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_foreach_cannot_do_for_any_task_is_said_once()
    {
        (int code, string output, string error) = Shell("foreach bt -z");
        Assert.Equal((2, "", 1), (code, output, error.TrimEnd().Split('\n').Length));
        (_, _, error) = Shell("foreach p task()->nothing");
        Assert.Equal(2, error.Split("nothing").Length - 1);
        Assert.Matches(@"the same for \d+ other tasks\n$", error);
    }

    /// <summary>The words between the stack pointers of two frames; the first word of each caller's part is its return address.</summary>
    [Fact]
    public void Bt_f_has_the_words_of_each_frame_below_it()
    {
        string[] lines = Shell("set 169", "bt -f").Output.Split('\n')[1..];
        string[] frames = [.. Shell("bt 169").Output.Split('\n').Where(l => l.Contains(" #", StringComparison.Ordinal))];
        Assert.Equal(frames, lines.Where(l => l.Contains(" #", StringComparison.Ordinal)));
        for (int i = 0; i + 1 < frames.Length; i++)
        {
            ulong from = Sp(frames[i]), to = Sp(frames[i + 1]);
            int first = Array.IndexOf(lines, frames[i]);
            int words = lines[(first + 1)..].TakeWhile(l => !l.Contains(" #", StringComparison.Ordinal)).Count();
            Assert.Equal((int)(to - from) / 8, words);
        }
        Assert.Contains(lines, l => l.EndsWith("task_struct of lab_right (169)", StringComparison.Ordinal));

        static ulong Sp(string frame) => Convert.ToUInt64(frame.Split('[', ']')[1], 16);
    }

    [Fact]
    public void Counters_are_those_that_the_account_of_memory_is_made_of()
    {
        Dictionary<string, string> counters = Shell("kmem -V").Output.Split('\n')
            .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(w => w.Length == 2 && w[0] != "COUNTER").ToDictionary(w => w[0], w => w[1]);
        string meminfo = Shell("kmem -i").Output;
        Assert.Contains($"MemFree:{int.Parse(counters["NR_FREE_PAGES"]) * 4,23} kB", meminfo, StringComparison.Ordinal);
        Assert.Contains($"Shmem:{int.Parse(counters["NR_SHMEM"]) * 4,25} kB", meminfo, StringComparison.Ordinal);
        // The counters of each CPU are not in this dump: that is no zero.
        Assert.Equal("-", counters["PGFAULT"]);
    }

    /// <summary>This dump was cut to the pages of other views: the table is said to be missing, not to be empty.</summary>
    [Fact]
    public void Neighbours_that_the_dump_lacks_are_told()
    {
        (int code, _, string error) = Shell("net -a");
        Assert.Equal(1, code);
        Assert.Contains("neigh_table.key_len", error, StringComparison.Ordinal);
    }

    private (int Code, string Output, string Error) Shell(params string[] lines)
    {
        StringWriter output = new(), error = new();
        int code = Kdt.Run(["vmcore", "shell", core.Path, .. lines.SelectMany(l => (string[])["-c", l])], output, error, () => Stream.Null,
            Terminal.Plain);
        return (code, output.ToString(), error.ToString());
    }
}
