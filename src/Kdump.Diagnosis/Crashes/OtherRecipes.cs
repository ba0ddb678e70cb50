namespace Kdump.Diagnosis.Crashes;

/// <summary>Reports with a heading of their own.</summary>
internal static class OtherRecipes
{
    /// <summary>SLUB's checks: mm/slub.c slab_bug. The name of the cache stands in the heading.</summary>
    public static readonly Recipe[] Slab =
    [
        new("slab-corruption", "BUG {e} (*): Object already free", "BUG: Object already free"),
        .. new[] { "Poison overwritten", "Redzone overwritten", "Left Redzone overwritten", "Right Redzone overwritten",
            "Padding overwritten", "Freepointer corrupt", "Freechain corrupt", "Invalid object pointer", "Wrong object count" }
            .Select(x => new Recipe("slab-corruption", $"BUG {{e}} (*): {x}", $"BUG: {x} in {{f}}") { Walk = Walks.Trace,
                Skip = new(["slab", "free", "check_bytes_and_report", "^check_object", "^check_pad", "^object_err", "^init_object",
                "alloc_debug_processing"]) }),
    ];

    public static readonly Recipe[] HardLockup =
    [
        new("hard-lockup", "etected hard LOCKUP on cpu", "hard lockup in {f}") { Walk = Walks.FaultThenTrace, Otherwise = Walks.Trace,
            Merge = "stall" },
        // arch/powerpc/kernel/watchdog.c
        new("hard-lockup", "elf-detected hard LOCKUP @", "hard lockup in {f}") { Walk = Walks.FaultThenTrace, Otherwise = Walks.Trace,
            Merge = "stall" },
        new("hard-lockup", "Hard LOCKUP", "hard lockup in {f}") { Walk = Walks.FaultThenTrace, Otherwise = Walks.Trace, Merge = "stall" },
    ];

    /// <summary>
    /// Where the victim of a watchdog's panic was, when the report before the panic is lost: below the frames of the watchdog itself.
    /// </summary>
    public static readonly Recipe Watched = new("hard-lockup", "", "")
    {
        Walk = Walks.FaultThenTrace, Otherwise = Walks.Trace,
        Skip = new(["watchdog", "nmi", "perf_event", "pmu", "hrtimer", "apic_timer", "timer_interrupt", "irq_exit", "lockup", "rcu_",
            "tick_", "update_process_times", "sched_clock", "sysvec", "default_do", "handle_irq", "panic", "arch_timer", "timer_handler",
            "^twd_handler", "^riscv_timer", "^decrementer", "^gic_", "_irq_handler", "_devid_irq", "^generic_handle_",
            "handle_domain_irq", "^__irq_svc", "^el1_irq", "^el1h_"]),
    };

    /// <summary>A lockup's stack whose first lines are lost: kernel/watchdog.c, kernel/watchdog_perf.c stand on it.</summary>
    public static readonly Recipe[] HeadlessHardLockup =
        [new("hard-lockup", " watchdog_", "hard lockup in {f}") { Walk = Walks.Trace, Torn = true, Accept = Details.Proven }];

    public static readonly Recipe[] HeadlessSoftLockup =
        [new("soft-lockup", " watchdog_timer_fn", "soft lockup in {f}") { Walk = Walks.Trace, Torn = true, Accept = Details.Proven }];

    /// <summary>kernel/rcu/tree_stall.h until 5.x: what is left of a stall's report when its first line is lost.</summary>
    public static readonly Recipe[] HeadlessRcuStall =
        [new("rcu-stall", "Task dump for CPU {w}:", "RCU stall on CPU {1}") { Torn = true, NoTrace = true,
            Detail = Details.Lines("rcu_dump_cpu_stacks") },
            new("rcu-stall", "(t={w} jiffies g={w} q={w}", "INFO: rcu detected stall in {f}") { Torn = true,
                Walk = Walks.BelowTimerInterrupt, Otherwise = Walks.BelowAnyInterrupt, Skip = InfoRecipes.Rcu, Pick = Pick.BelowDispatcher,
                Alternative = "RCU stall", Detail = Details.Lines("rcu_") }];

    public static readonly Recipe[] CsdLockup =
        [new("csd-lockup", "non-responsive CSD lock", "CSD lockup in {f}") { Walk = Walks.Trace, Pick = Pick.BelowDispatcher,
            Merge = "stall" }];

    public static readonly Recipe[] Netdevice =
        [new("reference-leak", "unregister_netdevice: waiting for * to become free",
            "unregister_netdevice: waiting for DEV to become free") { NoTrace = true }];

    public static readonly Recipe[] FileCount =
        [new("filesystem", "VFS: Close: file count is 0", "VFS: Close: file count is zero (use-after-free)") { NoTrace = true }];

