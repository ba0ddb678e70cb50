using System.Text;
using System.Text.Json;
using Kdump.Cli;
using Kdump.Cli.Reports;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Text;

namespace Kdump.Tests.Cli;

/// <summary>An answer fits the screen of the person who asked.</summary>
public sealed class ScreenTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kdt-screen").FullName;

    public static TheoryData<string> Cases() => ExplainCommandTests.Cases();

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_case_fits_a_screen_and_begins_with_the_thing_to_know(string name)
    {
        string path = Repository.Path("fixtures", "cases", name);
        (int code, string whole) = Run(Terminal.Plain, "explain", "--json", path);
        using JsonDocument json = JsonDocument.Parse(whole);
        JsonElement verdict = json.RootElement.GetProperty("verdict");
        string headline = verdict.GetProperty("headline").GetString()!;
        string[] commands = [.. verdict.GetProperty("findings").EnumerateArray()
            .SelectMany(f => f.GetProperty("fixes").EnumerateArray())
            .Select(f => f.TryGetProperty("command", out JsonElement c) ? c.GetString()! : "")];
        foreach ((int columns, int rows) in new[] { (80, 24), (120, 40), (40, 15), (200, 60), (20, 6) })
        {
            (int onScreen, string text) = Run(Screen(columns, rows), "explain", path);
            Assert.Equal(code, onScreen);
            string[] lines = text.TrimEnd('\n').Split('\n');
            Assert.True(lines.Sum(l => Columns.Rows(l, columns)) < rows, $"{columns}x{rows}:\n{text}");
            Assert.StartsWith(lines[0].TrimEnd('…'), headline, StringComparison.Ordinal);
            // A command stands there whole, as it can be pasted, or not at all.
            int at = Array.FindIndex(lines, l => l.StartsWith("$ ", StringComparison.Ordinal));
            if (at >= 0)
            {
                string command = lines[at][2..];
                while (!commands.Contains(command) && ++at < lines.Length && lines[at].StartsWith("  ", StringComparison.Ordinal))
                    command += lines[at][1..];
                Assert.Contains(command, commands);
            }
        }
    }

    [Fact]
    public void What_is_folded_is_counted_and_v_shows_it()
    {
        string path = Repository.Path("fixtures", "cases", "vector-exhaustion");
        (_, string brief) = Run(Screen(80, 24), "explain", path);
        Assert.Contains("\n-v adds 2 findings, ", brief, StringComparison.Ordinal);
        (_, string all) = Run(Screen(100, 24), "explain", "-v", path);
        (_, string piped) = Run(Terminal.Plain, "explain", path);
        Assert.Equal(piped, all);
    }

    [Fact]
    public void Of_several_machines_a_table_comes_first_and_the_worst_below_it()
    {
        Machines(3);
        (_, string text) = Run(Screen(80, 24), "explain", folder);
        Assert.Contains(" machines, worst first:\n", text.Split('\n')[0] + "\n", StringComparison.Ordinal);
        Assert.True(text.TrimEnd('\n').Split('\n').Sum(l => Columns.Rows(l, 80)) < 24, text);
    }

    [Fact]
    public void Only_as_many_machines_are_listed_as_leave_room_for_the_worst()
    {
        Machines(40);
        (_, string text) = Run(Screen(80, 24), "explain", folder);
        string[] lines = text.TrimEnd('\n').Split('\n');
        Assert.Equal("40 machines, worst first:", lines[0]);
        Assert.Contains(lines, l => l.StartsWith("  and 3", StringComparison.Ordinal));
        Assert.Contains("\n$ lspci -vvv\n", text, StringComparison.Ordinal);
        Assert.True(lines.Sum(l => Columns.Rows(l, 80)) < 24, text);
    }

    [Fact]
    public void A_machine_that_is_checked_answers_on_one_screen_worst_first()
    {
        string root = Path.Combine(folder, "root");
        foreach ((string path, string content) in new[]
        {
            ("etc/os-release", "ID=rhel\n"), ("etc/kdump.conf", "path /var/crash\n"), ("proc/cmdline", "root=/dev/sda1 ro\n"),
            ("proc/iomem", "00001000-7fffffff : System RAM\n"), ("sys/kernel/kexec_crash_loaded", "0\n"),
            ("proc/sys/kernel/osrelease", "5.14.0-1.el9.x86_64\n"),
        })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, path))!);
            File.WriteAllText(Path.Combine(root, path), content);
        }
        foreach ((int columns, int rows) in new[] { (80, 24), (40, 15) })
        {
            (int code, string text) = Run(Screen(columns, rows), "host", "check", "--root", root);
            Assert.Equal(1, code);
            string[] lines = text.TrimEnd('\n').Split('\n');
            Assert.True(lines.Sum(l => Columns.Rows(l, columns)) < rows, text);
            Assert.StartsWith("no memory is reserved", lines[0], StringComparison.Ordinal);
            Assert.StartsWith("-v adds ", lines[^1], StringComparison.Ordinal);
        }
    }

    [ToolTheory("script", "stty", "dotnet")]
    [InlineData(80, 24)]
    [InlineData(40, 15)]
    public void On_a_real_terminal_it_takes_the_terminal_s_own_size(int columns, int rows)
    {
        string kdt = Path.Combine(AppContext.BaseDirectory, "kdt.dll"), path = Repository.Path("fixtures", "cases", "capture-kernel-oom");
        string text = Encoding.UTF8.GetString(Tool.Run(
            $"TERM=xterm NO_COLOR=1 script -qc \"stty cols {columns} rows {rows}; dotnet '{kdt}' explain '{path}'\" /dev/null", folder))
            .Replace("\r\n", "\n", StringComparison.Ordinal);
        (_, string told) = Run(Screen(columns, rows), "explain", path);
        Assert.Equal(told, text);
    }

    [Theory]
    [InlineData("sed -i 's/a && b/c/' x && kdumpctl restart", "sed -i 's/a && b/c/' x &&", "kdumpctl restart")]
    [InlineData("df -h; df -i", "df -h;", "df -i")]
    [InlineData("a   # Debian: b && c", "a   # Debian: b && c")]
    [InlineData("echo \"a | b\" | tee c", "echo \"a | b\" |", "tee c")]
    [InlineData("echo a\\ && b", "echo a\\ &&", "b")]
    [InlineData("one", "one")]
    public void A_command_is_broken_only_where_a_shell_waits_for_more(string command, params string[] pieces) =>
        Assert.Equal(pieces, ShellPieces.Of(command));

    [Theory]
    [InlineData("abc", 3)]
    [InlineData("中文", 4)]
    [InlineData("", 0)]
    public void Columns_are_counted_as_a_terminal_does(string text, int columns) => Assert.Equal(columns, Columns.Of(text));

    [Fact]
    public void Places_are_named_by_as_little_of_their_path_as_tells_them_apart()
    {
        var places = new ShortPlaces(["a/x/log", "b/x/log", "c/y.txt", "y", "-"]);
        Assert.Equal(["a/x/log", "b/x/log", "y.txt", "y", "-"],
            ((string[])["a/x/log", "b/x/log", "c/y.txt", "y", "-"]).Select(places.Of));
    }

    /// <summary>Logs of machines whose disks left them. A host's name counts where several lines bear it.</summary>
    private void Machines(int count)
    {
        for (int i = 0; i < count; i++)
            File.WriteAllText(Path.Combine(folder, $"{i}.log"),
                $"May 21 18:07:13 host{i} kernel: [   40.000000] nvme nvme0: 8/0/0 default/read/poll queues\n" +
                $"May 21 18:07:14 host{i} kernel: [   40.991192] nvme nvme0: controller is down; will reset: CSTS=0xffffffff, " +
                "PCI_STATUS read failed (134)\n" +
                $"May 21 18:07:15 host{i} kernel: [   41.000000] nvme nvme0: Disabling device after reset failure: -19\n");
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static Terminal Screen(int columns, int rows) =>
        new(Colour: false, Progress: false, Math.Clamp(columns, 20, 120)) { Columns = columns, Rows = rows, Screen = true };

    private static (int Code, string Output) Run(Terminal terminal, params string[] args)
    {
        var output = new StringWriter { NewLine = "\n" };
        int code = Kdt.Run(args, output, TextWriter.Null, () => Stream.Null, terminal);
        return (code, output.ToString());
    }
}
