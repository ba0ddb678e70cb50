using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Crashes;

/// <summary>What is left of reports: stacks alone, places that are cut, and the words of a person around them.</summary>
public sealed class LeftOverTests
{
    private static string Stamped(params string[] lines) => string.Concat(lines.Select((l, i) => $"[  100.{i:000000}] {l}\n"));

    private static IReadOnlyList<Crash> Crashes(string log) => LogCorpus.Read(log).Crashes;

    private static readonly string[] Dumped = ["dump_stack+0x63/0x8b", "dump_stack_lvl+0x71/0x90", "spl_debug_dumpstack+0x27/0x40 [spl]",
        "os_dump_stack+0xe/0x14 [nvidia]", "show_stack+0x20/0x24"];

    [Fact]
    public void A_stack_that_a_module_had_printed_is_no_crash()
    {
        foreach (string printer in Dumped)
        {
            foreach (string task in new[] { "Pid: 3044, comm: cook Tainted: P            2.6.38-8-generic #42-Ubuntu",
                "CPU: 3 PID: 3044 Comm: cook Tainted: P 5.10.0 #1" })
            {
                Finding f = Assert.Single(Explained.Findings("kernel-warning", Stamped(task, "Call Trace:", $" {printer}",
                    " pan_stir+0x1d/0x130 [kitchen]", " do_vfs_ioctl+0x8f/0x360")));
                Assert.Contains("no report of a crash", f.Why, StringComparison.Ordinal);
                Assert.Contains("cook", f.Title, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("dump_header+0x50/0x1f0", "oom_kill_process+0x1db/0x2c0")]
    [InlineData("bad_page+0x108/0x16c", "free_pages_prepare+0x1db/0x2c0")]
    [InlineData("___might_sleep+0x236/0x248", "pan_stir+0x1d/0x130 [kitchen]")]
    [InlineData("warn_slowpath_common+0x7f/0xc0", "pan_stir+0x1d/0x130 [kitchen]")]
    public void A_stack_of_a_lost_report_is_not_taken_for_a_printed_one(string first, string second) => Assert.DoesNotContain(
        Crashes(Stamped("CPU: 3 PID: 3044 Comm: cook Tainted: P 5.10.0 #1", "Call Trace:", " dump_stack+0x63/0x8b", $" {first}",
            $" {second}")), c => c.Kind == "stack");

    [Fact]
    public void A_warning_without_its_head_is_a_warning()
    {
        Crash crash = Assert.Single(Crashes(Stamped("CS:  0010 DS: 0000 ES: 0000 CR0: 0000000080050033", "Call Trace:", " <TASK>",
            " ? pan_stop+0xf6/0x100 [kitchen]", " ? __warn+0x81/0x130", " ? pan_stop+0xf6/0x100 [kitchen]", " ? report_bug+0x171/0x1a0",
            " ? handle_bug+0x3d/0x80", " ? exc_invalid_op+0x17/0x70", " pan_do_stop+0x56c/0x810 [kitchen]",
            " wiphy_resume+0xc1/0x1b0 [cfg80211]", " dpm_run_callback+0x89/0x1b0")));
        Assert.Equal("warning", crash.Kind);
        Assert.Contains(crash.Clues, c => c.Meaning == "resuming");
    }

    [Fact]
    public void The_watchdogs_own_warning_is_the_lockup_and_told_once()
    {
        Verdict verdict = Explained.Verdict(Stamped("------------[ cut here ]------------",
            "WARNING: CPU: 6 PID: 4517 at kernel/watchdog.c:272 watchdog_overflow_callback+0x96/0xa2()",
            "Watchdog detected hard LOCKUP on cpu 6", "Modules linked in: kitchen",
            "CPU: 6 PID: 4517 Comm: cook Tainted: P           O 3.14.35 #1"));
        Assert.Single(verdict.Findings, f => f.Id == "hard-lockup");
        Assert.DoesNotContain(verdict.Findings, f => f.Id == "kernel-warning");
    }

    [Theory]
    [InlineData("cpu 0x0: Vector: 300 (Data Access) at [c000001fd73436a0]", "    pc: d0000000047f6ff8: pan_reclaim", "pan_reclaim")]
    [InlineData("cpu 0x0: Vector: 300 (Data Access) at [c000001fd73436a0]", "    pc: c000000000391600: pan_fry+0x2e0/0x340", "pan_fry")]
    [InlineData("Data bus error, epc == 80347d38, ra == 835a27b4", "epc   : 80347d38 pan_read32+0", "pan_read32")]
    [InlineData("Data bus error, epc == 80347d38, ra == 835a27b4", "epc   : 8eaa8be0 0x8eaa8be0", null)]
    [InlineData("cpu 0x0: Vector: 300 (Data Access) at [c000001fd73436a0]", "    pc: c000000000391600: 0", null)]
    public void A_place_whose_line_is_cut_is_read(string heading, string line, string? function) =>
        Assert.Equal(function, Assert.Single(Crashes($"{heading}\n{line}\n")).Function);

    [Fact]
    public void A_hang_that_is_reported_again_tells_the_longest_time()
    {
        string[] reports = [.. new[] { 120, 241, 362, 604 }.Select(s => $"INFO: task cook:1103 blocked for more than {s} seconds.")];
        Assert.Contains("more than 604 s", Assert.Single(Explained.Findings("hung-task", Stamped(reports))).Why, StringComparison.Ordinal);
        Assert.DoesNotContain("again and again", Assert.Single(Explained.Findings("hung-task", Stamped(reports[0]))).Why,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_stalled_CPU_is_told_with_its_place_even_a_common_one()
    {
        Finding f = Assert.Single(Explained.Findings("rcu-stall", Stamped("rcu: INFO: rcu_sched detected stalls on CPUs/tasks:",
            "rcu:     0-...0: (1 GPs behind) idle=75bc/1/0x4000000000000000 softirq=15304/15305 fqs=2359",
            "rcu:     (detected by 2, t=5902 jiffies, g=45361, q=1759 ncpus=16)", "Sending NMI from CPU 2 to CPUs 0:",
            "NMI backtrace for cpu 0", "CPU: 0 UID: 992 PID: 24017 Comm: cook Not tainted 6.12.55 #1",
            "pstate: 43400005 (nZcv daif +PAN -UAO +TCO +DIT -SSBS BTYPE=--)", "pc : handle_softirqs+0x9c/0x310",
            "lr : __do_softirq+0x1c/0x28")));
        Assert.Contains("handle_softirqs()", f.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void The_module_of_a_place_above_a_panic_is_told()
    {
        Finding f = Assert.Single(Explained.Findings("kernel-panic",
            "Modules linked in: kitchen(+)\n---[end trace 0000000000000000 ]---\n" +
            "RIP: 0010:pan_metadata_get+0x19/0x30 [kitchen]\nKernel panic - not syncing: Fatal exception\n"));
        Assert.Contains("pan_metadata_get() of the module kitchen", f.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("I have been experiencing frequent total system hangs whilst using 0.6.0 RCs. Below is all I can find:")]
    [InlineData("System becomes unresponsive after resume from suspend due to driver failures. The screen turns off and hangs.")]
    [InlineData("After a while my desktop hangs and the machine is not responding any more.")]
    public void The_words_of_a_person_are_not_the_kernels(string sentence)
    {
        Verdict verdict = Explained.Verdict(sentence + "\n\n" + Stamped("pan 0000:03:00.0: something fatal: 7"));
        Assert.DoesNotContain(verdict.Unknowns, u => u.Question.Contains(sentence[..20], StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("- ")]
    [InlineData("* ")]
    [InlineData("\u2022 ")]
    [InlineData("  - ")]
    public void Lines_in_a_list_keep_their_driver(string bullet)
    {
        Finding f = Assert.Single(Explained.Verdict("## Error Logs\nFrom previous boot journal:\n" +
            $"{bullet}iwlwifi 0000:00:14.3: Failed to send LINK_CONFIG_CMD (action:3): -5\n").Findings);
        Assert.Contains("iwlwifi", f.Title, StringComparison.Ordinal);
    }
}