    public static readonly Recipe[] BusyInodes =
        [new("filesystem", "VFS: Busy inodes after unmount", "VFS: Busy inodes after unmount (use-after-free)") { NoTrace = true }];

    /// <summary>Android's secure world reports through the kernel's log.</summary>
    public static readonly Recipe[] Trusty =
    [
        new("secure-world", "trusty: panic (*): DEBUG ASSERT FAILED at (*): {t}", "trusty: ASSERT FAILED: {1}") { NoTrace = true },
        new("secure-world", "trusty: panic (*): ASSERT FAILED at (*): {t}", "trusty: ASSERT FAILED: {1}") { NoTrace = true },
        new("secure-world", "trusty: panic*ASSERT FAILED", "trusty: ASSERT FAILED:") { Torn = true },
        new("secure-world", "trusty: panic (*): {t}", "trusty: panic: {1}") { NoTrace = true },
    ];

    /// <summary>lib/list_debug.c: the check prints what it found, then BUG or WARN follows; here that is cut away.</summary>
    public static readonly Recipe[] List =
        [new("list-corruption", "list_{w} corruption", "BUG: corrupted list") { NoTrace = true, Torn = true }];

    public static readonly Recipe[] Rust =
        [new("rust-panic", "rust_kernel: panicked", "{1} in {f}") { Walk = Walks.Trace, Detail = Details.NextLine,
            Skip = new(["rust_begin_unwind"]) }];

    /// <summary>
    /// An oops of which only the end is left: a stack, and behind it what a crash prints there (code, CR2, powerpc's instruction dump), or
    /// functions of a trap on the stack itself. A stack alone may be of anything.
    /// </summary>
    public static readonly Recipe[] Tail =
    [
        new("oops", "Call Trace:", "Oops") { Torn = true, Silent = true, Detail = Details.EndOfOops },
        new("warning", "Call Trace:", "WARNING in {f}")
        {
            Walk = Walks.Trace, Torn = true, Silent = true, Detail = StacksAlone.OfWarning,
        },
    ];

    /// <summary>
    /// The end of the registers and the stack of a report whose beginning is lost. Where the stack itself does not tell, it is called
    /// neither a crash nor a warning, because both end alike.
    /// </summary>
    public static readonly Recipe[] RegistersAndStack =
    [
        new("oops", "CR2: ", "Oops") { Torn = true, Silent = true, Detail = Details.AtCall(Details.EndOfOops) },
        new("warning", "CR2: ", "WARNING in {f}")
        {
            Walk = Walks.Trace, Torn = true, Silent = true, Detail = Details.AtCall(StacksAlone.OfWarning),
        },
        new("other", "CR2: ", "a report without its first lines, in {f}")
        {
            Walk = Walks.Trace, Torn = true, Silent = true, Detail = Details.StackFollows,
        },
    ];

    /// <summary>A stack that code of a module had printed, by dump_stack(): no report of a failure by itself.</summary>
    public static readonly Recipe[] BareStack =
    [
        .. new[] { "Comm: ", "comm: " }.Select(mark => new Recipe("stack", mark, "stack printed by {f}")
        {
            Walk = Walks.Trace, Silent = true, Detail = StacksAlone.OfModule, NoTrace = true,
            Skip = new(["dump_stack", "dumpstack", "show_stack", "show_trace", "kmem_"]),
        }),
    ];

    /// <summary>The same of arm64, which prints its code only behind the stack of an oops.</summary>
    public static readonly Recipe[] ArmTail =
        [new("oops", "Call trace:", "Oops in {f}") { Walk = Walks.Trace, Torn = true, Silent = true, Detail = Details.EndOfOops }];

    /// <summary>The very end: x86 before 4.10 prints the place once more behind the code.</summary>
    public static readonly Recipe[] LastWords =
        [new("page-fault", "Code: ", "Oops in {f}") { Walk = Walks.Fault, Torn = true, Silent = true, Detail = Details.PlaceAgain }];

    /// <summary>The end of an oops whose stack scrolled away: the place and the registers once more, behind the end mark.</summary>
    public static readonly Recipe[] Summary =
    [
        new("kernel-bug", EndMark, "kernel BUG in {f}")
        {
            Walk = Walks.Fault, Torn = true, Silent = true, Detail = Details.CheckBehindMark,
        },
        new("oops", EndMark, "Oops in {f}") { Walk = Walks.Fault, Torn = true, Silent = true, Detail = Details.PlaceBehindMark },
    ];

    public const string EndMark = "---[ end trace ";

    /// <summary>Failures of a fuzzer on its own account, in logs of fuzzing machines.</summary>
    public static readonly Recipe[] Fuzzer =
    [
        new("fuzzer", "SYZFAIL:{t}", "SYZFAIL:{1}") { NoTrace = true },
        new("fuzzer", "SYZFATAL:{t}", "SYZFATAL:{1}") { NoTrace = true },
    ];
}
