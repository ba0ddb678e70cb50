using Kdump.Diagnosis.Evidence.Dumps;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules.Crashes;
using Kdump.Tests.Crashes;

namespace Kdump.Tests.Rules;

public sealed class HungTaskTests
{
    [Theory]
    [InlineData("ret_from_fork")]
    [InlineData("kthread")]
    [InlineData("do_syscall_64")]
    [InlineData("entry_SYSCALL_64_after_hwframe")]
    [InlineData("worker_thread")]
    [InlineData("kernel_thread_helper")]
    [InlineData("el0_svc_common")]
    [InlineData("system_call_fastpath")]
    public void Where_a_thread_or_a_system_call_begins_is_no_place_to_hang_in(string foot)
    {
        Finding f = Assert.Single(Explained.Findings("hung-task",
            "[ 1000.000000] INFO: task cook:345 blocked for more than 120 seconds.\n" +
            "[ 1000.000001] task:cook     state:D stack:    0 pid:  345 ppid:     2 flags:0x00004000\n[ 1000.000002] Call Trace:\n" +
            $"[ 1000.000003]  __schedule+0x282/0x870\n[ 1000.000004]  schedule+0x46/0xb0\n[ 1000.000005]  {foot}+0x22/0x30\n"));
        Assert.StartsWith("the task cook hung", f.Title, StringComparison.Ordinal);
        Assert.DoesNotContain(foot, f.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void The_report_becomes_a_finding_that_names_the_function_and_quotes_its_first_line()
    {
        Finding finding = Assert.Single(Explained.Findings("hung-task", Samples.Boot + Samples.HungTask));
        Assert.Equal("kitchen_enter", finding.Subject);
        Assert.True(finding.Severity >= Severity.Warning);
        Assert.NotEmpty(finding.Evidence);
        Assert.All(finding.Evidence, e => Assert.Contains(e.Text, Samples.HungTask));
    }

    [Fact]
    public void A_line_that_only_looks_like_it_is_no_finding()
    {
        Assert.Empty(Explained.Findings("hung-task", Samples.Boot + "[    5.000000] INFO: lockdep is turned off.\n"));
    }

    [Fact]
    public void The_panic_that_a_setting_makes_of_it_is_its_effect()
    {
        Verdict verdict = Explained.Verdict(
            Samples.Boot + Samples.HungTask + "[  360.500000] Kernel panic - not syncing: hung_task: blocked tasks\n");
        Finding panic = verdict.Findings.Single(f => f.Id == "kernel-panic");
        Assert.Contains("hung-task:kitchen_enter", panic.CausedBy);
        Assert.Equal("hung-task:kitchen_enter", verdict.RootCauses[0].Key);
    }

    [Fact]
    public void A_task_that_a_dump_shows_waiting_too_long_is_a_finding_where_the_log_is_silent()
    {
        Finding finding = Assert.Single(
            DumpFacts.Findings(new HungTask(),
            DumpFacts.Of(DumpFacts.Waiter(8, "waiter", 130, null, null), DumpFacts.Waiter(9, "guest", 119, null, null))));
        Assert.Equal("waiter (8) hung in kitchen_enter", finding.Title);
        Assert.Equal("kitchen_enter", finding.Subject);
    }

    /// <summary>kernel/hung_task.c skips TASK_KILLABLE: a process that waits for its NFS server or its vfork()ed child.</summary>
    [Fact]
    public void A_task_that_a_fatal_signal_would_wake_is_not_hung_and_may_wait_for_a_lock_all_the_same()
    {
        BlockedTask killable = DumpFacts.Waiter(8, "waiter", 5000, "mutex stove", new DumpTask(7, "cook")) with { Killable = true };
        Verdict verdict = Verdict.From(DumpFacts.Of(killable), [new HungTask(), new LockNotReleased()]);
        Assert.Equal(["lock-not-released"], verdict.Findings.Select(f => f.Id));
    }

    [Fact]
    public void A_task_of_which_the_log_speaks_is_told_once()
    {
        Facts facts = Explained.Facts(Samples.Boot + Samples.HungTask);
        facts.Add(DumpFacts.Waiter(8, "waiter", 130, null, null));
        Assert.Single(DumpFacts.Findings(new HungTask(), facts));
    }

    [Fact]
    public void A_task_follows_only_from_the_lock_that_it_is_proven_to_wait_for()
    {
        DumpTask cook = new(7, "cook"), maid = new(6, "maid");
        Verdict verdict = Verdict.From(DumpFacts.Of(
            DumpFacts.Waiter(8, "waiter", 130, "mutex stove", cook, function: "kitchen_enter"),
            DumpFacts.Waiter(9, "guest", 130, "mutex door", maid, function: "hall_enter"),
            DumpFacts.Waiter(10, "parent", 130, null, null, function: "kernel_clone"),
            DumpFacts.Waiter(11, "reader", 130, "semaphore menu", null, function: "menu_read")), [new HungTask(), new LockNotReleased()]);
        string[] CausesOf(string subject) => [.. verdict.Findings.Single(f => f.Id == "hung-task" && f.Subject == subject).CausedBy
            .Select(c => c.ToString())];
        Assert.Equal(["lock-not-released:mutex stove"], CausesOf("kitchen_enter"));
        Assert.Equal(["lock-not-released:mutex door"], CausesOf("hall_enter"));
        Assert.Empty(CausesOf("kernel_clone"));
        Assert.Empty(CausesOf("menu_read"));
    }

    [Fact]
    public void The_holder_who_stands_in_a_deadlock_follows_from_it()
    {
        DumpTask left = new(7, "left"), right = new(8, "right");
        Verdict verdict = Verdict.From(DumpFacts.Of(
            DumpFacts.Waiter(7, "left", 130, "mutex b", right), DumpFacts.Waiter(8, "right", 130, "mutex a", left),
            DumpFacts.Waiter(9, "third", 130, "mutex a", left, function: "third_wait"),
            new DumpDeadlock(new(DumpFacts.Path, "left, right"), ["left waits", "right waits"], [7, 8])),
            [new HungTask(), new LockNotReleased()]);
        Finding third = verdict.Findings.Single(f => f.Subject == "third_wait");
        Finding held = verdict.Findings.Single(f => f.Subject == "mutex a");
        Assert.Contains("lock-not-released:mutex a", third.CausedBy);
        Assert.Contains("lock-not-released:7 8", held.CausedBy);
    }

    [Fact]
    public void Tasks_without_a_function_that_wait_for_locks_of_two_kinds_are_two_findings()
    {
        static string Thread(string name, int pid, int second, string wait) => string.Concat(new[]
        {
            $"INFO: task {name}:{pid} blocked for more than 5 seconds.", "      Tainted: G           OE     5.10.0 #1",
            $"task:{name}       state:D stack:    0 pid:  {pid} ppid:     2 flags:0x00004000", "Call Trace:", " __schedule+0x282/0x870",
            " schedule+0x46/0xb0", $" {wait}+0x2a1/0x460", " kthread+0x11b/0x140", " ret_from_fork+0x22/0x30",
        }.Select((l, i) => $"[   {second}.{i:000000}] {l}\n"));
        Finding[] found = [.. Explained.Findings("hung-task", Thread("first", 202, 20, "__mutex_lock.constprop.0") +
            Thread("second", 203, 21, "rwsem_down_read_slowpath") + Thread("third", 204, 22, "__mutex_lock.constprop.0"))];
        Assert.Equal(2, found.Length);
        Assert.Contains(found, f => f.Title == "2 tasks hung waiting for a mutex: first, third");
        Assert.Contains(found, f => f.Title == "the task second hung, waiting for an rwsem");
    }

    private static string Hung(string task, int second, string function, string module = "") => string.Concat(new[]
        {
            $"INFO: task {task} blocked for more than 120 seconds.", "      Not tainted 6.1.0 #1", "Call Trace:", " __schedule+0x2eb/0x8d0",
            " schedule+0x5b/0xd0", $" {function}+0x8a/0xd0{module}", " do_syscall_64+0x5b/0xc0",
        }.Select((l, i) => $"[  {second}.{i:000000}] {l}\n"));

    [Fact]
    public void Tasks_that_wait_for_one_thing_are_one_finding()
    {
        Finding finding = Assert.Single(Explained.Findings("hung-task", Samples.Boot +
            Hung("postgres:12", 300, "wait_transaction_locked", " [jbd2]") + Hung("cron:13", 301, "jbd2_log_wait_commit", " [jbd2]")));
        Assert.Contains("2 tasks hung waiting for the journal of ext4", finding.Title, StringComparison.Ordinal);
        Assert.Contains("postgres", finding.Title, StringComparison.Ordinal);
        Assert.Contains("cron", finding.Title, StringComparison.Ordinal);
    }

    [Fact]
    public void Tasks_that_wait_for_different_things_are_different_findings() => Assert.Equal(2, Explained.Findings("hung-task",
        Samples.Boot + Hung("postgres:12", 300, "wait_transaction_locked", " [jbd2]") + Hung("ip:13", 301, "rtnl_lock")).Count);

    [Theory]
    [InlineData("dtr_free+0x315/0x350 [drbd_transport_rdma]", "drbd_adm_down+0xee/0x350 [drbd]", "waiting for DRBD")]
    [InlineData("__rbd_wait+0x15/0x350", "vfs_read+0xee/0x350", "Ceph")]
    public void A_name_within_another_is_not_that_name(string inner, string outer, string awaited)
    {
        string title = Explained.Verdict($"""
            [  489.615298] INFO: task cook:3646 blocked for more than 120 seconds.
            [  489.615345]       Not tainted 5.4.0-139-generic #156-Ubuntu
            [  489.615424] cook            D    0  3646      1 0x00004004
            [  489.615427] Call Trace:
            [  489.615438]  __schedule+0x2e3/0x740
            [  489.615441]  schedule+0x42/0xb0
            [  489.615450]  {inner}
            [  489.615487]  {outer}
            """).Findings.First(f => f.Id == "hung-task").Title;
        Assert.Contains(awaited, title, StringComparison.Ordinal);
    }

    [Fact]
    public void Frames_that_nobody_confirmed_do_not_make_a_thread_that_never_started()
    {
        string title = Explained.Verdict("""
            INFO: task jbd2/vdt-8:390 blocked for more than 120 seconds.
            Not tainted 4.9.0-11-amd64 #1 Debian 4.9.189-3+deb9u1
            jbd2/vdt-8 D 0 390 2 0x00000000
            Call Trace:
            [<ffffffff8de17609>] ? __schedule+0x239/0x6f0
            [<ffffffff8de17af2>] ? schedule+0x32/0x80
            [<ffffffff8de1736d>] ? io_schedule_timeout+0x9d/0x100
            [<ffffffffc041afe9>] ? jbd2_journal_commit_transaction+0xf59/0x17c0 [jbd2]
            [<ffffffff8d89abc9>] ? kthread+0xd9/0xf0
            """).Findings.First(f => f.Id == "hung-task").Title;
        Assert.DoesNotContain("first wake-up", title, StringComparison.Ordinal);
        Assert.Contains("waiting for a disk", title, StringComparison.Ordinal);
    }
}
