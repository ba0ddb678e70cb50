using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>Stacks by debuggers, and the kernel's own list of blocked tasks: who waits for what.</summary>
public sealed class StackWaitsTests
{
    private static Finding Of(string text, string id = "stack-waits") => Explained.Verdict(text).Findings.First(f => f.Id == id);

    [Fact]
    public void A_stack_of_drgn_that_ends_the_kernel_names_the_place_with_its_line()
    {
        Finding finding = Of("""
            >>> prog.crashed_thread().stack_trace()
            #0  __crash_kexec (kernel/kexec_core.c:957:2)
            #1  panic (kernel/panic.c:222:2)
            #2  oops_end (arch/x86/kernel/dumpstack.c:370:3)
            #3  exc_page_fault (arch/x86/mm/fault.c:1490:2)
            #4  asm_exc_page_fault+0x22 (./arch/x86/include/asm/idtentry.h:570)
            #5  gc_worker+0x3a (net/netfilter/nf_conntrack_core.c:1480:5)
            #6  process_one_work (kernel/workqueue.c:2289:2)
            """, "stack-of-dump");
        Assert.Equal("the kernel crashed in gc_worker", finding.Title);
        Assert.Contains("net/netfilter/nf_conntrack_core.c:1480", finding.Why, StringComparison.Ordinal);
        Assert.Contains("drgn", finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stack_of_gdb_whose_place_stands_on_the_next_line_is_read_whole()
    {
        Finding finding = Of("""
            (gdb) bt
            #0  0xffffffff81a3c2d5 in native_queued_spin_lock_slowpath (lock=0xffff88807d9e2a40, val=1)
                at kernel/locking/qspinlock.c:382
            #1  0xffffffff81a3b1f7 in _raw_spin_lock_irqsave (lock=0xffff88807d9e2a40) at kernel/locking/spinlock.c:162
            #2  0xffffffffc03d51b2 in mydrv_isr (irq=19, dev_id=0xffff88807d9e2a00)
                at /home/me/mydrv/main.c:214
            #3  0xffffffff810e8a3b in __handle_irq_event_percpu (desc=0xffff888003a1c400) at kernel/irq/handle.c:158
            """);
        Assert.Equal("a CPU spins on a lock in mydrv_isr", finding.Title);
        Assert.Contains("main.c:214", finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_backtrace_of_a_program_is_no_stack_of_the_kernel() =>
        Assert.DoesNotContain(Explained.Verdict("""
            #0  0x00007ffff7c8e834 in __pthread_kill_implementation () from /lib64/libc.so.6
            #1  0x00007ffff7c3c8ee in raise () from /lib64/libc.so.6
            #2  0x00007ffff7c248ff in abort () from /lib64/libc.so.6
            #3  0x0000555555555171 in main () at main.c:12
            """).Findings, f => f.Id is "stack-waits" or "stack-of-dump");

    [Fact]
    public void Blocked_tasks_that_the_kernel_lists_say_what_each_waits_for()
    {
        Finding[] all = [.. Explained.Verdict("""
            task:multipathd      state:D stack:25328 pid:42300 tgid:42287 ppid:1      task_flags:0x400140 flags:0x00004002
            Call Trace:
             <TASK>
             __schedule+0x8c1/0x1bf0
             schedule+0xdd/0x270
             __mutex_lock+0xb89/0x1650
             dm_table_set_restrictions+0x823/0xdf0 [dm_mod]
             __bind+0x166/0x590 [dm_mod]
             </TASK>
            task:(udev-worker)   state:D stack:27192 pid:47908 tgid:47908 ppid:1791   task_flags:0x480140 flags:0x00004006
            Call Trace:
             <TASK>
             __schedule+0x8c1/0x1bf0
             schedule+0xdd/0x270
             blk_mq_freeze_queue_wait+0xf2/0x140
             queue_ra_store+0x14e/0x290
             </TASK>
            """).Findings.Where(f => f.Id == "stack-waits")];
        Assert.Contains(all, f => f.Title.Contains("multipathd (42300) waits in dm_table_set_restrictions", StringComparison.Ordinal));
        Assert.Contains(all, f => f.Title.Contains("(udev-worker) (47908)", StringComparison.Ordinal) &&
            f.Title.Contains("frozen", StringComparison.Ordinal));
    }

    [Fact]
    public void Places_of_CPUs_by_gdb_tell_of_a_busy_loop() => Assert.StartsWith("2 CPUs wait in a busy loop", Of("""
        (gdb) info threads
          Id   Target Id         Frame
        * 1    Thread 1.1 (CPU#0 [running]) 0xffffffff810de405 in rep_nop () at arch/x86/include/asm/processor.h:647
          2    Thread 1.2 (CPU#1 [running]) 0xffffffff810de405 in rep_nop () at arch/x86/include/asm/processor.h:647
          3    Thread 1.3 (CPU#2 [halted ]) 0xffffffff81a3c2d5 in native_safe_halt () at arch/x86/include/asm/irqflags.h:55
        """).Title, StringComparison.Ordinal);

    [Theory]
    [InlineData("epc   : 80012a44 memcpy+0x44/0x5e0", "ra    : 868c21f0 mt7603_tx_prepare_skb+0x1c4/0x330 [mt7603e]", "mt7603e")]
    [InlineData("epc : __memcpy+0x60/0xf8", " ra : dwmmc_pull_data+0x52/0x9a [dw_mmc]", "dw_mmc")]
    [InlineData("NIP [c00000000009d2a8] memcpy_power7+0x88/0x600", "LR [c008000001c82f60] qla2x00_copy_fce+0x1a0/0x2c0 [qla2xxx]",
        "qla2xxx")]
    [InlineData("pc : __memset+0x16c/0x188", "lr : rockchip_vpu_start+0x88/0x120 [hantro_vpu]", "hantro_vpu")]
    public void The_caller_is_in_a_register_of_each_architecture(string place, string register, string module) =>
        Assert.Contains($"of the module {module}", Of($"""
            [   61.511232] Unable to handle kernel paging request at virtual address ffff800081c4e000
            [   61.511320] Oops [#1]
            [   61.511330] CPU: 2 PID: 1421 Comm: ffmpeg Not tainted 6.6.30 #1
            [   61.511344] {place}
            [   61.511350] {register}
            """, "kernel-oops").Why, StringComparison.Ordinal);

    [Theory]
    [InlineData("[  474.109484] CPU 0 Unable to handle kernel paging request at virtual address 70360064, epc == 70360064, ra == 80004294")]
    [InlineData("[  474.109484] CPU 0 Unable to handle kernel paging request at virtual address 000000000ab31000, era == " +
        "000000000ab31000, " +
        "ra == 9000000000a31c28")]
    public void A_place_that_is_the_bad_address_was_jumped_to(string line) => Assert.Contains("It jumped to", Of(line + """

        [  474.120680] Oops[#1]:
        [  474.123022] CPU: 0 PID: 15281 Comm: timeout Not tainted 6.6.67 #0
        [  474.183399] ra    : 80004294 arch_align_stack+0x50/0x70
        """, "kernel-oops").Why, StringComparison.Ordinal);

    [Fact]
    public void A_stack_whose_head_is_lost_says_what_its_task_waits_for() => Assert.StartsWith("a task waits in vdev_queue_io_done", Of("""
        Feb 28 07:45:55 pimbra kernel: [71706.957009] Call Trace:
        Feb 28 07:45:55 pimbra kernel: [71706.958922]  [<ffffffff8103c14a>] ? need_resched+0x23/0x2d
        Feb 28 07:45:55 pimbra kernel: [71706.960846]  [<ffffffff8146929f>] __mutex_lock_common.clone.5+0x12f/0x196
        Feb 28 07:45:55 pimbra kernel: [71706.966590]  [<ffffffff81469156>] mutex_lock+0x36/0x50
        Feb 28 07:45:55 pimbra kernel: [71706.968536]  [<ffffffffa054c104>] vdev_queue_io_done+0x32/0xb2 [zfs]
        Feb 28 07:45:55 pimbra kernel: [71706.972449]  [<ffffffffa0572718>] zio_execute+0xc6/0xf0 [zfs]
        """).Title, StringComparison.Ordinal);

    [Fact]
    public void A_kernel_thread_that_nobody_woke_waits_for_its_first_wake_up() => Assert.Contains("its first wake-up", Of("""
        [  240.100000] INFO: task kinteractiveup:64 blocked for more than 120 seconds.
        [  240.100001] kinteractiveup  D 00000000     0    64      2 0x00100000
        [  240.100002] Call Trace:
        [  240.100003] [<8066c218>] __schedule+0x2b8/0x7fc
        [  240.100004] [<800735f0>] kthread+0x6c/0x90
        [  240.100005] [<8001e9ac>] kernel_thread_helper+0x10/0x18
        """, "hung-task").Title, StringComparison.Ordinal);

    [Theory]
    [InlineData("qbuckets2       D ffffffffa047cde8     0  4037   3994 0x00000080", "qbuckets2 (4037)")]
    [InlineData("my task         D    0  4037   3994 0x00004004", "my task (4037)")]
    public void Without_its_head_the_line_of_the_task_still_names_it(string task, string who) =>
        Assert.StartsWith($"{who} waits in nfs4_discover_server_trunking", Of($"""
            [ 1326.459212] "echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.
            [ 1326.467155] {task}
            [ 1326.498508] Call Trace:
            [ 1326.501076]  [<ffffffff8168ca69>] schedule_preempt_disabled+0x29/0x70
            [ 1326.507636]  [<ffffffff8168a6c5>] __mutex_lock_slowpath+0xc5/0x1c0
            [ 1326.520166]  [<ffffffff81689b2f>] mutex_lock+0x1f/0x2f
            [ 1326.525440]  [<ffffffffa0433948>] nfs4_discover_server_trunking+0x48/0x2c0 [nfsv4]
            """).Title, StringComparison.Ordinal);
}
