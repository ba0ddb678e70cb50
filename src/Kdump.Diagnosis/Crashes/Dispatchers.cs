namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// Functions that call the code of others: system call entry, work queues, timers, softirqs, file and socket operations. A stuck
/// CPU shows a random innermost function; the stable name is the function that the first of these calls.
/// </summary>
internal static class Dispatchers
{
    private static readonly string[] SystemCalls =
    [
        "do_syscall_", "do_fast_syscall_", "sysenter_dispatch", "tracesys_phase2", "el0_svc_handler", "invoke_syscall", "ret_fast_syscall",
        "exit_to_usermode", "^socketpair", "^connect", "^ioctl", "^sys_socketpair", "^sys_connect", "^sys_ioctl", "^setsockopt$",
            "^listen$", "^accept$",
    ];

    private static readonly string[] DeferredWork =
    [
        "process_one_work", "do_softirq", "call_timer_fn", "_run_timers", "run_timer_softirq", "hrtimer_run", "run_ksoftirqd",
            "smpboot_thread_fn",
        "tasklet_action", "tasklet_hi_action", "task_work_run", "^kthread$", "ret_from_fork", "start_secondary", "cpu_startup_entry",
    ];

    private static readonly string[] Files =
    [
        "vfs_write", "vfs_read", "vfs_iter_read", "vfs_iter_write", "do_iter_read", "do_iter_write", "call_read_iter", "call_write_iter",
        "new_sync_read", "new_sync_write", "vfs_ioctl", "ksys_ioctl", "compat_ioctl", "compat_sys_ioctl", "blkdev_driver_ioctl",
            "blkdev_ioctl",
        "^call_mmap", "mmap_region", "do_mmap", "do_dentry_open", "vfs_open", "__fput",
    ];

    private static readonly string[] Sockets =
    [
        "netif_receive_skb", "^sock_sendmsg", "^sock_recvmsg", "^sock_release", "^__sock_release", "kernel_setsockopt",
            "sock_common_setsockopt",
        "kernel_listen", "kernel_accept", "sk_common_release", "^sock_mmap", "^sock_do_ioctl", "^sock_ioctl", "^compat_sock_ioctl",
        "^nfnetlink_rcv_msg", "^rtnetlink_rcv_msg", "^netlink_dump",
    ];

    private static readonly string[] Faults = ["__do_fault", "do_page_fault", "^page_fault$"];

    /// <summary>A call to all CPUs waits for the slowest: the caller is a victim, so the call itself is the name.</summary>
    private const string CrossCall = "smp_call_function";

    private static readonly NamePattern Names = new(SystemCalls, DeferredWork, Files, Sockets, Faults, [CrossCall]);

    /// <summary>Index of the frame that a dispatcher of the stack called, and its name; -1 when the stack shows no dispatcher.</summary>
    public static int Callee(IReadOnlyList<string> names, out string name)
    {
        for (int i = 0; i < names.Count; i++)
        {
            if (!Names.Fits(names[i]))
                continue;
            bool cross = names[i].Contains(CrossCall, StringComparison.Ordinal);
            int at = cross ? i : Math.Max(0, i - 1);
            name = cross ? CrossCall : names[at];
            return at;
        }
        name = "";
        return -1;
    }
}
