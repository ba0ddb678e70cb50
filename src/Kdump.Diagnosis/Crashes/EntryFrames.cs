namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// Where threads, system calls and interrupts begin: these frames stand at the foot of every stack of their kind and tell nothing
/// of what the task did. A stack that holds only such frames has no function to blame.
/// </summary>
internal static class EntryFrames
{
    public static readonly NamePattern Names = new(
        ["ret_from_fork", "ret_from_kernel", "ret_from_exception", "ret_fast_syscall", "^ret_to_user", "^kthread$", "^kthread_worker_fn$",
            "^worker_thread$", "^rescuer_thread$", "^smpboot_thread_fn$", "^kernel_thread", "child_rip", "gs_change", "^process_one_work$",
            "^do_syscall_", "^do_fast_syscall", "^do_int80", "entry_SYSCALL", "entry_INT80", "entry_SYSENTER", "^x64_sys_call$",
            "^system_call", "^syscall_", "^sysenter_", "^ia32_sys", "^el0_svc", "^el0t_64_", "^el0_sync", "^invoke_syscall$",
            "^el0_da$", "^do_el0_svc$", "^handle_syscall", "^start_secondary$", "^secondary_startup", "^cpu_startup_entry$",
            "^start_kernel$", "^rest_init$", "^kernel_init$", "^stub_", "^__ret_from_fork$", "^ret_from_intr$", "^common_interrupt$",
            "^handle_exception$", "^sys_call_table$", "^linux_sparc_syscall", "^interrupt_return", "^asm_"]);
}
