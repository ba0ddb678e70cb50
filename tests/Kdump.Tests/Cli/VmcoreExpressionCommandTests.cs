using System.Text.Json;
using Kdump.Cli;
using Kdump.Cli.Terminals;
using Kdump.Tests.Kernel;

namespace Kdump.Tests.Cli;

/// <summary>print, struct, whatis, sym, read, search, vtop and shell on a real kernel's pages.</summary>
public sealed class VmcoreExpressionCommandTests(RealKernelTests.Core core) : IClassFixture<RealKernelTests.Core>
{
    [Fact]
    public void Print_shows_values_with_their_types()
    {
        using RealKernelTests.Core whole = new("deadlock-6.1.elf.xz");
        string[] asked = ["-e", "init_task.comm", "-e", "init_task.pid", "-e", "TASK_COMM_LEN", "-e", "sizeof(struct list_head)"];
        (int code, string output, string error) = Run(["vmcore", "print", whole.Path, .. asked]);
        Assert.Equal((0, ""), (code, error));
        Assert.Equal("init_task.comm = (char [16]) \"swapper/0\"\ninit_task.pid = (pid_t) 0\nTASK_COMM_LEN = (int) 16\n" +
            "sizeof(struct list_head) = (unsigned long) 16\n", output);
        // What the kernel itself has is not looked for in modules, whose types and symbols are not all in the other dump.
        Assert.Equal((0, output, ""), Run(["vmcore", "print", core.Path, .. asked]));
    }

    [Theory]
    [InlineData("init_task.pid = (pid_t) 0", "init_task.pid")]
    [InlineData("1 + 2 = (int) 3", "1", "+", "2")]
    [InlineData("1 + 2 = (int) 0x3", "-x", "1", "+", "2")]
    public void The_words_after_the_dump_are_an_expression_as_after_crashs_p(string expected, params string[] words)
    {
        (_, string output, _) = Run(["vmcore", "print", core.Path, .. words]);
        Assert.Equal(expected, output.TrimEnd());
    }

