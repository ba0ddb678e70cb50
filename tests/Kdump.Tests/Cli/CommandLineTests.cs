using System.Text;
using Kdump.Cli;
using Kdump.Cli.Terminals;

namespace Kdump.Tests.Cli;

/// <summary>What people type who have not read the help, and what the terminal gets.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("explian x", "unknown command 'explian'; did you mean 'explain'? (see kdt --help)")]
    [InlineData("vmcore inof x", "unknown command 'inof'; did you mean 'info'? (see kdt vmcore --help)")]
    [InlineData("host chekc", "unknown command 'chekc'; did you mean 'check'? (see kdt host --help)")]
    [InlineData("hlep", "unknown command 'hlep'; did you mean 'help'? (see kdt --help)")]
    [InlineData("verison", "unknown command 'verison'; did you mean 'version'? (see kdt --help)")]
    [InlineData("hlep explain", "unknown command 'hlep'; did you mean 'help'? (see kdt explain --help)")]
    [InlineData("help host chekc", "unknown command 'chekc'; did you mean 'check'? (see kdt host --help)")]
    [InlineData("hots --help", "unknown command 'hots'; did you mean 'host'? (see kdt --help)")]
    [InlineData("--json explain x", "option '--json' belongs behind the command: kdt explain --json (see kdt explain --help)")]
    [InlineData("-o - explain x", "option '-o' belongs behind the command: kdt explain -o (see kdt explain --help)")]
    [InlineData("vmcore --tree ps x", "option '--tree' belongs behind the command: kdt vmcore ps --tree (see kdt vmcore ps --help)")]
    [InlineData("host zzz check", "unknown command 'zzz' (see kdt host check --help)")]
    [InlineData("dance", "unknown command 'dance' (see kdt --help)")]
    [InlineData("/?", "unknown command '/?' (see kdt --help)")]
    [InlineData("explain --jsno x", "unknown option '--jsno'; did you mean '--json'? (see kdt explain --help)")]
    [InlineData("log --zzz x", "unknown option '--zzz'; a path that begins with - is written ./--zzz (see kdt log --help)")]
    [InlineData("vmcore bt --cpu x v", "--cpu: 'x' is not a number of 0 or more (see kdt vmcore bt --help)")]
    [InlineData("vmcore bt --pid -7 v", "--pid: '-7' is not a number of 0 or more (see kdt vmcore bt --help)")]
    [InlineData("vmcore bt --cpu 99999999999 v", "--cpu: '99999999999' is not a number of 0 or more (see kdt vmcore bt --help)")]
    [InlineData("vmcore print --depth -1 -e x v", "--depth: '-1' is not a number from 0 to 64 (see kdt vmcore print --help)")]
    [InlineData("vmcore print --limit 0 -e x v", "--limit: '0' is not a number from 1 to 10000000 (see kdt vmcore print --help)")]
    [InlineData("vmcore files --pid zzz v", "--pid: 'zzz' is not a number of 0 or more (see kdt vmcore files --help)")]
    [InlineData("vmcore signals --pid 1e9 v", "--pid: '1e9' is not a number of 0 or more (see kdt vmcore signals --help)")]
    [InlineData("host rehearse --memory zzz", "--memory: 'zzz' is not a number of 16 or more (see kdt host rehearse --help)")]
    [InlineData("mce --cpumhz fast x", "--cpumhz: 'fast' is not a number above 0 (see kdt mce --help)")]
    [InlineData("--color maybe", "Argument 'maybe' not recognized. Must be one of: 'always', 'never', 'auto' (see kdt --help)")]
    [InlineData("--color maybe help", "Argument 'maybe' not recognized. Must be one of: 'always', 'never', 'auto' (see kdt --help)")]
    [InlineData("log --color maybe -h", "Argument 'maybe' not recognized. Must be one of: 'always', 'never', 'auto' (see kdt log --help)")]
    [InlineData("explain --rule vector-exaustion",
        "--rule: the catalogue has no entry 'vector-exaustion'; did you mean 'vector-exhaustion'?")]
    [InlineData("explain --rule crashkernel-to-small",
        "--rule: the catalogue has no entry 'crashkernel-to-small'; did you mean 'crashkernel-too-small'?")]
    [InlineData("explain --rule al", "--rule: the catalogue has no entry 'al'; did you mean 'all'?")]
    [InlineData("explain --rule", "--rule lacks its value ID: Print the catalogue's entry for this finding (all: the whole catalogue, " +
        "as docs/failures.md) (see kdt explain --help)")]
    [InlineData("explain --color", "--color lacks its value: always, auto, never (see kdt explain --help)")]
    [InlineData("log a b", "unexpected argument 'b'; kdt explain reads several inputs and folders (see kdt log --help)")]
    [InlineData("pci a b", "unexpected argument 'b'; kdt explain reads several inputs and folders (see kdt pci --help)")]
    [InlineData("mce a b", "unexpected argument 'b'; kdt explain reads several inputs and folders (see kdt mce --help)")]
    [InlineData("host diff a b c", "unexpected argument 'c' (see kdt host diff --help)")]
    [InlineData("log --similar a b c",
        "<path> is missing: --similar takes every word behind it; write kdt log <path> --similar <LOG>... (see kdt log --help)")]
    [InlineData("pci /", "/: file: a folder: give one file, or give the folder to kdt explain")]
    [InlineData("mce /", "/: file: a folder: give one file, or give the folder to kdt explain")]
    public void A_wrong_command_line_is_answered_in_one_line_with_what_was_meant(string line, string said)
    {
        (int code, string output, string error) = Run(line.Split(' '));
        Assert.Equal((2, "", $"kdt: {said}\n"), (code, output, error));
    }

    [Theory]
    [InlineData("")]
    [InlineData("help")]
    [InlineData("help explain")]
    [InlineData("host")]
    [InlineData("vmcore")]
    [InlineData("explain -h")]
    [InlineData("--color never")]
    [InlineData("--no-pager --lang en help explain")]
    public void Who_asks_for_help_in_any_usual_way_gets_it_with_an_example(string line)
    {
        (int code, string output, string error) = Run(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("Example", output, StringComparison.Ordinal);
        Assert.Contains("Usage:", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.1.0+c9b6fd52b1491f0aa", "kdt 0.1.0 (c9b6fd52b149, .NET ")]
    [InlineData("0.1.0+c9b6", "kdt 0.1.0 (c9b6, .NET ")]
    [InlineData("0.1.0", "kdt 0.1.0 (unknown commit, .NET ")]
    public void The_version_has_the_beginning_of_the_commit(string version, string line) =>
        Assert.StartsWith(line, ProgramVersion.Line("kdt", version), StringComparison.Ordinal);

    [Fact]
    public void The_version_is_told_in_all_usual_ways()
    {
        string expected = Run("--version").Output;
        Assert.StartsWith("kdt ", expected, StringComparison.Ordinal);
        Assert.Equal([expected, expected, expected],
            new[] { Run("-V").Output, Run("version").Output, Run("--color", "never", "version").Output });
    }

    [Fact]
    public void The_help_of_a_command_below_another_lists_only_its_own_arguments() =>
        Assert.Contains("kdt log diff <good> <bad> [options]", Run("log", "diff", "--help").Output, StringComparison.Ordinal);

    [ToolFact("script")]
    public void A_terminal_is_left_as_it_was_found()
    {
        string kdt = Path.Combine(AppContext.BaseDirectory, "kdt.dll");
        string said = Encoding.UTF8.GetString(Tool.Run($"TERM=xterm script -qec 'dotnet {kdt} --version' /dev/null", "/"));
        Assert.Contains("kdt ", said, StringComparison.Ordinal);
        Assert.DoesNotContain("\x1b", said, StringComparison.Ordinal);
    }

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        int code = Kdt.Run(args, output, error, () => Stream.Null, Terminal.Plain);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>no-color.org, bixense.com/clicolors, and FORCE_COLOR as in node and its kin: 0 and false are off.</summary>
    [Theory]
    [InlineData("", true, true)]
    [InlineData("", false, false)]
    [InlineData("FORCE_COLOR=1", false, true)]
    [InlineData("FORCE_COLOR=true", false, true)]
    [InlineData("FORCE_COLOR=3", false, true)]
    [InlineData("FORCE_COLOR=0", false, false)]
    [InlineData("FORCE_COLOR=0", true, false)]
    [InlineData("FORCE_COLOR=false", true, false)]
    [InlineData("FORCE_COLOR=False", false, false)]
    [InlineData("FORCE_COLOR=", true, true)]
    [InlineData("FORCE_COLOR=0 CLICOLOR_FORCE=1", false, false)]
    [InlineData("CLICOLOR_FORCE=1", false, true)]
    [InlineData("CLICOLOR_FORCE=0", false, false)]
    [InlineData("CLICOLOR_FORCE=0", true, true)]
    [InlineData("CLICOLOR=0", true, false)]
    [InlineData("TERM=dumb", true, false)]
    [InlineData("NO_COLOR=1 FORCE_COLOR=1", true, false)]
    public void The_variables_that_ask_for_colour_are_read_as_other_programs_read_them(string set, bool tty, bool colour)
    {
        Dictionary<string, string> variables = set.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(v => v.Split('=', 2)).ToDictionary(v => v[0], v => v[1]);
        Assert.Equal(colour, Terminal.ColourBy(variables.GetValueOrDefault, tty));
    }
}
