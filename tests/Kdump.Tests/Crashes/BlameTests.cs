using Kdump.Diagnosis.Crashes.Clues;
using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Crashes;

/// <summary>Whom a report blames where the innermost function is only the place: library code, a waiter, a stale callback.</summary>
public sealed class BlameTests
{
    private static string Stamped(params string[] lines) => string.Concat(lines.Select((l, i) => $"[  100.{i:000000}] {l}\n"));

    private static Clue? ClueOf(string log, string meaning) =>
        LogCorpus.Read(log).Crashes.SelectMany(c => c.Clues).FirstOrDefault(c => c.Meaning == meaning);

    private static string Null(string rip, params string[] callers) => Stamped(
        ["BUG: kernel NULL pointer dereference, address: 0000000000000018", "#PF: supervisor read access in kernel mode",
            "Oops: 0000 [#1] PREEMPT SMP", "CPU: 3 PID: 7 Comm: cook Not tainted 6.1.0 #1", $"RIP: 0010:{rip}+0x10/0x20",
            "RSP: 0018:ffffc90000a3fe28 EFLAGS: 00000246", "Call Trace:", " <TASK>", .. callers.Select(c => $" {c}"),
            " do_syscall_64+0x5b/0xc0", " entry_SYSCALL_64_after_hwframe+0x6e/0xd8", " </TASK>"]);

