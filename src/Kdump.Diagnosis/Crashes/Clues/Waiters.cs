namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// A stuck CPU that only waits: for a lock that another CPU holds, for another CPU to answer, for a device. Its stack shows the
/// victim, not the holder. Recognised by the innermost functions (kernel/locking, kernel/smp.c, kernel/stop_machine.c,
/// drivers/iommu).
/// </summary>
internal static class Waiters
{
    private static readonly string[] Kinds = ["soft-lockup", "hard-lockup", "rcu-stall", "csd-lockup"];

    private sealed record Wait(string Meaning, NamePattern Names, string Words, string Holder);

    private static readonly Wait[] Table =
    [
        new("waits-for-lock", new(
            ["queued_spin_lock_slowpath", "queued_write_lock_slowpath", "queued_read_lock_slowpath", "ticket_spin_lock", "spin_lock_slow",
                "_raw_spin_lock", "_raw_write_lock", "_raw_read_lock", "do_raw_spin_lock", "do_raw_write_lock", "do_raw_read_lock",
                "arch_spin_lock", "__spin_yield", "__rw_yield", "raw_spin_rq_lock", "kvm_wait", "pv_wait_node", "xen_lock_spinning",
                "^_spin_lock", "^_write_lock", "^_read_lock", "debug_spin_lock", "arch_write_lock", "arch_read_lock", "spin_delay",
                "queued_write_lock", "queued_read_lock"]),
            "it spins for a lock", "The holder of the lock is on another CPU (or never gave it back)"),
        new("waits-for-lock", new(
            ["osq_lock", "rwsem_spin_on_owner", "rwsem_optimistic_spin", "mutex_spin_on_owner", "mutex_optimistic_spin"]),
            "it spins for a sleeping lock whose holder is running", "The holder of the lock runs on another CPU"),
        new("waits-for-cpu", new(
            ["smp_call_function_many", "smp_call_function_single", "smp_call_function_any", "^smp_call_function", "generic_exec_single",
                "csd_lock_wait", "on_each_cpu", "flush_tlb", "^smp_call_on_cpu", "kick_all_cpus", "text_poke_sync", "text_poke_bp",
                "arch_send_call", "__csd_lock", "ipi_wait", "smp_text_poke", "wait_rcu_exp_gp", "rcu_exp_sel_wait", "sync_rcu_exp_select",
                "rcu_exp_handler", "synchronize_rcu_expedited"]),
            "it waits for another CPU to answer a call (IPI)",
                "The CPU that does not answer is another one: it has its interrupts off, is stopped, or is not run"),
        new("waits-for-cpu", new(["multi_cpu_stop", "stop_machine", "stop_cpus", "stop_two_cpus", "stop_one_cpu", "cpu_stopper"]),
            "it waits until all CPUs have stopped (stop_machine)",
                "Another CPU does not come: it loops with interrupts or preemption off, or is not run"),
        new("waits-for-device", new(
            ["qi_submit_sync", "iommu_completion_wait", "wait_on_sem", "iommu_flush_iotlb", "cmdq_issue_cmdlist", "queue_poll",
                "cmdq_poll_until", "arm_smmu_tlb_sync"]),
            "it waits for the IOMMU to finish an invalidation",
                "The IOMMU finishes it when the device has answered: a device that is gone or dead never does"),
        new("waits-for-device", new(
            ["^delay_tsc", "^__delay", "^__const_udelay", "^__udelay", "^__ndelay", "delay_loop", "delay_halt", "delay_mwaitx", "ioread",
                "iowrite", "^readl", "pci_conf1_read", "pci_mmcfg_read", "pci_bus_read_config", "native_read_msr", "acpi_os_read_port",
                "io_serial_in"]),
            "it polls a device or pauses between two looks", "The driver that called waits for its device's answer"),
    ];

    private static readonly NamePattern Printing = new(
        ["console_unlock", "vprintk", "^printk", "_printk", "console_flush", "serial8250", "wait_for_xmitr", "univ8250", "pl011_console",
            "hvc_console", "nbcon_", "netpoll_send", "fbcon", "bit_putcs", "imageblit", "vt_console_print", "io_serial_out", "uart_console",
            "console_emit", "call_console_drivers", "msg_print_text", "sclp_console", "imx_uart_console", "lpuart32_console",
            "_console_write", "devkmsg"]);

