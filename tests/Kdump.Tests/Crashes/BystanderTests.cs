using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Crashes.Clues;
using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Crashes;

/// <summary>What only happens to stand in a report: a program that a bus error hit, old frames of a sleeping task, an echo.</summary>
public sealed class BystanderTests
{
    private static string Stamped(params string[] lines) => string.Concat(lines.Select((l, i) => $"[  100.{i:000000}] {l}\n"));

    private static Crash Only(string log) => Assert.Single(LogCorpus.Read(log).Crashes);

    [Theory]
    [InlineData("pc : [<0000007fbd811f90>] lr : [<00000055692e9da8>] pstate: 60000000", "PC is at 0x7fbd811f90", true)]
    [InlineData("pstate: 80001000 (Nzcv daif -PAN -UAO)", "pc : 0xaaaab2c41f90", true)]
    [InlineData("Flags: nzCv  IRQs on  FIQs on  Mode USER_32  ISA ARM  Segment user", "PC is at 0xb6f1c2a8", true)]
    [InlineData("pstate: 600000c5 (nZCv daIF -PAN -UAO)", "PC is at 0xffff800010123456", false)]
    [InlineData("pstate: 60000005 (nZCv daif -PAN -UAO)", "PC is at 0xffff800010123456", false)]
    public void A_bus_error_that_interrupts_a_program_is_no_wild_jump(string state, string place, bool program)
    {
        Crash crash = Only(Stamped("Bad mode in Error handler detected on CPU2, code 0xbf000000 -- SError",
            "Internal error: Oops - bad mode: 0 [#1] SMP",
            "CPU: 2 PID: 3480 Comm: mapper Tainted: G           O    4.14.0 #1", place, state));
        Assert.Equal(program, crash.Clues.Any(c => c.Meaning == "program-interrupted"));
        Assert.Equal(!program, crash.Clues.Any(c => c.Meaning == "wild-jump"));
    }

    [Theory]
    [InlineData("usleep_range")]
    [InlineData("hrtimer_start_range_ns")]
    [InlineData("dequeue_task_fair")]
    public void Old_frames_above_the_scheduler_are_not_where_a_task_waits(string old)
    {
        string log = Stamped("INFO: task kworker/0:0:3642 blocked for more than 120 seconds.", "      Not tainted 4.9.60 #1",
            "\"echo 0 > /proc/sys/kernel/hung_task_timeout_secs\" disables this message.", "kworker/0:0     D    0  3642      2 0x00000000",
            "Workqueue: hv_vmbus_con vmbus_onmessage_work", "Call Trace:", " [<ffffffff9e7f5e03>] ? __schedule+0x364/0x465",
            $" [<ffffffff9e7f7bc9>] ? {old}+0x66/0x66", " [<ffffffff9e7f5f82>] ? schedule+0x7e/0x87");
        Assert.Null(Only(log).Function);
        Assert.Equal("cook_soup", Only(log + Stamped(" [<ffffffff9e7f5f90>] ? cook_soup+0x1e/0x87").Replace("100.", "101.")).Function);
    }

    [Theory]
    [InlineData("Internal error: : 1008 [#1] PREEMPT SMP ARM", true)]
    [InlineData("Internal error: : 808 [#1] SMP ARM", true)]
    [InlineData("Internal error: : 1406 [#1] SMP ARM", true)]
    [InlineData("Internal error: : 1211 [#1] SMP THUMB2", true)]
    [InlineData("Internal error: : 1 [#1] SMP ARM", false)]
    public void The_fault_status_of_arm_tells_an_external_abort_where_its_words_are_lost(string heading, bool abort) =>
        Assert.Equal(abort, Only(Stamped(heading, "Modules linked in:", "CPU: 0 PID: 1746 Comm: sh Not tainted 3.14.0 #18",
            "PC is at cook_enable+0x10/0x7c")).Clues.Any(c => c.Says.Contains("external abort", StringComparison.Ordinal)));

