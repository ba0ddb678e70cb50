using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Crashes;

/// <summary>CPUs that wait for a lock or stand with their interrupts off.</summary>
public sealed class SpinningTests
{
    private static string Stamped(params string[] lines) => string.Concat(lines.Select((l, i) => $"[  100.{i:000000}] {l}\n"));

    private static string Spin(string heading, string owner, params string[] stack) => Stamped([heading,
        $" lock: 0xffff8800a3635410, .magic: dead4ead, .owner: {owner}, .owner_cpu: 1",
        "CPU: 1 PID: 8828 Comm: cook Not tainted 4.4.0-rc7 #1", "Call Trace:", " [<ffffffff81328a72>] dump_stack+0x4e/0x7c",
        " [<ffffffff810bd7d2>] spin_dump+0x82/0xd0", " [<ffffffff810bd8f6>] do_raw_spin_lock+0x126/0x160",
        " [<ffffffff816a6a4b>] _raw_spin_lock+0x3b/0x50", .. stack.Select(f => $" [<ffffffff811a2c6e>] {f}+0x6e/0x190")]);

    [Theory]
    [InlineData("BUG: spinlock recursion on CPU#1, cook/8828")]
    [InlineData("BUG: rwlock cpu recursion on CPU#1, cook/8828")]
    public void Whoever_asks_for_what_it_holds_waits_for_itself(string heading)
    {
        Crash crash = Assert.Single(LogCorpus.Read(Spin(heading, "cook/8828", "stir_pot", "serve")).Crashes);
        Assert.Contains("stir_pot", crash.Clues.Single(c => c.Meaning == "spins-for-itself").Says, StringComparison.Ordinal);
        Assert.True(Explained.Verdict(Spin(heading, "cook/8828", "stir_pot", "serve")).RootCauses[0].Severity >= Severity.Error);
    }

    [Theory]
    [InlineData("BUG: spinlock lockup suspected on CPU#1, cook/8828", "waiter/77", "waiter/77 on CPU 1")]
    [InlineData("BUG: spinlock lockup on CPU#1, cook/8828", "waiter/77", "waiter/77 on CPU 1")]
    [InlineData("BUG: rwlock lockup suspected on CPU#1, cook/8828", "<none>/-1", "Whoever holds it")]
    public void A_lock_that_does_not_come_has_an_owner(string heading, string owner, string says) =>
        Assert.Contains(says, Assert.Single(LogCorpus.Read(Spin(heading, owner, "stir_pot", "serve")).Crashes)
            .Clues.Single(c => c.Meaning == "spins-for-holder").Says, StringComparison.Ordinal);

    [Fact]
    public void Who_locks_itself_up_while_it_frees_memory_was_brought_there_by_the_lack()
    {
        string log = Stamped("cook invoked oom-killer: gfp_mask=0x24201ca, order=0, oom_score_adj=0",
            "Out of memory: Kill process 77 (eater) score 900 or sacrifice child") +
            Spin("BUG: spinlock recursion on CPU#1, cook/8828", "cook/8828", "find_lock_task_mm", "oom_badness", "out_of_memory");
        Finding root = Assert.Single(Explained.Verdict(log).Findings, f => f.Title.Contains("recursion", StringComparison.Ordinal));
        Assert.True(root.Severity >= Severity.Error);
    }

    private static string Stall(string state, string answered = "NMI backtrace for cpu 3") => Stamped(
        "rcu: INFO: rcu_sched detected stalls on CPUs/tasks:", "rcu: \t3-...0: (0 ticks this GP) idle=5de/1/0x4000 softirq=8/8 fqs=200",
        "\t(detected by 0, t=21002 jiffies, g=9, q=77)", "Sending NMI from CPU 0 to CPUs 3:", answered,
        "CPU: 3 PID: 500 Comm: cook Not tainted 6.1.0 #1", "Hardware name: Acme Board", state.StartsWith("pstate", StringComparison.Ordinal)
            ? state : "RIP: 0010:stir_pot+0x10/0x40", state, "Call Trace:", " serve+0x10/0x20", " do_syscall_64+0x40/0x90");

