namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// Functions of the kernel's own library that work on what they are handed: maps, lists, wake-ups, formats, resources. If one falls, it
/// was handed something broken; the caller is where to look. A report keeps the function in its title, by which crashes are
/// compared; findings name the caller beside it.
/// </summary>
internal static class Library
{
    private static readonly NamePattern Names = new(["^idr_", "^ida_", "^xa_", "^__xa_", "^xas_", "^radix_tree_", "^complete", "^swake_up",
        "^__wake_up", "^wake_up", "^try_to_wake_up", "^rcu_cblist_", "^rcu_segcblist_", "^list_", "^__list_", "^hlist_", "^llist_",
        "^klist_", "^rb_", "^__rb_", "^plist_", "^timerqueue_", "^sg_", "^__sg_", "^bitmap_", "^find_next_", "^_find_", "^find_first_",
        "^rhashtable_", "^rht_", "^kobject_", "^kref_", "^refcount_", "^release_resource", "^__release_resource", "^request_resource",
        "^__request_region", "^dev_printk", "^__dev_printk", "^_dev_", "^dev_driver_string", "^mempool_", "^dma_pool_", "^gen_pool_",
        "^kfree", "^kvfree", "^__kmalloc", "^kmalloc", "^kmem_cache_", "^___slab_alloc", "^__slab_", "^get_freepointer",
        "^prefetch_freepointer", "^mutex_", "^__mutex_", "^down_", "^up_", "^strcmp", "^strlen", "^strnlen", "^strscpy", "^strncpy",
        "^strcpy", "^strchr", "^strstr", "^memcpy", "^__memcpy", "^memset", "^__memset", "^memmove", "^__memmove", "^memcmp", "^vsnprintf",
        "^snprintf", "^string", "^number", "^pointer", "^kstrdup", "^kmemdup", "^crc32", "^__queue_work", "^queue_work", "^add_timer",
        "^mod_timer", "^del_timer", "^timer_delete", "^enqueue_timer", "^detach_if_pending", "^kthread_", "^sysfs_", "^device_del",
        "^device_add", "^put_device", "^get_device", "^devres_", "^module_put", "^try_module_get", "^fput", "^filp_close",
        // What was taken is given back, or switched on and off, by the one who took it.
        "^iounmap", "^vunmap", "^__vunmap", "^vfree", "^free_irq", "^__free_irq", "^enable_irq", "^__enable_irq", "^dma_unmap_",
        "^dma_free_", "^debug_dma_", "^check_unmap", "^remove_proc_entry", "^proc_register", "^clk_disable", "^clk_unprepare",
        "^clk_core_disable", "^clk_core_unprepare", "^regulator_put", "^_regulator_put", "^regulator_disable", "^_regulator_disable",
        "^debug_print_object", "^free_pages", "^__free_pages"]);

    public static bool Has(string function) => Names.Fits(function);

    /// <summary>Also the taking of a lock: it only touches the lock that it is handed.</summary>
    public static bool IsHanded(string function) => Has(function) || Locks.Fits(function);

    private static readonly NamePattern Locks = new(["spin_lock", "spin_unlock", "read_lock", "read_unlock", "write_lock", "write_unlock",
        "_spin_trylock", "^rwsem_", "^rt_mutex_", "^rt_spin_", "^lock_acquire", "^do_raw_spin", "^queued_", "^native_queued_"]);

    /// <summary>The first frame outside of the library, below the function that a report names; without a name if there is none.</summary>
    public static StackFrame CallerOf(string function, IReadOnlyList<StackFrame> frames)
    {
        if (!Has(function))
            return default;
        int at = -1;
        for (int i = 0; i < frames.Count && at < 0; i++)
            at = frames[i].Reliable && FunctionNames.Shortest(frames[i].Function) == function ? i : -1;
        return frames.Skip(at + 1).FirstOrDefault(f => f.Reliable && !Has(f.Function) && !NeverGuilty.Names.Fits(f.Function) &&
            !EntryFrames.Names.Fits(f.Function) && f.Function != function);
    }
}
