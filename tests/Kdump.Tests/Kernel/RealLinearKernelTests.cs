using Kdump.Cli;
using Kdump.Cli.Terminals;

namespace Kdump.Tests.Kernel;

/// <summary>
/// Pages of real kernels whose page tables and stacks are not read (fixtures/dumps/ORIGIN.txt): everything that lies in the linear map is
/// told, and the rest is refused by the machine's name.
/// </summary>
public sealed class RealLinearKernelTests : IDisposable
{
    private readonly List<RealKernelTests.Core> cores = [];

    [Theory]
    [InlineData("ppc64le")]
    [InlineData("riscv64")]
    public void The_log_has_every_line_of_the_console(string machine)
    {
        (int code, string log, string error) = Run("log", machine);
        Assert.Equal((0, ""), (code, error));
        string[] lines = [.. log.Split('\n').Select(Text)];
        string[] console = File.ReadAllLines(Repository.Path("fixtures", "dumps", $"{machine}-6.12.console.txt"));
        Assert.True(console.Length > 200);
        // The end of a record of several lines has no stamp of its own in the log.
        Assert.Empty(console.Select(Text).Except(lines));
    }

    [Theory]
    [InlineData("ppc64le", "info")]
    [InlineData("ppc64le", "ps")]
    [InlineData("ppc64le", "sys")]
    [InlineData("riscv64", "info")]
    [InlineData("riscv64", "ps")]
    [InlineData("riscv64", "sys")]
    public void A_view_that_needs_no_page_tables_is_its_golden(string machine, string view)
    {
        (int code, string output, _) = Run(view, machine);
        Assert.Equal(0, code);
        Golden.Check(Repository.Path("fixtures", "dumps", $"{machine}-6.12.{view}.txt"), output);
    }

    [Theory]
    [InlineData("ppc64le")]
    [InlineData("riscv64")]
    public void Stacks_are_refused_by_the_machine_s_name(string machine)
    {
        (int code, string output, string error) = Run("locks", machine);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains($"{machine}: only stacks of x86-64 and arm64 kernels can be walked", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ppc64le")]
    [InlineData("riscv64")]
    public void The_report_tells_once_what_several_sections_lack(string machine)
    {
        string[] told = [.. Run("report", machine).Output.Split('\n').Where(l => l.StartsWith("not readable", StringComparison.Ordinal))];
        Assert.Single(told);
    }

    public void Dispose() => cores.ForEach(c => c.Dispose());

    private static string Text(string line) => (line.StartsWith('[') && line.IndexOf("] ", StringComparison.Ordinal) is > 0 and var end
        ? line[(end + 2)..] : line).Trim();

    private (int Code, string Output, string Error) Run(string view, string machine)
    {
        var core = new RealKernelTests.Core($"{machine}-6.12.elf.xz");
        cores.Add(core);
        StringWriter output = new(), error = new();
        int code = Kdt.Run(["vmcore", view, core.Path], output, error, () => Stream.Null, Terminal.Plain);
        return (code, output.ToString().Replace(core.Path, "vmcore", StringComparison.Ordinal), error.ToString());
    }
}
