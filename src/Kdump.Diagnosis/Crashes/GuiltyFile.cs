namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// The source file to look into, where a report was decoded (scripts/decode_stacktrace.sh, or frames with <c>file.c:12</c>): the
/// first one in the report that is not code shared by all subsystems.
/// </summary>
internal static class GuiltyFile
{
    /// <summary>
    /// Shared code: entry, memory, locks, time, work queues, printing, checks. Crashes of every subsystem pass through it.
    /// </summary>
    private static readonly string[] Everybodys =
    [
        "arch/", "include/", "lib/", "rust/", "mm/kasan/", "mm/kmsan/", "mm/kfence/", "mm/slab", "mm/slub.c", "mm/slob.c",
            "mm/page_alloc.c", "mm/util.c", "mm/percpu", "mm/vmalloc.c", "mm/memory.c", "mm/mempolicy.c",
        "mm/usercopy.c", "mm/debug", "mm/kmemleak.c", "mm/memblock.c", "mm/mmap.c", "mm/gup.c", "mm/filemap.c", "mm/fault-inject.c",
            "mm/failslab.c", "mm/maccess.c", "mm/process_vm_access.c",
        "kernel/locking/", "kernel/rcu/", "kernel/time/", "kernel/sched/", "kernel/printk/", "kernel/kcsan/", "kernel/workqueue.c",
            "kernel/kthread.c", "kernel/softirq.c", "kernel/panic.c", "kernel/exit.c", "kernel/fork.c",
        "kernel/irq_work.c", "kernel/smp", "kernel/stacktrace.c", "kernel/hung_task.c", "kernel/watchdog", "kernel/stop_machine.c",
            "kernel/task_work.c", "kernel/signal.c", "kernel/entry/", "kernel/events/callchain.c", "kernel/kcov.c",
        "kernel/irq/", "kernel/cpu.c", "kernel/notifier.c",
    ];

    /// <summary>Layers that pass work on to others: taken as the cause only if the report names nothing else.</summary>
    private static readonly string[] Layers =
    [
        "security/", "drivers/base/", "drivers/usb/core/", "block/blk-core.c", "fs/read_write.c", "fs/open.c", "fs/file_table.c",
            "fs/namei.c", "fs/ioctl.c", "fs/super.c", "fs/inode.c", "fs/dcache.c", "fs/proc/", "fs/seq_file.c",
        "net/core/dev.c", "net/core/skbuff.c", "net/core/sock.c", "net/core/datagram.c", "net/core/stream.c", "net/core/net_namespace.c",
            "net/core/rtnetlink.c", "net/netlink/", "net/socket.c", "net/compat.c",
    ];

    public static string? Of(List<ReportLine> lines, int end)
    {
        // Lines above the stack are about locks and other tasks.
        int start = lines.FindIndex(0, Math.Min(end, lines.Count), l => TraceStart.IsCall(l.Text));
        return From(lines, Math.Max(start, 0), end) ?? (start > 0 ? From(lines, 0, start) : null);
    }

    private static string? From(List<ReportLine> lines, int start, int end)
    {
        string? layer = null, any = null;
        foreach (ReportLine line in lines.Take(end).Skip(start))
        {
            if (line.Guess || Details.PlaceIn(line.Text) is not { } place)
                continue;
            string file = place[..place.IndexOf(':')];
            if (file.StartsWith("./", StringComparison.Ordinal))
                file = file[2..];
            if (!file.EndsWith(".c", StringComparison.Ordinal) && !file.EndsWith(".rs", StringComparison.Ordinal))
                continue;
            any ??= file;
            if (Everybodys.Any(s => file.StartsWith(s, StringComparison.Ordinal)))
                continue;
            layer ??= file;
            if (!Layers.Any(s => file.StartsWith(s, StringComparison.Ordinal)))
                return file;
        }
        return layer ?? any;
    }
}
