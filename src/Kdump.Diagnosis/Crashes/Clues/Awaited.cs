namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// What a blocked task waits for, by the functions and modules of its stack: tasks that wait for one thing are one story. The innermost
/// specific wait decides; that of the block layer only where nobody above it is known.
/// </summary>
/// <param name="Name">Kebab-case and stable.</param>
/// <param name="Words">As a person would say it.</param>
/// <param name="Look">Who holds it up.</param>
public sealed record Awaited(string Name, string Words, string Look)
{
    private const int Deep = 24;

    private static readonly (NamePattern Names, string[] Modules, Awaited What)[] Specific =
    [
        (new(["wait_transaction_locked", "jbd2_", "add_transaction_credits", "start_this_handle", "wait_on_commit", "ext4_journal"]),
            ["jbd2"],
            new("jbd2", "the journal of ext4 (jbd2)", "the journal's own thread (jbd2/DEVICE) and the disk below it")),
        (new(["xlog_", "xfs_log_", "xfs_ail", "xfs_buf_lock", "xfs_buf_iowait"]), [],
            new("xfs-log", "the log or a buffer of XFS", "the disk below the file system, and the task that holds the buffer")),
        (new(["wait_current_trans", "btrfs_commit_transaction", "btrfs_tree_lock", "btrfs_tree_read_lock", "btrfs_start_ordered"]), [],
            new("btrfs", "a transaction or lock of btrfs", "the thread btrfs-transaction and the disks below")),
        (new(["rpc_wait_bit", "__rpc_execute", "nfs_wait", "nfs4_", "nfs_lock", "nfs_do_lookup"]), ["sunrpc", "nfs", "nfsv3", "nfsv4"],
            new("nfs-server", "the answer of an NFS server", "the server and the network to it")),
        (new(["cifs_", "smb2_", "SMB2_"]), ["cifs"],
            new("smb-server", "the answer of an SMB server", "the server and the network to it")),
        (new(["ceph_", "rbd_"]), ["ceph", "rbd", "libceph"],
            new("ceph", "the answer of a Ceph cluster (rbd, CephFS)", "the cluster's health (ceph -s) and the network to it")),
        (new(["nbd_"]), ["nbd"], new("nbd", "the answer of an NBD server", "the server and the network to it")),
        (new(["drbd_", "dtr_", "dtt_"]), ["drbd", "drbd_transport_rdma", "drbd_transport_tcp"],
            new("drbd", "DRBD", "the peer and the network to it, and at the disk and activity log of DRBD here")),
        (new(["request_wait_answer", "fuse_simple_request", "__fuse_request_send", "fuse_wait"]), ["fuse"],
            new("fuse", "the program behind a FUSE file system", "that program")),
        (new(["autofs_wait"]), ["autofs4"], new("autofs", "the automounter", "the automount daemon, and what it mounts")),
        (new(["cv_wait_common", "txg_wait", "zio_wait", "cv_timedwait"]), ["zfs", "spl"],
            new("zfs", "a ZFS pool", "the pool's state (zpool status) and its disks")),
        (new(["raid5_get_active_stripe", "md_handle_request", "md_write_start", "raid1_", "raid10_", "md_super_wait", "mddev_suspend",
            "raid5_make_request", "md_flush_request"]), ["raid1", "raid10", "raid456", "md_mod"],
            new("md", "a RAID array (md)", "the array's state (/proc/mdstat) and its disks")),
        (new(["dm_suspend", "dm_wait_for_completion", "dm_bufio", "dm_pool", "dm_get_live_table"]), ["dm_mod", "dm_bufio", "dm_thin_pool"],
            new("device-mapper", "the device mapper", "the state of the mapped device (dmsetup info, dmsetup status) and what lies below")),
        (new(["mmc_wait_for", "mmc_blk", "mmc_claim_host", "__mmc_claim_host"]), [],
            new("mmc", "an MMC or SD card", "the card and its controller")),
        (new(["usb_start_wait_urb", "usb_kill_urb", "usb_disable_interface"]), [], new("usb", "a USB device", "the device and its port")),
        (new(["blk_queue_enter", "blk_mq_queue_enter", "bio_queue_enter"]), [],
            new("queue-frozen", "a disk's request queue, which is frozen, to open again",
                "what froze that queue and did not let it go: a reset or a wake-up of the device that does not end (after a suspend: it " +
                "did not come back), or requests that never end")),
        (new(["iscsit_", "iscsi_target_", "target_wait_for_sess", "target_wait_for_cmds", "transport_wait_for", "transport_generic_wait",
            "tcmu_", "core_tmr_"]), ["iscsi_target_mod", "target_core_user"],
            new("iscsi-target", "commands or connections of the iSCSI target (LIO) to end",
                "the storage behind the target, whose commands do not come back, and the initiators that log in again meanwhile")),
        (new(["fanotify_get_response"]), [],
            new("fanotify", "the answer of a program that watches file accesses (fanotify)",
                "the virus scanner or monitor that has to allow the access")),
        (new(["handle_userfault"]), [],
            new("userfaultfd", "a page that a program has to bring (userfaultfd)",
                "that program: a live migration of a virtual machine, or a restore")),
        (new(["p9_client_rpc", "p9_virtio_request"]), ["9pnet", "9pnet_virtio"],
            new("9p-server", "the answer of a 9p server", "the host or program that serves the directory")),
        (new(["gfs2_glock_wait", "gfs2_glock_nq", "dlm_"]), ["dlm"],
            new("cluster-lock", "a lock of the cluster (DLM, GFS2)", "the cluster's state: quorum, fencing, and the node that holds it")),
        (new(["ptlrpc_", "ldlm_", "osc_"]), ["ptlrpc", "osc", "mdc"],
            new("lustre", "the answer of a Lustre server", "the servers' state and the network to them")),
        (new(["virtnet_send_command", "xenbus_dev_shutdown", "xs_talkv", "storvsc_"]), [],
            new("hypervisor", "an answer of the hypervisor", "the host: its storage and network, and the process of this virtual machine")),
        (new(["blk_mq_freeze_queue", "blk_freeze_queue", "blk_mq_freeze"]), [],
            new("queue-freeze", "a disk's queue to be frozen", "requests of that disk that never end")),
        (new(["netdev_run_todo", "netdev_wait_allrefs"]), [],
            new("netdev-references", "the last reference to a network device that is being removed (a network namespace, a container)",
                "what still holds it: `unregister_netdevice: waiting for … to become free` in the log names the device and the count; " +
                "sockets, routes, tunnels and packet filters hold such references; new containers wait behind it")),
        (new(["rtnl_lock", "rtnetlink_rcv_msg", "dev_ioctl"]), [],
            new("rtnl", "the lock of the network configuration (rtnl_mutex)", "the task that has it, mostly in a network driver")),
        (new(["cgroup_lock", "cgroup_kn_lock", "cgroup_attach", "cgroup_procs_write", "cgroup_mkdir", "cgroup_rmdir"]), [],
            new("cgroup", "the lock of the control groups (cgroup_mutex)", "the task that has it")),
        (new(["drm_modeset_lock", "dma_fence_", "drm_sched", "dma_resv_wait", "amdgpu_", "i915_", "nv_drm"]), ["amdgpu", "i915", "nouveau",
            "nvidia", "xe"], new("gpu", "the graphics driver", "messages of the GPU's driver before")),
        (new(["migrate_pages", "compact_zone", "unmap_and_move"]), [],
            new("page-to-move", "a page that it is to move (compaction or migration of memory)",
                "who has that page locked: a read of it that does not end, or a task, perhaps this one, that asked for memory while it " +
                "held pages of a file")),
        (new(["synchronize_rcu", "synchronize_srcu", "synchronize_net", "synchronize_sched", "wait_rcu_gp", "rcu_barrier"]), [],
            new("rcu", "an RCU grace period", "a CPU or task that does not pass through a quiescent state")),
        (new(["cpus_read_lock", "cpus_write_lock", "cpu_hotplug", "_cpu_down", "_cpu_up", "get_online_cpus"]), [],
            new("cpu-hotplug", "the lock of CPU hotplug", "the task that switches a CPU on or off")),
        (new(["kernfs_drain", "device_lock", "__device_attach", "__driver_attach", "device_release_driver"]), [],
            new("device", "a device that is being set up or removed", "the driver that does it")),
        (new(["mmap_read_lock", "mmap_write_lock", "do_user_addr_fault", "do_madvise", "vm_mmap_pgoff", "__vm_munmap"]), [],
            new("mmap-lock", "the lock of its address space (mmap_lock)", "another thread of the same program")),
        (new(["tty_lock", "ldsem_down", "n_tty"]), [], new("tty", "a terminal", "the terminal's driver, or the other side of a pty")),
        (new(["flush_work", "__flush_workqueue", "flush_workqueue", "drain_workqueue", "cancel_work_sync", "cancel_delayed_work_sync"]), [],
            new("work-item", "a work item to end", "the kworker that runs it")),
    ];