    /// <summary>Code that prints much, and what to do about it.</summary>
    private static readonly (NamePattern Names, string Words, Fix? Fix)[] Printers =
    [
        (new(["dump_task", "dump_header", "oom_kill_process", "mem_cgroup_out_of_memory", "out_of_memory"]),
            "It prints the report of an out of memory event " +
                "(a memory limit, of a control group or of the machine, was reached), with a line for each task",
            new Fix("Leave the list of tasks out of that report", "sysctl vm.oom_dump_tasks=0",
                "the report then does not say who held memory")),
        (new(["show_state_filter", "sched_show_task", "sysrq_handle_showstate", "sysrq_handle_showblocked"]),
            "It prints the state of all tasks, on request (sysrq) or for a hung task", null),
        (new(["klp_"]), "Live patching prints a line for each task (dynamic debug)", null),
        (new(["nf_log", "LOG_tg", "log_packet", "dump_packet"]), "The packet filter logs packets", null),
        (new(["ubsan", "kasan", "kcsan", "__warn", "lockdep"]), "A checker of the kernel prints its reports", null),
        (new(["nmi_trigger_cpumask_backtrace", "nmi_cpu_backtrace"]), "It prints the stacks of the other CPUs", null),
    ];

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        if (!Kinds.Contains(input.Kind))
            yield break;
        List<StackFrame> stack = Interrupted(input.Frames);
        // The report is cut off after the registers: only the place of the CPU is left.
        if (stack.Count == 0 && input.Frames.Count == 0 && Place(input) is { } place)
            stack.Add(place);
        if (stack.Count == 0)
            yield break;
        ReportLine? line = input.Find(stack[0].Name + "+0x");
        Source source = line is { } found ? input.SourceOf(found) : input.Report.Heading;
        if (Printer(stack, source) is { } printer)
        {
            yield return printer;
            yield break;
        }
        Wait? wait = null;
        string? caller = null;
        foreach (StackFrame frame in stack.Take(10))
        {
            // The innermost wait says what is waited for; the outer ones only lead to it.
            if (Table.FirstOrDefault(w => w.Names.Fits(frame.Function)) is { } fits)
                wait ??= fits;
            else if (wait is null && !NeverGuilty.Names.Fits(frame.Function))
                break;
            else if (!NeverGuilty.Names.Fits(frame.Function))
            {
                caller = frame.Function;
                break;
            }
        }
        if (wait is null)
            yield break;
        if (wait.Meaning == "waits-for-lock" && OnlyPassing(stack, input))
        {
            yield return new Clue("at-lock", $"It was caught while it took a lock, in {stack[0].Function}(), but it does not wait there: " +
                "a CPU that waits for a lock stands in queued_spin_lock_slowpath(). " +
                "So the code that calls it goes round and round.", source);
            yield break;
        }
        string who = caller is null ? "" : $" on behalf of {caller}()";
        string lockName = wait.Meaning == "waits-for-lock" && caller is not null && LockOf(caller) is { } name ? $" ({name})" : "";
        StackFrame below = wait.Meaning == "waits-for-lock" && caller is not null ? Stopped(input.Frames, caller) : default;
        string holder = below.Name is null ? $"{wait.Holder}; this stack does not show it."
            : $"The interrupt in which it waits stopped {below.Function}() of the same module {below.Module} on this very CPU: " +
                "if that holds the lock, it never gives it back, and this is a deadlock. " +
                "A lock that an interrupt takes, too, must be taken with interrupts off (spin_lock_irqsave()).";
        yield return new Clue(wait.Meaning,
            "This CPU is the victim: " + $"{wait.Words}{lockName}{who}, and stands in {stack[0].Function}(). {holder}",
            source)
        {
            Elsewhere = true,
            Fixes = wait.Meaning == "waits-for-device" ? [] : Holder,
        };
    }

    /// <summary>The code that the interrupt of a waiter stopped, if it is of the waiter's own module.</summary>
    private static StackFrame Stopped(List<StackFrame> frames, string caller)
    {
        int at = frames.FindIndex(f => f.Function == caller);
        if (at < 0 || frames[at].Module is not { } module)
            return default;
        int entry = frames.FindIndex(at, f => Entries.Fits(f.Function));
        StackFrame below = entry < 0 ? default : frames.Skip(entry).FirstOrDefault(f => f.Reliable && !Entries.Fits(f.Function));
        return below.Name is not null && below.Module == module ? below : default;
    }

    private static readonly NamePattern Passed = new(["^_raw_spin_lock", "^_raw_read_lock", "^_raw_write_lock"]);

    private static readonly NamePattern Spins = new(["slowpath", "kvm_wait", "pv_wait", "do_raw_", "xen_lock_spinning"]);

    /// <summary>
    /// x86 has had queued locks since 4.2: a waiter is in a function of its own, below the one that takes the lock
    /// (kernel/locking/qspinlock.c).
    /// </summary>
    private static bool OnlyPassing(List<StackFrame> stack, ClueInput input) => Passed.Fits(stack[0].Function) &&
        !stack.Take(3).Any(f => Spins.Fits(f.Function)) && Major(input.Context.Release) >= 5 &&
        input.Lines.Any(l => Details.OfX86(l.Text));

    private static int Major(string? release) => release is not null && release.IndexOf('.') is > 0 and < 3 and var dot &&
        int.TryParse(release.AsSpan(0, dot), out int major) ? major : 0;

    private static StackFrame? Place(ClueInput input)
    {
        foreach (ReportLine line in input.Lines)
        {
            if (FaultLine.TryParse(line.Text, out StackFrame? at))
                return at;
        }
        return null;
    }

    private static readonly Fix[] Holder =
    [
        new("Find the holder of the lock: get the stacks of all CPUs when it happens again",
            "sysctl kernel.softlockup_all_cpu_backtrace=1 kernel.hardlockup_all_cpu_backtrace=1; echo l > /proc/sysrq-trigger"),
        new("With a dump, read the stacks of all tasks and CPUs", "kdt vmcore bt --all vmcore"),
    ];

    /// <summary>Callers that are known to take one lock of the whole machine.</summary>
    private static string? LockOf(string caller) => caller switch
    {
        "copy_process" or "release_task" or "exit_notify" or "do_exit" or "forget_original_parent" or "wait_consider_task" or "do_wait"
            or "__se_sys_setpgid" or "setpgid" or "kill_something_info" or "setpriority" => "tasklist_lock",
        _ => null,
    };

    /// <summary>kernel/reboot.c, and what an architecture does then.</summary>
    private static readonly NamePattern Restart = new(
        ["^kernel_restart", "^kernel_halt", "^kernel_power_off", "^machine_restart", "^machine_power_off", "^machine_halt",
            "^do_kernel_restart", "^native_machine_emergency_restart", "^emergency_restart", "^__do_sys_reboot", "^sys_reboot"]);

    private static Clue? Printer(List<StackFrame> stack, Source source)
    {
        // Waiting for the console's port is printing too.
        if (!stack.Take(4).Any(f => Printing.Fits(f.Function)))
            return null;
        if (stack.Exists(f => Restart.Fits(f.Function)))
            return new Clue("hangs-in-restart",
                "The kernel is restarting or stopping the machine on this CPU, and it does not get beyond that: " +
                "the board was told to reset and went on, or a driver's shutdown or the console hangs. " +
                "What the lines before report is not its cause.", source)
            {
                Elsewhere = true,
                Fixes = [new Fix("See which way of restarting the kernel takes, and try another: reboot=acpi, reboot=efi (x86); " +
                    "on a board, its restart handler (PSCI, watchdog, gpio-restart) in the device tree; update the firmware",
                        "cat /sys/kernel/reboot/*")],
            };
        (NamePattern _, string? words, Fix? fix) = Printers.FirstOrDefault(p => stack.Take(24).Any(f => p.Names.Fits(f.Function)));
        return new Clue("prints-too-much",
            "This CPU is busy printing to the console, which is slow (a serial line): it does not loop. " +
            (words is null ? "The first function below the printing ones says who prints so much." : words + "."), source)
        {
            Elsewhere = true,
            Fixes = [.. fix is null ? Array.Empty<Fix>() : [fix],
                new Fix("Let less go to the console: messages stay in the kernel's log", "dmesg -n 4")],
        };
    }

    private static readonly NamePattern Entries = new(
        ["apic_timer_interrupt", "asm_sysvec", "^sysvec_", "el1h_64_irq", "^el1_irq", "ret_from_intr", "common_interrupt", "end_repeat_nmi",
            "asm_exc_nmi", "^nmi$", "exc_nmi", "__handle_domain_irq", "gic_handle_irq", "watchdog_overflow", "perf_event_overflow",
            "hardlockup", "call_on_irq_stack", "do_interrupt_handler", "rcu_check_callbacks", "print_cpu_stall", "rcu_sched_clock_irq",
            "dump_cpu_task", "watchdog_timer_fn", "nmi_cpu_backtrace", "nmi_handle", "decrementer_common", "handle_riscv_irq"]);

    /// <summary>The frames below the watchdog's interrupt, as far as they are shown.</summary>
    private static List<StackFrame> Interrupted(List<StackFrame> frames)
    {
        int from = 0;
        for (int i = 0; i < frames.Count && i < 32; i++)
        {
            if (frames[i].Reliable && Entries.Fits(frames[i].Function))
                from = i + 1;
        }
        // The interrupted code, if it is printed above the interrupt, is where the CPU was: x86 prints its registers first.
        if (frames.Count > 0 && frames[0].Reliable && !Entries.Fits(frames[0].Function) && from > 0 &&
            Table.Any(w => w.Names.Fits(frames[0].Function)))
            from = 0;
        return [.. frames.Skip(from).Where(f => f.Reliable)];
    }
}