    /// <summary>Of several words only one is wrong: that one is shown, with the mark under it.</summary>
    [Theory]
    [InlineData("nosuch", 0, "vtop", "init_task", "nosuch")]
    [InlineData("nosuch", 0, "sym", "schedule", "nosuch")]
    [InlineData("nosuch", 0, "search", "-s", "nosuch", "5")]
    [InlineData("nosuch", 0, "search", "-m", "nosuch", "5")]
    [InlineData("nosuch", 0, "read", "init_task", "-e", "nosuch")]
    [InlineData("1 + nosuch", 4, "read", "1", "+", "nosuch", "5")]
    [InlineData("init_task nosuch", 10, "struct", "task_struct.pid", "init_task", "nosuch")]
    [InlineData("nosuch", 0, "struct", "task_struct.nosuch", "init_task")]
    [InlineData("tasks.nosuch", 6, "struct", "task_struct.tasks.nosuch", "init_task")]
    public void The_mark_is_under_the_word_that_is_wrong(string text, int column, params string[] line)
    {
        (int code, _, string error) = Run(["vmcore", line[0], core.Path, .. line[1..]]);
        Assert.Equal(2, code);
        string[] lines = error.Split('\n');
        int at = Array.IndexOf(lines, $"kdt: {text}");
        Assert.True(at >= 0, error);
        Assert.StartsWith(new string(' ', 5 + column) + "^ ", lines[at + 1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_member_that_a_struct_has_not_leaves_no_half_a_struct()
    {
        (int code, string output, _) = Run("vmcore", "struct", core.Path, "task_struct.pid,nosuch");
        Assert.Equal((2, ""), (code, output));
    }

    [Fact]
    public void A_per_CPU_variable_has_a_CPU_behind_a_colon_as_in_crash()
    {
        (int code, string output, _) = Run("vmcore", "print", core.Path, "runqueues:1", "--depth", "1");
        Assert.NotEqual(2, code);
        Assert.StartsWith("per_cpu(runqueues, 1) = (struct rq) at 0x", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_an_expression_the_next_step_is_told()
    {
        (int code, string output, string error) = Run("vmcore", "print", core.Path);
        Assert.Equal((2, "", "kdt: print: expected an expression: kdt vmcore print vmcore init_task.comm\n"), (code, output, error));
        (code, _, error) = Run("vmcore", "print", core.Path, "/nowhere/part2", "-e", "1");
        Assert.Equal((2, "kdt: /nowhere/part2: file: there is no such file\n"), (code, error));
    }

    [Fact]
    public void A_text_that_goes_on_in_memory_that_is_missing_is_shown_as_far_as_it_goes()
    {
        (int code, string output, _) = Run("vmcore", "read", core.Path, "-a", "ffffffffb0000000");
        Assert.Equal((1, "ffffffffb0000000:  <absent>\n"), (code, output));
    }

    [Fact]
    public void A_list_is_a_line_for_each_entry()
    {
        (_, string output, _) = Print("list(init_task.tasks, struct task_struct, tasks).comm");
        string[] lines = output.TrimEnd().Split('\n');
        Assert.Equal("\"systemd\"", lines[0].Replace("init", "systemd", StringComparison.Ordinal));
        Assert.Contains("\"khungtaskd\"", lines);
        (_, string ps, _) = Run("vmcore", "ps", core.Path);
        Assert.Equal(ps.Split('\n').Skip(1).Count(l => l.Length > 0 && l.Split(' ', StringSplitOptions.RemoveEmptyEntries) is var w &&
            w[w[0] == ">" ? 1 : 0] == w[w[0] == ">" ? 2 : 1] && w[w[0] == ">" ? 1 : 0] != "0"), lines.Length);
    }

    [Fact]
    public void What_was_left_out_of_the_dump_is_said_in_its_place()
    {
        (int code, string output, string error) = Print("*(struct list_head *)0xffffffffb0000000");
        Assert.Equal(1, code);
        AssertTold(error, "1 not in it, the first at ffffffffb0000000: values may be missing");
        Assert.Equal("next = <absent>,", output.Split('\n')[1].Trim());
    }

    [Fact]
    public void A_wrong_expression_has_a_mark_under_what_is_wrong_and_the_others_are_answered()
    {
        (int code, string output, string error) = Print("init_task.pidd", "init_task.pid");
        Assert.Equal(2, code);
        Assert.Equal("init_task.pid = (pid_t) 0\n", output);
        Assert.StartsWith("kdt: init_task.pidd\n               ^ struct task_struct has no member 'pidd'; did you mean 'pid'", error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Json_has_numbers_texts_and_what_is_missing()
    {
        (_, string output, _) = Run("vmcore", "print", "--json", core.Path, "-e", "init_task.comm", "-e", "init_task.tasks", "-e", "1 +");
        using JsonDocument json = JsonDocument.Parse(output);
        Assert.Equal("kdt.vmcore.print/1", json.RootElement.GetProperty("schema").GetString());
        JsonElement all = json.RootElement.GetProperty("expressions");
        Assert.Equal("swapper/0", all[0].GetProperty("value").GetString());
        Assert.StartsWith("0xff", all[1].GetProperty("value").GetProperty("next").GetString(), StringComparison.Ordinal);
        Assert.Equal(3, all[2].GetProperty("column").GetInt32());
    }

    [Fact]
    public void Flat_is_a_line_for_each_value_with_its_path()
    {
        (_, string output, _) = Run("vmcore", "print", "--flat", core.Path, "-e", "init_task.tasks");
        Assert.Matches("^init_task.tasks.next = 0x[0-9a-f]+\ninit_task.tasks.prev = 0x[0-9a-f]+\n$", output);
    }

    [Fact]
    public void Depth_and_limit_cut_what_is_shown_and_say_so()
    {
        (_, string output, _) = Run("vmcore", "print", "--depth", "1", "--limit", "4", core.Path, "-e", "init_task", "-e",
            "init_task.cpus_mask");
        Assert.Contains("se = {...}", output, StringComparison.Ordinal);
        Assert.Contains("… 124 more", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_struct_has_offsets_sizes_and_holes()
    {
        (int code, string output, _) = Run("vmcore", "struct", core.Path, "list_head");
        Assert.Equal(0, code);
        Assert.Matches(@"^struct list_head \{\n +\[0\] struct list_head \*next; +8\n +\[8\] struct list_head \*prev; +8\n\}\nSIZE: 16\n$",
            output);
        Assert.Contains("bytes in between */", Run("vmcore", "struct", core.Path, "task_struct").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Members_of_an_object_are_shown_as_crash_shows_them()
    {
        (_, string output, _) = Run("vmcore", "struct", core.Path, "task_struct.pid,comm", "init_task");
        Assert.Equal("  pid = 0\n  comm = \"swapper/0\"\n", output);
        (_, output, _) = Run("vmcore", "struct", core.Path, "-l", "tasks", "task_struct.comm", "init_task.tasks");
        Assert.Equal("  comm = \"swapper/0\"\n", output);
    }

    [Theory]
    [InlineData("schedule", "void schedule(void);")]
    [InlineData("init_task.mm", "struct mm_struct *")]
    [InlineData("runqueues", "struct rq runqueues;  (per-CPU)")]
    [InlineData("modules", "struct list_head modules;  (as kernel/module/main.c declares it)")]
    [InlineData("tasks()->comm", "a sequence; each element: char [16]")]
    [InlineData("pid_t", "typedef __kernel_pid_t pid_t;\nSIZE: 4")]
    public void Whatis_tells_types(string name, string expected) =>
        Assert.Equal(expected + "\n", Run("vmcore", "whatis", core.Path, name).Output);

    [Fact]
    public void Sym_goes_from_name_to_address_and_back()
    {
        (_, string output, _) = Run("vmcore", "sym", core.Path, "schedule");
        Assert.EndsWith(" (T) schedule\n", output, StringComparison.Ordinal);
        ulong address = Convert.ToUInt64(output.Split(' ')[0], 16);
        Assert.Contains("schedule+0x5  (from", Run("vmcore", "sym", core.Path, $"{address + 5:x}").Output, StringComparison.Ordinal);
        Assert.Contains("io_schedule", Run("vmcore", "sym", core.Path, "-q", "schedule").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_tells_what_words_point_at_and_shows_bytes()
    {
        (_, string output, _) = Run("vmcore", "read", core.Path, "init_task", "-8", "16");
        Assert.Matches("^[0-9a-f]{16}:  ([0-9a-f]{2} ){16} ", output);
        (_, output, _) = Run("vmcore", "read", core.Path, "&init_task.stack");
        Assert.Contains("init_stack", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_that_is_not_there_is_one_line_however_much_it_is()
    {
        (_, string output, _) = Run("vmcore", "read", core.Path, "-64", "0xff00000000000000", "100000");
        Assert.Contains("<not mapped> up to", Assert.Single(output.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public void Vtop_shows_every_table_on_the_way()
    {
        (_, string output, _) = Run("vmcore", "vtop", core.Path, "init_task");
        Assert.Contains("  PGD at ", output, StringComparison.Ordinal);
        Assert.Contains("PRESENT", output, StringComparison.Ordinal);
        Assert.Contains("in the dump", output, StringComparison.Ordinal);
        Assert.Contains("physical  none: not mapped", Run("vmcore", "vtop", core.Path, "0xffffc00000000000").Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Search_finds_a_value_and_a_text_and_says_what_is_there()
    {
        (_, string output, _) = Run("vmcore", "search", core.Path, "-c", "swapper/0");
        Assert.Contains("init_task+0x", output, StringComparison.Ordinal);
        Assert.Matches(@"\d+ places?\n$", output);
        (_, output, _) = Run("vmcore", "search", core.Path, "--limit", "1", "init_task");
        Assert.Contains("1 of ", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_shell_answers_what_a_user_of_crash_types()
    {
        using RealKernelTests.Core whole = new("deadlock-6.1.elf.xz");
        (int code, string output, string error) = ShellOn(whole, "p init_task.pid", "px 255", "set 1", "p task()->pid",
            "*task_struct.comm init_task", "task_struct.pid init_task",
            "list task_struct.tasks -h init_task -s task_struct.pid | head -2", "eval 1<<4 | head -1",
            "ascii 0x62613938", "init_task.pid", "alias me p task()->pid", "me", "!echo hello", "sym init_task | wc -l", "repeat -2 me");
        Assert.Equal((0, ""), (code, error));
        string[] lines = output.TrimEnd().Split('\n');
        Assert.Equal("init_task.pid = (pid_t) 0", lines[0]);
        Assert.Equal("255 = (int) 0xff", lines[1]);
        Assert.StartsWith("PID: 1  TASK: ", lines[2], StringComparison.Ordinal);
        Assert.Equal("task()->pid = (pid_t) 1", lines[3]);
        Assert.Equal(["  comm = \"swapper/0\"", "  pid = 0"], lines[4..6]);
        Assert.Equal("  pid = 0", lines[7]);
        Assert.Equal("hexadecimal: 10", lines[8]);
        Assert.Equal("0000000062613938: 89ab", lines[9]);
        Assert.Equal(["init_task.pid = (pid_t) 0", "task()->pid = (pid_t) 1", "hello", "1", "task()->pid = (pid_t) 1",
            "task()->pid = (pid_t) 1"], lines[10..]);
    }

    [Fact]
    public void A_shell_tells_what_a_line_lacks_with_that_line_and_not_once_more_at_its_end()
    {
        string[] lacking = ["ps", "p *(struct list_head *)0xffffffffb0000000"];
        foreach (string line in lacking)
        {
            (int code, _, string error) = Shell("p init_task.pid", line, "px 255");
            Assert.Equal(1, code);
            AssertTold(error, line == "ps" ? "tasks and facts about them may be missing" : "the output may be incomplete");
        }
        (int both, _, string told) = Shell(lacking);
        Assert.Equal((1, 2), (both, told.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length));
        // What is a variable of the kernel is no matter of its modules.
        Assert.Equal((0, ""), Shell("p init_task.pid", "init_task.pid", "px 255") is var whole ? (whole.Code, whole.Error) : default);
    }

    [Fact]
    public void Foreach_takes_states_names_and_ids_and_leaves_the_context_as_it_was()
    {
        (_, string output, _) = Shell("foreach UN kernel p task()->comm | grep -c lab_", "foreach khungtaskd bt",
            "foreach 1 2 p task()->pid", "set");
        Assert.Contains("PID: 28 ", output, StringComparison.Ordinal);
        Assert.Contains("task()->pid = (pid_t) 2", output, StringComparison.Ordinal);
        Assert.EndsWith("(it crashed)\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Views_keep_their_options_in_the_shell()
    {
        (_, string inShell, _) = Shell("ps");
        Assert.Equal(Run("vmcore", "ps", core.Path).Output, inShell);
        Assert.Equal(Run("vmcore", "bt", "--cpu", "0", core.Path).Output, Shell("bt -c 0").Output);
        Assert.Equal(Run("vmcore", "modules", core.Path).Output, Shell("mod").Output);
        Assert.Equal(Run("vmcore", "devices", core.Path).Output, Shell("dev -p").Output);
    }

    [Fact]
    public void What_the_shell_does_not_know_it_says_and_goes_on()
    {
        (int code, string output, string error) = Shell("nonsense 1 2", "gdb bt", "p", "struct", "p 1");
        Assert.Equal((2, "1 = (int) 1\n"), (code, output));
        Assert.Contains("'nonsense' is not a command", error, StringComparison.Ordinal);
        Assert.Contains("contains no gdb", error, StringComparison.Ordinal);
    }

    /// <summary>What docs/crash-commands.md promises is there, and crash 9 has 52 commands.</summary>
    [Fact]
    public void Every_command_of_crash_is_answered_or_told_why_not()
    {
        string[][] rows = [.. File.ReadLines(Repository.Path("docs", "crash-commands.md"))
            .Where(l => l.StartsWith("| `", StringComparison.Ordinal)).Select(l => l.Split(" | "))];
        Assert.Equal(52, rows.Length);
        foreach (string[] row in rows)
        {
            string name = row[0].Trim('|', ' ', '`');
            string error = Shell(name).Error;
            Assert.DoesNotContain("is not a command", error, StringComparison.Ordinal);
            Assert.DoesNotContain("neither a symbol", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Foreach_goes_on_when_one_task_lacks_what_is_asked()
    {
        (int code, string output, _) = Shell("foreach kernel p task()->mm->total_vm", "foreach user vm");
        Assert.Equal(2, code);
        Assert.True(output.Split('\n').Count(l => l.StartsWith("PID: ", StringComparison.Ordinal)) > 20);
    }

    [Fact]
    public void Standard_input_is_a_script_too()
    {
        var output = new StringWriter();
        int code = Kdt.Run(["vmcore", "shell", core.Path], output, new StringWriter(),
            () => new MemoryStream("# a comment\np 1\n\nq\np 2\n"u8.ToArray()), Terminal.Plain);
        Assert.Equal((0, "1 = (int) 1\n"), (code, output.ToString()));
    }

    private (int Code, string Output, string Error) Print(params string[] expressions) =>
        Run(["vmcore", "print", core.Path, .. expressions.SelectMany(e => (string[])["-e", e])]);

    [Theory]
    [InlineData("kmem -n")]
    [InlineData("kmem -p")]
    [InlineData("kmem -S")]
    [InlineData("mod -t")]
    [InlineData("irq -d")]
    [InlineData("net -R")]
    [InlineData("foreach '^[' bt")]
    [InlineData("foreach bt -z")]
    [InlineData("sym -n -l")]
    [InlineData("bt --words --group --all")]
    [InlineData("sym schedule+0x2d/0x110 [no_such_module]")]
    [InlineData("dis -l schedule")]
    [InlineData("bt -l")]
    [InlineData("bt -a -t")]
    [InlineData("ps -s")]
    [InlineData("ps nobody")]
    [InlineData("timer -r")]
    [InlineData("runq -m")]
    [InlineData("list -B init_task.tasks")]
    [InlineData("list -H")]
    [InlineData("tree -p -t rbtree vmap_area_root")]
    [InlineData("task -x 1")]
    [InlineData("rd -z jiffies")]
    [InlineData("struct -l zzz task_struct")]
    [InlineData("struct --flat task_struct")]
    [InlineData("struct task_struct init_task 0")]
    [InlineData("read -8 -16 jiffies")]
    [InlineData("read -a jiffies 5")]
    [InlineData("sym -q no_symbol_has_this")]
    [InlineData("sym -l -m ext4")]
    [InlineData("search -c -w text")]
    [InlineData("set 1 2")]
    [InlineData("repeat -0 p 1")]
    [InlineData("unalias nothing")]
    [InlineData("foreach no_such_name bt")]
    [InlineData("ps --pid 99999999")]
    [InlineData("sys --config FOO --json")]
    public void What_the_shell_does_not_answer_is_refused_in_words_and_by_its_exit_code(string line)
    {
        (int code, _, string error) = Shell(line);
        Assert.True(code == 2 && error.StartsWith("kdt: ", StringComparison.Ordinal), $"{code} {error}");
    }

    [Theory]
    [InlineData("struct list_head init_task 9999999999", "9999999999 were requested, only the first 10000 are shown")]
    [InlineData("read -8 init_task --end -1", "were requested, only the first 1048576 are shown")]
    public void Output_without_end_is_cut_and_that_is_said(string line, string said)
    {
        (_, _, string error) = Shell(line);
        Assert.Contains(said, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_script_that_is_a_folder_and_a_tree_that_is_none_are_refused_in_words()
    {
        (int code, _, string error) = Run("vmcore", "shell", core.Path, "-f", Path.GetTempPath());
        Assert.Equal((2, $"kdt: {Path.GetTempPath()}: file: a folder, not a file\n"), (code, error));
        (code, _, error) = Run("vmcore", "shell", core.Path, "-f", "/nowhere/script");
        Assert.Equal((2, "kdt: /nowhere/script: file: there is no such file\n"), (code, error));
        (code, _, error) = Run("vmcore", "shell", core.Path, "-f", "/dev/zero");
        Assert.Equal((2, "kdt: /dev/zero: file: a character device: not read\n"), (code, error));
        (code, _, error) = Run("vmcore", "gcore", "--pid", "1", "-o", "/nowhere/core", "--sysroot", "/nowhere", core.Path);
        Assert.Equal((2, "kdt: /nowhere: --sysroot: is not a folder\n"), (code, error));
    }

    [ToolFact("mkfifo")]
    public void A_script_is_read_from_a_pipe_that_has_a_writer_and_no_other_is_waited_for()
    {
        string folder = Directory.CreateTempSubdirectory("kdump-test-").FullName, pipe = Path.Combine(folder, "pipe");
        try
        {
            Tool.Run("mkfifo pipe", folder);
            (int code, _, string error) = Run("vmcore", "shell", core.Path, "-f", pipe);
            Assert.Equal((2, $"kdt: {pipe}: file: a named pipe without data for one second\n"), (code, error));
            using var writer = System.Diagnostics.Process.Start("/bin/sh", ["-c", $"printf 'p 1 + 1\\r\\np 2 + 2\\n' > '{pipe}'"]);
            (code, string output, _) = Run("vmcore", "shell", core.Path, "-f", pipe);
            Assert.Equal(0, code);
            Assert.Contains("2", output, StringComparison.Ordinal);
            Assert.Contains("4", output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Dis_takes_crashs_options_and_a_count()
    {
        using RealKernelTests.Core whole = new("deadlock-6.1.elf.xz");
        (int code, string output, string error) = ShellOn(whole,
            "dis panic 3", "dis -r panic+0x10", "dis -rx panic+0x10", "dis -f panic 2");
        // A variable that the code reads is not among this dump's pages.
        Assert.NotEqual(2, code);
        string[] parts = output.Split("panic:\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, parts.Length);
        Assert.Equal(3, parts[0].Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        // From the begin of the function up to the address.
        Assert.Contains("<+0x0>", parts[1].Split('\n')[0], StringComparison.Ordinal);
        Assert.Equal(parts[1], parts[2]);
        Assert.Equal(2, parts[3].Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        (code, _, error) = ShellOn(whole, "dis -u schedule");
        Assert.Equal(2, code);
        Assert.StartsWith("kdt: dis -u: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_log_has_the_time_of_day_no_time_or_levels_when_asked()
    {
        using RealKernelTests.Core whole = new("deadlock-6.1.elf.xz");
        (int code, string usual, _) = ShellOn(whole, "log");
        Assert.Equal(0, code);
        (code, string bare, string error) = ShellOn(whole, "log -t");
        Assert.Equal((0, ""), (code, error));
        (code, string wall, error) = ShellOn(whole, "log -T");
        Assert.Equal((0, ""), (code, error));
        (code, string level, error) = ShellOn(whole, "log -m");
        Assert.Equal((0, ""), (code, error));
        string[] lines = usual.Split('\n');
        Assert.StartsWith("[    0.000000] Linux version", lines[0], StringComparison.Ordinal);
        Assert.Equal(lines[0][15..], bare.Split('\n')[0]);
        Assert.Matches(@"^<\d>\[    0\.000000\] Linux version", level);
        Assert.Matches(@"^\[[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d UTC 20\d\d\] Linux version", wall);
        // The panic is the last thing that happened: the time that sys tells.
        (_, string sys, _) = ShellOn(whole, "sys");
        string date = System.Text.RegularExpressions.Regex.Match(sys, @"date +\d{4}-\d\d-(\d\d) (\d\d:\d\d)").Groups[2].Value;
        string panic = wall.Split('\n').Last(l => l.Contains("Kernel panic", StringComparison.Ordinal));
        Assert.Contains($" {date}", panic, StringComparison.Ordinal);
    }

    [Fact]
    public void A_slab_cache_is_found_by_name_and_foreach_ps_has_one_head()
    {
        using RealKernelTests.Core whole = new("deadlock-6.1.elf.xz");
        (int code, string output, _) = ShellOn(whole, "kmem -s task_struct");
        Assert.NotEqual(2, code);
        Assert.Equal(2, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("task_struct", output, StringComparison.Ordinal);
        (code, _, string error) = ShellOn(whole, "kmem -s no_such_cache");
        Assert.Equal(2, code);
        Assert.Contains("no slab cache is called", error, StringComparison.Ordinal);
        (_, output, _) = ShellOn(whole, "foreach UN ps");
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length > 2, output);
        Assert.Single(lines, l => l.Contains("COMMAND", StringComparison.Ordinal));
        Assert.All(lines[1..], l => Assert.Contains(" UN ", l, StringComparison.Ordinal));
    }

    [Fact]
    public void A_program_behind_a_pipe_may_stop_reading()
    {
        (_, string output, string error) = Shell("sym -l | head -n 1", "p 1 + 1");
        Assert.DoesNotContain("bug", error, StringComparison.Ordinal);
        Assert.EndsWith("1 + 1 = (int) 2\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Functions_of_modules_are_disassembled_by_name()
    {
        using RealKernelTests.Core whole = new("deadlock-6.1.elf.xz");
        (_, string output, string error) = ShellOn(whole, "dis lab_left", "dis nvme_queue_rq");
        Assert.DoesNotContain("is neither a symbol", error, StringComparison.Ordinal);
        Assert.True(output.Contains("[kdt_lab]:", StringComparison.Ordinal) || error.Contains("not in the dump", StringComparison.Ordinal),
            output + error);
    }

    private (int Code, string Output, string Error) Shell(params string[] lines) => ShellOn(core, lines);

    private static (int Code, string Output, string Error) ShellOn(RealKernelTests.Core dump, params string[] lines) =>
        Run(["vmcore", "shell", dump.Path, .. lines.SelectMany(l => (string[])["-c", l])]);

    /// <summary>One line tells what the dump lacks, and it ends so.</summary>
    private static void AssertTold(string error, string end)
    {
        string line = Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(": pages that were needed and could not be read: ", line, StringComparison.Ordinal);
        Assert.EndsWith(end, line, StringComparison.Ordinal);
    }

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        int code = Kdt.Run(args, output, error, () => Stream.Null, Terminal.Plain);
        return (code, output.ToString(), error.ToString());
    }
}
