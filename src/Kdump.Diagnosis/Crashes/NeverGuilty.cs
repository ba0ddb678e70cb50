namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// Functions that stand on a stack but are not to blame for what happened there: they report, they are handed bad arguments, or they
/// are so common that a crash in them does not identify the cause. By category, as name patterns (<see cref="NamePattern"/>).
/// </summary>
internal static class NeverGuilty
{
    private static readonly string[] Sanitizers =
    [
        "kasan", "kmsan", "kcsan", "asan_", "msan_", "ubsan", "__sanitizer", "check_memory_region", "check_heap_object", "check_object",
        "word_at_a_time", "_once_word_nocheck", "_once_nocheck", "print_address_desc", "ref_tracker", "__fortify", "kcsan_setup",
    ];

    private static readonly string[] Reporters =
    [
        "panic", "dump_stack", "show_stack", "dump_backtrace", "unwind_backtrace", "walk_stack", "stack_trace", "print_report",
        "report_bug", "fixup_bug", "warn_slowpath", "warn_alloc", "warn_bogus", "__warn", "print_tainted", "^get_taint$", "assertfail",
        "hex_dump", "imbalance_bug",
        "print_usage_bug", "print_unlock", "perf_trace", "arch_stack_walk", "save_stack", "stack_depot", "walk_stackframe", "unwind_stack",
            "unwind_next_frame", "^set_track", "^show_regs",
    ];

    /// <summary>The functions between the faulting instruction and the report, by architecture.</summary>
    private static readonly string[] Traps =
    [
        "invalid_op", "do_error", "do_trap", "_trap$", "program_check_", "do_mem_abort", "el1_abort", "el1h_64_sync", "do_kernel_fault",
        "do_translation_fault", "_indirect_thunk",
    ];

    private static readonly string[] Allocators =
    [
        "malloc", "zalloc", "calloc", "krealloc", "kmem_cache", "slab_", "allocate_slab", "alloc_page", "alloc_frozen_pages", "^kfree$",
        "^kvfree$", "^free$", "^vfree$", "memdup", "strdup", "strndup", "kfree_skb", "ida_free",
    ];

    private static readonly string[] PageCache =
    [
        "folio_alloc", "folio_unlock", "filemap_alloc_folio", "filemap_get_folio", "find_or_create_page", "read_cache_folio",
            "read_cache_page",
        "pagecache_get_page", "grab_cache_page", "find_lock_entries", "truncate_inode_pages_range", "mark_buffer_dirty", "^lock_page",
        "^unlock_page", "__phys_addr",
    ];

    private static readonly string[] Locks =
    [
        "spin_lock", "spin_trylock", "spin_unlock", "read_lock", "read_trylock", "read_unlock", "write_lock", "write_trylock",
            "write_unlock",
        "raw_spin_rq", "^down$", "down_read", "down_write", "down_trylock", "up_read", "up_write", "^mutex_", "^__mutex_", "^rt_mutex_",
        "owner_on_cpu", "osq_lock", "osq_unlock", "seqprop_assert", "bh_enable", "bh_disable", "lock_timer_base",
    ];

    private static readonly string[] LockChecking =
    [
        "lockdep", "lock_acquire", "lock_release", "lock_class", "mark_lock", "_held_locks", "trace_hardirq", "trace_softirq",
        "might_sleep", "might_resched", "might_fault",
    ];

    /// <summary>Functions on counters, bits and lists: what breaks them is the owner of the object around.</summary>
    private static readonly string[] Primitives =
    [
        "atomic_", "atomic64_", "set_bit", "clear_bit", "change_bit", "test_bit", "^refcount_", "^kref_", "list_add", "list_del",
            "list_replace", "list_move",
        "list_splice", "^rb_", "^__rb_", "^klist_", "xas_start", "xas_load", "xas_find", "rhashtable_lookup", "debug_object",
        "timer_is_static_object", "work_is_static_object",
    ];

    private static readonly string[] Copies =
    [
        "memcpy", "memcmp", "memset", "memchr", "memmove", "strcmp", "strncmp", "strcpy", "strlcpy", "strncpy", "strscpy", "strlen",
            "strnlen",
        "strstr", "strnstr", "strchr", "copy_to_user", "copy_from_user", "copy_to_iter", "copy_from_iter", "copy_page_to_iter",
            "copy_page_from_iter",
        "copy_folio_to_iter", "^copyin$", "^copyout$", "put_user", "get_user", "extract_user_to_sg", "extract_iter_to_sg", "^crc32",
            "^crc16", "^crc7",
        "^crc8", "^crc4", "^crc64", "crc_itu_t",
    ];

    private static readonly string[] Printing =
    [
        "printk", "snprintf", "scnprintf", "asprintf", "va_format", "string", "pointer", "dev_info", "dev_notice", "dev_warn", "dev_err",
            "dev_alert",
        "dev_crit", "dev_emerg", "add_uevent_var",
    ];

    private static readonly string[] Deferring =
    [
        "del_timer", "__mod_timer", "timer_delete_sync", "sk_stop_timer_sync", "flush_work", "cancel_work", "try_to_grab_pending",
            "drain_workqueue", "destroy_workqueue",
        "^wait_for_common", "^__wait_for_common", "^do_wait_for_common", "queue_work", "insert_work", "queue_delayed_work", "__wake_up",
            "finish_wait", "^complete$", "wait_for_completion", "kthread_stop",
            "cleanup_srcu_struct",
    ];

    /// <summary>The driver core runs the drivers' callbacks and frees what they leave behind.</summary>
    private static readonly string[] DriverCore =
    [
        "kobject_", "get_device_parent", "device_add", "device_del", "device_unregister", "device_destroy", "device_release",
            "devres_release_all",
        "device_for_each_child", "device_remove_file", "sysfs_remove", "^put_device$", "hwrng_unregister", "i2c_del_adapter",
            "__unregister_client",
        "tty_unregister_device", "rollback_registered", "unregister_netdev",
    ];

    private static readonly string[] UsbCore =
        ["usb_submit_urb", "usb_hcd_submit_urb", "usb_kill_urb", "usb_kill_anchored", "usb_control_msg", "dummy_urb_enqueue"];

    private static readonly string[] DeviceAccess =
    [
        "readb$", "readw$", "readl$", "readq$", "writeb$", "writew$", "writel$", "writeq$", "logic_in", "logic_out", "^readl_relaxed$",
        "^writel_relaxed$", "^readw_relaxed$", "^writew_relaxed$", "^readq_relaxed$", "^writeq_relaxed$", "^ioread", "^iowrite",
        "^regmap_mmio_", "^regmap_read$", "^_regmap_read$", "^regmap_write$", "^_regmap_write$", "^_regmap_bus_reg_",
        "^_regmap_update_bits$", "^regmap_update_bits_base$",
    ];

    private static readonly string[] Inodes = ["^iput$", "^iput_final$", "^ihold$", "drop_nlink", "dput"];

    /// <summary>What reports a crash: it stands on the stacks of crashes anywhere.</summary>
    public static readonly NamePattern Machinery = new(Sanitizers, Reporters, Traps);

    public static readonly NamePattern Names = new(
        Sanitizers, Reporters, Traps, Allocators, PageCache, Locks, LockChecking, Primitives, Copies, Printing, Deferring, DriverCore,
            UsbCore, DeviceAccess, Inodes);
}
