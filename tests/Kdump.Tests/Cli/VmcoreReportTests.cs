using System.Text.Json;
using Kdump.Cli;
using Kdump.Cli.Terminals;

namespace Kdump.Tests.Cli;

/// <summary>The first page about a real hang, and the choices of ps and bt, on fixtures/dumps/hung-task-6.1.elf.xz.</summary>
public sealed class VmcoreReportTests(Kdump.Tests.Kernel.RealKernelTests.Core core) : IClassFixture<Kdump.Tests.Kernel.RealKernelTests.Core>
{
    [Fact]
    public void A_hang_begins_with_its_locks_and_says_what_the_dump_lacks()
    {
        (int code, string output, string error) = Run("vmcore", "report", core.Path);
        Assert.Equal(1, code);
        Assert.Matches(@"^kdt: .*: pages that were needed and could not be read: \d+ not in it, .*: causes may be missing\n$", error);
        Assert.Contains("hang: Kernel panic - not syncing: hung_task: blocked tasks", output, StringComparison.Ordinal);
        Assert.Contains("mutex lab_mutex [kdt_lab]", output, StringComparison.Ordinal);
        Assert.Contains("held by lab_holder (137)", output, StringComparison.Ordinal);
        // The fixture has only some pages: what needs others is not passed over in silence.
        Assert.Contains("cannot determine whether a worker pool is stuck", output, StringComparison.Ordinal);
        Assert.True(output.Split('\n').Length < 70, "it is one page");
    }

    [Theory]
    [InlineData("BUG: kernel NULL pointer dereference, address: 0000000000000008", 8UL)]
    [InlineData("BUG: unable to handle page fault for address: ffffffffc0de0000", 0xFFFF_FFFF_C0DE_0000)]
    [InlineData("Oops: general protection fault, probably for non-canonical address 0x6b6b6b6b6b6b6b6b: 0000 [#1] SMP",
        0x6B6B_6B6B_6B6B_6B6B)]
    [InlineData("Unable to handle kernel NULL pointer dereference at virtual address 00000000000000a0", 0xA0UL)]
    [InlineData("Unable to handle kernel paging request at virtual address dead000000000108", 0xDEAD_0000_0000_0108)]
    [InlineData("Unable to handle kernel execute from non-executable memory at virtual address ffff0000c1a2b000", 0xFFFF_0000_C1A2_B000)]
    public void The_bad_address_is_read_from_the_heading_of_every_architecture(string heading, ulong address) =>
        Assert.Equal(address, Kdump.Cli.Reports.VmcoreViews.ReportSections.BadAddress(heading));

    [Fact]
    public void Its_page_has_the_picture_of_causes_and_the_findings_and_opens_without_them()
    {
        (_, string page, _) = Run("vmcore", "report", core.Path, "-o", "-");
        Assert.Contains("<svg class=\"graph wide\"", page, StringComparison.Ordinal);
        Assert.Contains("[kdt_lab]", page, StringComparison.Ordinal);
        Assert.Contains("<h2 id=\"findings\">", page, StringComparison.Ordinal);
        // It can be dated; a machine that no program had named yet has no name, which the kernel writes as (none).
        Assert.Contains("2026-11-21 12:55:48 UTC", page, StringComparison.Ordinal);
        Assert.DoesNotContain("(none)", page, StringComparison.Ordinal);
        Assert.True(page.IndexOf("<svg", StringComparison.Ordinal) < page.IndexOf("kdt vmcore locks", StringComparison.Ordinal));
    }

    [Fact]
    public void The_report_as_JSON_has_the_kind_and_its_sections()
    {
        (_, string output, _) = Run("vmcore", "report", "--json", core.Path);
        using JsonDocument json = JsonDocument.Parse(output);
        Assert.Equal("hang", json.RootElement.GetProperty("kind").GetString());
        Assert.Contains("locks", json.RootElement.GetProperty("sections").EnumerateArray().Select(s => s.GetProperty("title").GetString()));
    }

    /// <summary>The row of a pipe has 104 columns: on a narrow screen each would break in two.</summary>
    [Theory]
    [InlineData(80, false)]
    [InlineData(120, true)]
    public void Ps_fits_the_screen(int columns, bool whole)
    {
        StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        var screen = new Terminal(false, false, columns) { Screen = true, Rows = 24, Columns = columns };
        Kdt.Run(["vmcore", "ps", core.Path], output, error, () => Stream.Null, screen);
        string[] lines = output.ToString().Split('\n');
        Assert.Equal(whole, lines[0].Contains("TASK", StringComparison.Ordinal));
        Assert.All(lines, line => Assert.True(line.Length <= columns, line));
        Assert.Contains(lines, line => line.EndsWith("[khungtaskd]", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("UN", 2)]
    [InlineData("un,ZO", 3)]
    public void Ps_shows_the_states_that_are_asked_for(string states, int count)
    {
        (_, string output, _) = Run("vmcore", "ps", "--json", "--state", states, core.Path);
        using JsonDocument json = JsonDocument.Parse(output);
        Assert.Equal(count, json.RootElement.GetProperty("tasks").GetArrayLength());
    }

    [Fact]
    public void A_state_that_no_task_can_have_is_refused()
    {
        (int code, string output, string error) = Run("vmcore", "ps", "--state", "XX", core.Path);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("'XX' is not one of RU", error, StringComparison.Ordinal);
    }

    /// <summary>What the kernel said is quoted byte for byte, in any language.</summary>
    [Fact]
    public void The_Chinese_report_quotes_the_kernel_as_it_spoke()
    {
        (_, string output, _) = Run("vmcore", "report", "--lang", "zh", core.Path);
        Assert.Contains("Kernel panic - not syncing: hung_task: blocked tasks", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Ps_sorts_by_what_is_asked_for_and_stays_stable()
    {
        (_, string output, _) = Run("vmcore", "ps", "--json", "--sort", "since", core.Path);
        using JsonDocument json = JsonDocument.Parse(output);
        ulong[] since = [.. json.RootElement.GetProperty("tasks").EnumerateArray().Select(t =>
            t.GetProperty("onCpu").GetBoolean() || !t.TryGetProperty("nanosecondsSinceRun", out JsonElement ns) ? 0 : ns.GetUInt64())];
        Assert.Equal(since.OrderDescending(), since);
    }

    [Fact]
    public void The_tree_puts_children_below_their_parents()
    {
        (_, string output, _) = Run("vmcore", "ps", "--tree", core.Path);
        string[] lines = output.Split('\n');
        int kthreadd = Array.FindIndex(lines, l => l.Contains("[kthreadd]", StringComparison.Ordinal));
        int child = Array.FindIndex(lines, l => l.Contains("[khungtaskd]", StringComparison.Ordinal));
        Assert.True(child > kthreadd);
        Assert.Equal(2, lines[child].IndexOf('[', StringComparison.Ordinal) - lines[kthreadd].IndexOf('[', StringComparison.Ordinal));
    }

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        StringWriter output = new(), error = new();
        int code = Kdt.Run(args, output, error, () => Stream.Null, Terminal.Plain);
        return (code, output.ToString(), error.ToString());
    }
}