    [Theory]
    [InlineData("RSP: 0018:ffffc90000a7bd40 EFLAGS: 00000046", "EFLAGS 00000046")]
    [InlineData("RSP: 0018:ffffc90000a7bd40 EFLAGS: 00000002", "EFLAGS 00000002")]
    public void A_CPU_without_ticks_that_answers_with_its_interrupts_off_was_run(string state, string said)
    {
        Crash crash = Assert.Single(LogCorpus.Read(Stall(state)).Crashes);
        Assert.Contains(said, crash.Clues.Single(c => c.Meaning == "interrupts-off").Says, StringComparison.Ordinal);
        Assert.DoesNotContain(crash.Clues, c => c.Meaning == "no-ticks");
    }

    [Fact]
    public void With_its_interrupts_on_it_was_not_run_or_not_ticked() => Assert.Contains(
        Assert.Single(LogCorpus.Read(Stall("RSP: 0018:ffffc90000a7bd40 EFLAGS: 00000246")).Crashes).Clues, c => c.Meaning == "no-ticks");

    [Fact]
    public void New_frames_of_arm_are_a_stack()
    {
        Crash crash = Assert.Single(LogCorpus.Read(Stamped("8<--- cut here ---",
            "Unable to handle kernel NULL pointer dereference at virtual address 00000004 when read",
                "Internal error: Oops: 5 [#1] SMP ARM",
            "CPU: 0 PID: 77 Comm: cook Not tainted 6.1.0 #1", "PC is at stir_pot+0x10/0x40", "LR is at serve+0x14/0x20", "Call trace: ",
            " stir_pot from serve+0x14/0x20", " serve from dine+0x10/0x80", " dine from ret_fast_syscall+0x0/0x1c")).Crashes);
        Assert.Equal("stir_pot", crash.Function);
        Assert.Equal(["serve", "dine"], crash.Frames.Select(f => f.Function).Where(f => f is "serve" or "dine"));
    }

    [Fact]
    public void The_stack_of_a_hung_task_is_read_in_that_form_too()
    {
        Finding hung = Assert.Single(Explained.Findings("hung-task", Stamped("INFO: task cook:12 blocked for more than 120 seconds.",
            "task:cook            state:D stack:0     pid:12    ppid:1      flags:0x00000000", " __schedule from schedule+0x54/0xc4",
            " schedule from stir_pot+0x14/0x20", " stir_pot from serve+0x10/0x80", " serve from ret_fast_syscall+0x0/0x1c")));
        Assert.Equal("stir_pot", hung.Subject);
    }

    [Theory]
    [InlineData("---[ end Kernel panic - not syncing: No working init found.  Try passing init= option to kernel")]
    [InlineData("---[ end Kernel panic - not sy")]
    [InlineData("end Kernel panic")]
    public void The_line_that_ends_a_panic_is_no_second_one(string end)
    {
        Verdict verdict = Explained.Verdict(Stamped(
            "Kernel panic - not syncing: No working init found.  Try passing init= option to kernel.",
            "CPU: 0 PID: 1 Comm: swapper/0 Not tainted 6.1.0 #1", "Call trace: ", " unwind_backtrace from show_stack+0x10/0x14",
            " show_stack from panic+0xf8/0x2e4", " panic from kernel_init+0x0/0x11c", end));
        Assert.DoesNotContain(verdict.Findings, f => f.Id == "kernel-warning" || f.Subject == "unwind_backtrace");
        Assert.Contains(verdict.Findings, f => f.Title.Contains("init", StringComparison.Ordinal));
    }