    [Fact]
    public void A_wild_address_of_powerpc_and_the_place_as_a_number_are_told()
    {
        Crash crash = Only(string.Join('\n', "BUG: Unable to handle kernel data access at 0xfeffbb62ffec65fe",
            "Faulting instruction address: 0xc00000000005dc40", "Oops: Kernel access of bad area, sig: 11 [#1]",
            "CPU: 0 PID: 0 Comm: swapper/0 Tainted: G T 6.6.0-rc3 #1",
            "NIP: c00000000005dc40 LR: c000000000066660 CTR: c000000000007730") + "\n");
        Assert.Equal("no-address", crash.Access?.Meaning);
        Assert.Contains(crash.Clues, c => c.Meaning == "raw-place" && c.Says.Contains("0xc00000000005dc40", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("#### Console Call Trace:\n")]
    public void Frames_without_their_heading_are_still_a_stack(string heading)
    {
        Crash crash = LogCorpus.Read("[ 5300.229390] watchdog: BUG: soft lockup - CPU#2 stuck for 23s! [kworker/2:1:25629]\n" +
            "[ 5300.244482] CPU: 2 PID: 25629 Comm: kworker/2:1 Tainted: G 5.10.0-18-2-amd64 #1 Debian 5.10.140-1\n" + heading +
            "[ 5300.273855]  cook_wait+0x6b/0x83\n" +
            "[ 5300.413719]  wait_rcu_exp_gp+0xf/0x20\n[ 5300.422285]  worker_thread+0x53/0x3e0\n").Crashes[0];
        Assert.Contains(crash.Frames, f => f.Function == "wait_rcu_exp_gp");
    }

    [Theory]
    [InlineData("xfsaild/rbd0", "Ceph")]
    [InlineData("jbd2/vda1-8", "virtual disk")]
    [InlineData("md127_raid5", "RAID array")]
    [InlineData("loop3", "loop device")]
    [InlineData("dmcrypt_write/dm-0", "device-mapper")]
    [InlineData("kworker/3:1", null)]
    [InlineData("loopback", null)]
    public void A_thread_that_works_for_a_device_says_for_which(string comm, string? told)
    {
        Clue? clue = Only(Stamped($"INFO: task {comm}:13639 blocked for more than 120 seconds.", "      Not tainted 4.15.0 #33",
            "\"echo 0 > /proc/sys/kernel/hung_task_timeout_secs\" disables this message.", $"{comm}    D    0 13639      2 0x80000000"))
            .Clues.FirstOrDefault(c => c.Meaning == "device-thread");
        Assert.Equal(told is not null, clue is not null);
        if (told is not null)
            Assert.Contains(told, clue!.Says, StringComparison.Ordinal);
    }

    [Fact]
    public void A_console_that_prints_every_line_twice_counts_a_crash_once()
    {
        const string Line = "[   62.181919] cook.o[113]: unhandled signal 11 code 0x1 at 0xffffffd00400b400\n";
        Assert.DoesNotContain("2 times", Explained.Findings("program-crashed", Line + Line)[0].Title, StringComparison.Ordinal);
        string later = Line.Replace("62.181919", "63.181919").Replace("113", "114");
        Assert.Contains("2 times", Explained.Findings("program-crashed", Line + later)[0].Title, StringComparison.Ordinal);
    }

    [Fact]
    public void Registers_and_a_stack_without_their_head_name_the_place_and_call_it_neither_crash_nor_warning()
    {
        string log = Stamped("R13: ffff9accd5e00000 R14: ffff9accd5e03ee8 R15: ffffaa50401b7ab0",
            "CR2: 0000000000000000 CR3: 000000028f308003 CR4: 0000000000370ea0", "DR3: 0000000000000000 DR6: 00000000fffe0ff0",
            "Call Trace:", " cook_insert+0xac/0xd0 [cook]", " cook_update+0x207/0x340 [cook]", " cook_write+0x1bb/0x330 [cook]",
            " process_one_work+0x28f/0x590");
        Crash crash = Only(log);
        Assert.Equal("cook_insert", crash.Function);
        Assert.NotNull(crash.Torn);
        Assert.DoesNotContain("the kernel crashed", Explained.Verdict(log).Headline, StringComparison.Ordinal);
    }

    [Fact]
    public void A_piece_of_a_stack_is_called_that()
    {
        Verdict verdict = Explained.Verdict(Stamped(" [<ffffffffa036bafa>] ? cook_find+0xbc/0xc8 [cookd]",
            " [<ffffffff8100d02f>] ? load_TLS+0x7/0xa", " [<ffffffffa0368037>] ? cook_verify+0x277/0x477 [cookd]",
            " [<ffffffff8103f6e2>] ? try_to_wake_up+0x197/0x197"));
        Assert.StartsWith("Not known: what was reported above this piece of a kernel's stack", verdict.Headline, StringComparison.Ordinal);
        Assert.Contains("cook_find() of cookd", verdict.Headline, StringComparison.Ordinal);
    }
}