    private static readonly (NamePattern Names, string[] Modules, Awaited What)[] Block =
    [
        (new(["blk_mq_get_tag", "bt_get", "sbitmap_queue"]), [],
            new("request-slot", "a free request slot of a disk: all are in flight", "the disk and its controller")),
        (new(["io_schedule", "wait_on_page_bit", "folio_wait_bit", "bit_wait_io", "wait_on_buffer", "submit_bio_wait", "blkdev_issue",
            "rq_qos_wait", "wbt_wait", "balance_dirty_pages", "blk_execute_rq", "scsi_block_when", "scsi_execute",
                "wait_for_completion_io"]),
            [], new("disk", "a disk", "the disk, its controller, and their messages before")),
    ];

    private static readonly NamePattern Unborn = new(["^__schedule$", "^schedule$", "^kthread$", "^kernel_thread", "^ret_from",
        "^child_rip"]);

    private static readonly NamePattern Locks = new(["^mutex_lock", "^__mutex_lock", "^rwsem_down", "^down_read", "^down_write",
        "^schedule_preempt_disabled", "^__schedule$", "^schedule$", "^schedule_timeout"]);

    /// <summary>The frame that asked for a mutex or semaphore and sleeps for it.</summary>
    private static StackFrame LockedBy(IReadOnlyList<StackFrame> frames)
    {
        bool locks = false;
        foreach (StackFrame frame in frames.Where(f => f.Reliable))
        {
            if (!Locks.Fits(frame.Function))
                return locks ? frame : default;
            locks |= frame.Function.Contains("mutex", StringComparison.Ordinal) ||
                frame.Function.Contains("rwsem", StringComparison.Ordinal) || frame.Function.StartsWith("down_", StringComparison.Ordinal);
        }
        return default;
    }