    [Fact]
    public void Several_CPUs_that_stood_at_once_have_something_in_common()
    {
        string log = Stamped("watchdog: BUG: soft lockup - CPU#2 stuck for 52s! [waiter:1337]",
            "watchdog: BUG: soft lockup - CPU#3 stuck for 52s! [kworker/3:1:99]");
        Finding both = Assert.Single(Explained.Findings("soft-lockup", log));
        Assert.Contains("2 CPUs (2, 3)", both.Title, StringComparison.Ordinal);
        Assert.Contains("hardly at fault", both.Why, StringComparison.Ordinal);
        Assert.StartsWith("CPU 2 ", Assert.Single(Explained.Findings("soft-lockup",
            Stamped("watchdog: BUG: soft lockup - CPU#2 stuck for 52s! [waiter:1337]"))).Title, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rcu: \t (t=103256 jiffies g=-1047 q=102)")]
    [InlineData("\t(t=21003 jiffies g=1047 q=102 ncpus=4)")]
    public void A_stall_without_its_first_line_is_known_by_its_second(string line)
    {
        string log = Stamped(line, "NMI backtrace for cpu 2", "CPU: 2 PID: 649 Comm: cook Not tainted 5.0.0 #1", "Call Trace:", " <IRQ>",
            " dump_stack+0x4d/0x65", " nmi_cpu_backtrace+0x9b/0xa0", " nmi_trigger_cpumask_backtrace+0xb9/0xf0",
            " rcu_dump_cpu_stacks+0x92/0xc2", " rcu_check_callbacks+0x485/0x610", " update_process_times+0x2a/0x50");
        Finding stall = Assert.Single(Explained.Findings("rcu-stall", log));
        Assert.Contains("cook", $"{stall.Title} {stall.Why}", StringComparison.Ordinal);
        string stack = Stamped(" apic_timer_interrupt+0xf/0x20", " </IRQ>", "RIP: 0010:stir_pot+0x10/0x40", " serve+0x10/0x20",
            " kthread+0x10/0x20");
        Finding at = Assert.Single(Explained.Findings("rcu-stall", log + stack));
        Finding whole = Assert.Single(Explained.Findings("rcu-stall",
            Stamped("rcu: INFO: rcu_sched self-detected stall on CPU") + log + stack));
        Assert.Equal(whole.Subject, at.Subject);
        Assert.NotNull(at.Subject);
    }

    [Fact]
    public void A_record_with_a_line_break_keeps_its_second_line()
    {
        string log = "[   81.688779] rust_kernel: panicked at /build/rust/kernel/sync/arc.rs:370:58:\n" +
            "               called `Option::unwrap()` on a `None` value\n" +
            "[   81.688790] ------------[ cut here ]------------\n[   81.688790] kernel BUG at rust/helpers/bug.c:7!\n" +
            "[   81.688792] Internal error: Oops - BUG: 00000000f2000800 [#1] SMP\n";
        Assert.Contains(Explained.Verdict(log).Findings, f => f.Title.Contains("called `Option::unwrap()`", StringComparison.Ordinal));
    }

    [Fact]
    public void A_kernel_without_names_tells_the_address()
    {
        string log = Stamped("Kernel bug detected[#1]:", "CPU: 3 UID: 0 PID: 11950 Comm: cook Tainted: G        W  O       6.12.94 #0",
            "$ 0   : 00000000 00000001 00000001 ffffffff", "epc   : 8021bde8 0x8021bde8", "ra    : 8021bc7c 0x8021bc7c",
            "Status: 1100fc03 KERNEL EXL IE", "Cause : 50800034 (ExcCode 0d)");
        Assert.Contains("0x8021bde8, called from 0x8021bc7c", Assert.Single(LogCorpus.Read(log).Crashes)
            .Clues.Single(c => c.Meaning == "raw-place").Says, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unaligned_pointer_in_the_allocator_is_a_list_that_others_broke() => Assert.Contains(Assert.Single(LogCorpus.Read(Stamped(
        "Unhandled kernel unaligned access[#1]:", "CPU: 2 PID: 32418 Comm: cook Not tainted 5.15.143 #0",
        "$ 0   : 00000000 00000001 f569816e 7dec2bac", "epc   : 80179298 kmem_cache_alloc+0xfc/0x30c",
            "ra    : 80030204 stir_pot+0x2d0/0x4b8",
        "Status: 1100fc02\tKERNEL EXL ", "Cause : c0800014 (ExcCode 05)", "BadVA : f569816e")).Crashes).Clues,
        c => c.Meaning == "free-list" && c.Elsewhere);
}
