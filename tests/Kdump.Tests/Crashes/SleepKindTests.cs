using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Crashes.Clues;
using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Crashes;

/// <summary>On what a blocked task sleeps is read from its stack, as far as it is one of the kernel's own means.</summary>
public sealed class SleepKindTests
{
    [Theory]
    [InlineData("a mutex", "schedule", "schedule_preempt_disabled", "__mutex_lock_slowpath", "mutex_lock", "btrfs_file_write_iter")]
    [InlineData("a mutex", "__schedule", "schedule", "__mutex_lock.isra.0", "cook")]
    [InlineData("an rt_mutex", "schedule", "__rt_mutex_slowlock", "rt_mutex_lock", "cook")]
    [InlineData("an rwsem, for writing", "schedule", "rwsem_down_write_slowpath", "down_write", "cook")]
    [InlineData("an rwsem, for reading", "schedule", "rwsem_down_read_failed", "call_rwsem_down_read_failed", "down_read", "cook")]
    [InlineData("a per-CPU rwsem, for writing", "schedule", "percpu_down_write", "cgroup_procs_write")]
    [InlineData("a semaphore", "schedule_timeout", "__down", "down", "cook")]
    [InlineData("a completion, which another task or an interrupt gives", "schedule_timeout", "wait_for_completion", "cook")]
    [InlineData("a bit, which another task clears", "schedule", "bit_wait", "__wait_on_bit", "cook")]
    [InlineData(null, "schedule", "cook", "mutex_lock")]
    [InlineData(null, "schedule", "schedule_timeout", "cook")]
    [InlineData(null)]
    public void It_is_named_by_the_innermost_function_that_is_one(string? words, params string[] stack) =>
        Assert.Equal(words, SleepKind.Of([.. stack.Select(f => new StackFrame(f, 0x10, 0x20, null, true))])?.Words);

    [Theory]
    [InlineData(true, "mutex_lock")]
    [InlineData(true, "rt_mutex_slowlock")]
    [InlineData(true, "percpu_down_write")]
    [InlineData(true, "down_read")]
    [InlineData(false, "__down")]
    [InlineData(false, "wait_for_completion")]
    [InlineData(false, "bit_wait")]
    public void Mutexes_and_rwsems_are_locks_that_a_task_holds(bool isLock, string function) =>
        Assert.Equal(isLock, SleepKind.Of([new StackFrame(function, 0x10, 0x20, null, true)])!.IsLock);

    [Fact]
    public void Frames_that_the_unwinder_could_not_confirm_count_where_there_are_no_others()
    {
        StackFrame[] guessed = [.. new[] { "schedule_preempt_disabled", "__mutex_lock_slowpath", "mutex_lock", "cleanup_net" }
            .Select(f => new StackFrame(f, 0x10, 0x20, null, false))];
        Assert.Equal("a mutex", SleepKind.Of(guessed)?.Words);
        Assert.Null(SleepKind.Of([new StackFrame("io_schedule", 0x10, 0x20, null, true), .. guessed,
            new StackFrame("cook", 0x10, 0x20, null, true)]));
    }

    [Fact]
    public void A_hung_worker_is_told_with_its_work_item_and_what_it_waits_for()
    {
        string log = "[  480.0] INFO: task kworker/u4:2:141 blocked for more than 120 seconds.\n" +
            "[  480.0]       Tainted: G         C    3.16.0-4-amd64 #1\n" +
            "[  480.0] kworker/u4:2    D ffff880214ddb788     0   141      2 0x00000000\n" +
            "[  480.0] Workqueue: netns cleanup_net\n[  480.0] Call Trace:\n" +
            "[  480.0]  [<ffffffff81510915>] ? schedule_preempt_disabled+0x25/0x70\n" +
            "[  480.0]  [<ffffffff815123a3>] ? __mutex_lock_slowpath+0xd3/0x1c0\n";
        Finding hung = Assert.Single(Explained.Findings("hung-task", log));
        Assert.Equal("the task kworker/u4:2 hung in the work item cleanup_net, waiting for a mutex", hung.Title);
    }
}