    /// <summary>Those that are locks of the kernel: a function that takes one stands on the holder's stack as well.</summary>
    private static readonly string[] Locked = ["rtnl", "cgroup", "cpu-hotplug", "mmap-lock", "tty"];

    /// <summary>
    /// True if a task's stack passes through that lock of the kernel, and the task sleeps on something else: it holds the lock.
    /// </summary>
    /// <param name="name">An <see cref="Name"/>.</param>
    public static bool MayHold(IReadOnlyList<StackFrame> frames, string name) => Locked.Contains(name) &&
        SleepKind.Of(frames) is { IsLock: false } &&
        Array.Exists(Specific, s => s.What.Name == name && frames.Any(f => f.Reliable && s.Names.FitsWord(f.Function)));

    private static readonly Awaited FirstWake = new("first-wake", "its first wake-up (it was made and never started)",
        "what made this kernel thread; nothing else waits for it");

    /// <summary>Null where the stack names nothing that is known.</summary>
    public static Awaited? Of(IReadOnlyList<StackFrame> frames, string? task)
    {
        bool sure = frames.Any(f => f.Reliable);
        if (sure && frames.Any(f => f.Function == "kthread") && frames.Where(f => f.Reliable).All(f => Unborn.Fits(f.Function)))
            return FirstWake;
        // The journal's own thread does not wait for the journal, but for the disk.
        bool journal = task?.StartsWith("jbd2/", StringComparison.Ordinal) == true;
        // Who sleeps on something else below such a lock holds it.
        bool onLock = SleepKind.Of(frames) is not { IsLock: false };
        foreach ((NamePattern Names, string[] Modules, Awaited What)[] table in journal ? [Block] : new[] { Specific, Block })
        {
            foreach (StackFrame frame in frames.Where(f => f.Reliable || !sure).Take(Deep))
            {
                foreach ((NamePattern names, string[] modules, Awaited what) in table)
                {
                    if (!onLock && Locked.Contains(what.Name))
                        continue;
                    // A lock of the module's own is held by a task, not by what the module drives.
                    if (!names.FitsWord(frame.Function) && frame.Module is { } owner && modules.Contains(owner) && frame ==
                        LockedBy(frames))
                        return new("module-lock", $"a lock of {owner} ({frame.Function})",
                            "the task that holds it: another one that hangs, mostly");
                    if (names.FitsWord(frame.Function) || (frame.Module is { } module && modules.Contains(module)))
                        return what;
                }
            }
        }
        return null;
    }
}