    [Theory]
    [InlineData("idr_remove")]
    [InlineData("strcmp")]
    [InlineData("mutex_lock")]
    [InlineData("__list_del_entry_valid")]
    [InlineData("kfree")]
    public void Code_of_the_library_keeps_its_name_and_its_caller_is_told(string function)
    {
        Finding f = Assert.Single(Explained.Findings("kernel-oops",
            Null(function, "pan_stir+0x10/0x20 [kitchen]", "dish_serve+0x10/0x20 [kitchen]")));
        Assert.Contains(function, f.Title + f.Why, StringComparison.Ordinal);
        Assert.Contains("pan_stir", f.Title, StringComparison.Ordinal);
        Assert.Contains("kitchen", f.Title + f.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_function_that_is_no_library_is_told_alone()
    {
        Finding f = Assert.Single(Explained.Findings("kernel-oops", Null("pan_fry", "pan_stir+0x10/0x20 [kitchen]")));
        Assert.DoesNotContain("called by", f.Title, StringComparison.Ordinal);
        Assert.DoesNotContain("works on what it is handed", f.Why, StringComparison.Ordinal);
    }

    private static string Hung(params string[] frames) => Stamped(["INFO: task cook:345 blocked for more than 120 seconds.",
        "task:cook     state:D stack:    0 pid:  345 ppid:     2 flags:0x00004000", "Call Trace:", " __schedule+0x282/0x870",
        " schedule+0x46/0xb0", " __mutex_lock+0x12/0x34", .. frames.Select(f => $" {f}+0x10/0x20")]);

    [Fact]
    public void A_task_that_asks_again_for_what_it_has_waits_for_itself()
    {
        Clue clue = Assert.IsType<Clue>(
            ClueOf(Hung("rtnl_lock", "pan_resume", "__dev_open", "do_setlink", "rtnetlink_rcv_msg"), "own-lock"));
        Assert.Contains("rtnl_lock", clue.Says, StringComparison.Ordinal);
        Assert.Contains("pan_resume", clue.Says, StringComparison.Ordinal);
        Assert.NotNull(ClueOf(Hung("cpus_read_lock", "pan_fry", "cpuhp_invoke_callback", "_cpu_down"), "own-lock"));
    }

    [Theory]
    [InlineData("rtnl_lock", "rtnetlink_rcv_msg")]
    [InlineData("rtnl_lock", "tc_new_tfilter", "rtnetlink_rcv_msg")]
    [InlineData("rtnl_lock", "register_netdev", "pan_probe")]
    [InlineData("rtnl_lock", "linkwatch_event", "process_one_work")]
    [InlineData("device_lock", "pan_probe", "really_probe")]
    [InlineData("cpus_read_lock", "pan_fry", "cpuhp_invoke_callback", "cpuhp_thread_fun")]
    public void A_task_that_waits_for_another_is_not_said_to_wait_for_itself(params string[] frames) =>
        Assert.Null(ClueOf(Hung(frames), "own-lock"));

    [Fact]
    public void Functions_that_call_each_other_until_the_stack_is_full_are_named()
    {
        string[] round = ["pan_fill+0x10/0x20 [kitchen]", "pan_lower+0x10/0x20 [kitchen]", "pan_raise+0x10/0x20 [kitchen]"];
        string log = Stamped(["BUG: TASK stack guard page was hit at 0000000072c1f5e1 (stack is 00000000d1e2f3a4..0000000012345678)",
            "stack guard page: 0000 [#1] PREEMPT SMP", "CPU: 3 PID: 7 Comm: cook Not tainted 6.1.0 #1",
            "RIP: 0010:pan_fill+0x2/0x20 [kitchen]",
            "RSP: 0018:ffffc90000a3fe28 EFLAGS: 00000246", "Call Trace:", " <TASK>",
            .. Enumerable.Range(0, 5).SelectMany(_ => round).Select(f => $" {f}"), " </TASK>"]);
        Clue clue = Assert.IsType<Clue>(ClueOf(log, "recursion"));
        Assert.Contains("kitchen", clue.Says, StringComparison.Ordinal);
        foreach (string name in new[] { "pan_fill", "pan_lower", "pan_raise" })
            Assert.Contains(name, clue.Says, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rcu_do_batch", "RCU callback")]
    [InlineData("call_timer_fn", "timer")]
    [InlineData("process_one_work", "work item")]
    public void A_jump_to_nowhere_out_of_a_queue_is_the_queued_objects(string caller, string says)
    {
        string log = Stamped("BUG: unable to handle page fault for address: ffffffffc0a01234",
            "#PF: supervisor instruction fetch in kernel mode", "#PF: error_code(0x0010) - not-present page", "Oops: 0010 [#1] PREEMPT SMP",
            "CPU: 3 PID: 0 Comm: swapper/3 Not tainted 6.1.0 #1", "RIP: 0010:0xffffffffc0a01234",
            "Code: Unable to access opcode bytes at 0xffffffffc0a0120a.", "RSP: 0018:ffffc90000a3fe28 EFLAGS: 00000246", "Call Trace:",
            " <TASK>", $" ? {caller}+0x10/0x20", $" {caller}+0x10/0x20", " pan_loop+0x10/0x20", " </TASK>");
        Clue clue = Assert.IsType<Clue>(ClueOf(log, "stale-callback"));
        Assert.Contains(says, clue.Says, StringComparison.Ordinal);
        Assert.Contains("use after free", clue.Says, StringComparison.Ordinal);
    }

    private static string Stuck(string first) => Stamped(first, "watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [cook:7]",
        "CPU: 3 PID: 7 Comm: cook Not tainted 6.1.0 #1", "RIP: 0010:raid5_pan+0x10/0x20 [raid456]",
        "RSP: 0018:ffffc90000a3fe28 EFLAGS: 00000246", "Call Trace:", " <TASK>", " raid5d+0x10/0x20 [raid456]", " kthread+0x10/0x20",
        " </TASK>");

    [Fact]
    public void Sleep_in_an_interrupt_is_its_handlers()
    {
        string log = Stamped("BUG: scheduling while atomic: swapper/0/0/0x00010002", "Preemption disabled at:", " pan_idle+0x10/0x20",
            "CPU: 0 PID: 0 Comm: swapper/0 Not tainted 6.1.0 #1", "Call Trace:", " dump_stack+0x10/0x20", " __schedule_bug+0x10/0x20",
            " __schedule+0x10/0x20", " schedule+0x10/0x20", " pan_transfer+0x10/0x20", " pan_handler+0x10/0x20 [kitchen]",
            " __handle_irq_event_percpu+0x10/0x20", " handle_irq_event+0x10/0x20", " do_idle+0x10/0x20");
        Clue clue = Assert.IsType<Clue>(ClueOf(log, "atomic-since"));
        Assert.Contains("pan_handler() of kitchen", clue.Says, StringComparison.Ordinal);
        Assert.DoesNotContain("pan_idle", clue.Says, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("d53ccb21", true)]
    [InlineData("00000000", false)]
    public void An_instruction_about_a_register_that_is_not_there_is_no_damage(string word, bool register)
    {
        string log = Stamped("Internal error: Oops - Undefined instruction: 0000000002000000 [#1] SMP",
            "CPU: 0 PID: 18 Comm: cook Not tainted 6.18.0 #1", "pc : pan_probe+0x14/0x44", "lr : pan_stir+0x48/0xd8", "Call trace:",
            " pan_probe+0x14/0x44", " pan_stir+0x48/0xd8", $"Code: 52800000 f100203f 54000040 d65f03c0 ({word})");
        Clue clue = Assert.IsType<Clue>(ClueOf(log, "bad-instruction"));
        Assert.Equal(register, clue.Says.Contains("system register", StringComparison.Ordinal));
    }

    [Fact]
    public void A_disk_that_went_away_before_code_for_disks_got_stuck_is_quoted()
    {
        Clue clue = Assert.IsType<Clue>(ClueOf(Stuck("sd 0:0:3:0: [sdd] Synchronize Cache(10) failed: Result: hostbyte=DID_NO_CONNECT"),
            "just-before"));
        Assert.Contains("[sdd]", clue.Says, StringComparison.Ordinal);
        Assert.Null(ClueOf(Stuck("usb 1-2: USB disconnect, device number 4"), "just-before"));
    }

    [Fact]
    public void A_driver_that_resets_its_controller_while_the_machine_runs_is_told_and_one_that_starts_is_not()
    {
        const string Line = "mpt3sas_cm0: sending diag reset !!\n";
        Assert.NotEmpty(Explained.Findings("storage-controller-failed", "[  664.939940] " + Line));
        Assert.Empty(Explained.Findings("storage-controller-failed", "[   11.939940] " + Line));
    }
}
