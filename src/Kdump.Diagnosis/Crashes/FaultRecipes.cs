namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// Exceptions that a CPU takes in kernel code, in the words of x86 (arch/x86/kernel/traps.c), arm and arm64 (mm/fault.c), powerpc and
/// riscv; and BUG().
/// </summary>
internal static class FaultRecipes
{
    public static readonly Recipe[] Arm =
    [
        .. new[] { ("page-fault", "paging request"), ("null-dereference", "NULL pointer dereference"),
            ("page-fault", "access to user memory") }.Select(x =>
            new Recipe(x.Item1, "Unable to handle kernel " + x.Item2,
                $"BUG: unable to handle kernel {x.Item2} in {{f}}") { Walk = Walks.FaultThenTrace, Merge = "bad-access" }),
        .. new[] { "write to read-only memory", "execute from non-executable memory", "read from unreadable memory",
            "execution of user memory", "paging fault" }.Select(x =>
            new Recipe("page-fault", "Unable to handle kernel " + x,
                $"BUG: unable to handle kernel {x} in {{f}}") { Walk = Walks.FaultThenTrace, Merge = "bad-access" }),
        // arm64's do_mem_abort names faults without a handler: "level 0 address size fault", "TLB conflict abort".
        new("page-fault", "Unable to handle kernel {w} *fault at virtual address", "BUG: unable to handle kernel fault in {f}")
            { Walk = Walks.FaultThenTrace, Merge = "bad-access" },
        new("page-fault", "Unable to handle kernel *abort at virtual address", "BUG: unable to handle kernel abort in {f}")
            { Walk = Walks.FaultThenTrace, Merge = "bad-access" },
        // m68k (arch/m68k/mm/fault.c).
        new("page-fault", "Unable to handle kernel access at virtual address", "BUG: unable to handle kernel access in {f}")
            { Walk = Walks.FaultThenTrace, Merge = "bad-access" },
        // s390 (arch/s390/mm/fault.c); in user address space it is a copy that had no handler.
        new("page-fault", "Unable to handle kernel pointer dereference in ",
            "BUG: unable to handle kernel pointer dereference in {f}") { Walk = Walks.FaultThenTrace, Merge = "bad-access" },
        // Garbled by a serial line or a ring buffer that was kept over a reset.
        new("page-fault", "Unable to handle kernel *at virtual address", "BUG: unable to handle kernel access in {f}")
            { Walk = Walks.FaultThenTrace, Merge = "bad-access" },
    ];

    public static readonly Recipe[] GeneralProtection =
        [new("general-protection", "general protection fault*:", "general protection fault in {f}") { Walk = Walks.FaultThenTrace,
            Merge = "bad-access" }];

    public static readonly Recipe[] StackSegment =
        [new("stack-segment", "stack segment: ", "stack segment fault in {f}") { Walk = Walks.FaultThenTrace }];

    public static readonly Recipe[] DoubleFault =
        [new("double-fault", "PANIC: double fault", "PANIC: double fault in {f}") { Walk = Walks.Fault }];

    public static readonly Recipe[] Divide =
    [
        new("divide-error", "divide error: ", "divide error in {f}") { Walk = Walks.Fault },
        new("divide-error", "divide_error: ", "divide error in {f}") { Walk = Walks.Fault },
    ];

    public static readonly Recipe[] InvalidOpcode =
        [new("invalid-opcode", "invalid opcode: ", "invalid opcode in {f}") { Walk = Walks.Fault }];

    public static readonly Recipe[] Int3 =
        [new("int3", "int3: ", "int3 in {f}") { Walk = Walks.FaultThenTrace }];

    /// <summary>Traps that are rarer still: alignment check, bounds, overflow, segment not present, SIMD, control protection.</summary>
    public static readonly Recipe[] RareTrap =
    [
        .. new[] { "alignment check", "bounds", "overflow", "segment not present", "invalid TSS", "simd exception",
            "coprocessor segment overrun", "control protection fault" }.Select(x =>
            new Recipe("trap", x + ": ", x + " in {f}") { Walk = Walks.FaultThenTrace }),
    ];

    public static readonly Recipe[] Bug =
    [
        new("usercopy", "kernel BUG at mm/usercopy.c", "BUG: bad usercopy in {f}") { Walk = Walks.Trace,
            Skip = new(["usercopy", "__check"]) },
        new("list-corruption", "kernel BUG at lib/list_debug.c", "BUG: corrupted list in {f}") { Walk = Walks.Trace, Merge = "bad-access" },
        // Checks of socket buffers are in wrappers; the function that handed in the buffer is at fault.
        new("kernel-bug", "kernel BUG at {t}", "kernel BUG in {f}") { Walk = Walks.FaultThenTrace, Skip = new(["^skb_"]) },
    ];

    public static readonly Recipe[] MipsBug =
        [new("kernel-bug", "Kernel bug detected[#", "kernel BUG in {f}") { Walk = Walks.FaultThenTrace }];

    /// <summary>
    /// x86 from 4.14 to 4.20 stopped a reference counter by a trap (arch/x86/mm/extable.c ex_handler_refcount): the line below the trap's
    /// names the place.
    /// </summary>
    public static readonly Recipe[] OldBug =
        [new("refcount", "Kernel BUG at ", "refcount bug in {f}")
            { Walk = s => s.Named(" at ", exact: true), Detail = Details.Lines("refcount_t ", ""), NoTrace = true },
        new("kernel-bug", "Kernel BUG {t}", "kernel BUG {1}")];

    /// <summary>arch/arm64/kernel/traps.c; until 4.15 it went through bad_mode().</summary>
    public static readonly Recipe[] SError =
        [new("bus-error", "SError Interrupt on CPU", "SError in {f}") { Walk = Walks.FaultThenTrace, Skip = ErrorEntries }];

    public static readonly Recipe[] BadMode =
        [new("bus-error", "Bad mode in Error handler detected", "SError in {f}") { Walk = Walks.FaultThenTrace, Skip = ErrorEntries }];

    private static NamePattern ErrorEntries => new(["_error$", "serror", "bad_mode", "^die"]);

    /// <summary>mips, arch/mips/kernel/traps.c do_be.</summary>
    public static readonly Recipe[] BusError =
    [
        new("bus-error", "Data bus error, epc ", "Data bus error in {f}") { Walk = Walks.FaultThenTrace, Skip = new(["do_be"]) },
        new("bus-error", "Instruction bus error, epc ", "Instruction bus error in {f}") { Walk = Walks.FaultThenTrace },
    ];

    public static readonly Recipe[] Mips =
    [
        new("alignment", "Unhandled kernel unaligned access", "unaligned access in {f}") { Walk = Walks.FaultThenTrace },
        new("alignment", "Kernel unaligned instruction access", "unaligned access in {f}") { Walk = Walks.FaultThenTrace },
        new("invalid-opcode", "Reserved instruction in kernel code", "reserved instruction in {f}") { Walk = Walks.FaultThenTrace },
    ];

    /// <summary>arch/parisc/kernel/traps.c parisc_terminate.</summary>
    public static readonly Recipe[] Parisc =
        [new("page-fault", "Kernel Fault: Code={w} (", "Kernel Fault in {f}") { Walk = Walks.FaultThenTrace, Merge = "bad-access" }];

    /// <summary>
    /// arch/s390/kernel/dumpstack.c die: <c>specification exception: 0006 ilc:2 [#1] SMP</c>; the length of the instruction is printed
    /// since 3.18.
    /// </summary>
    public static readonly Recipe[] S390 =
    [
        .. new[] { " ilc:", " [#" }.SelectMany(end => new (string Sign, string Title)[]
        {
            ("ception: {w}", "program exception in {f}"), ("illegal operation: {w}", "illegal operation in {f}"),
            ("operation: {w}", "program exception in {f}"), ("event: {w}", "program exception in {f}"),
        }.Select(x => new Recipe("trap", x.Sign + end, x.Title) { Walk = Walks.FaultThenTrace })),
    ];

    /// <summary>
    /// An atomic access across two cache lines, which this machine is told to refuse (arch/x86/kernel/traps.c, since 5.7).
    /// </summary>
    public static readonly Recipe[] SplitLock =
        [new("split-lock", "Split lock detected", "split lock in {f}") { Walk = Walks.FaultThenTrace }];

    /// <summary>
    /// The debugger of powerpc, arch/powerpc/xmon: <c>cpu 0x68: Vector: 380 (Data Access Out of Range) at [c000001c9d98b9a0]</c>.
    /// </summary>
    public static readonly Recipe[] Xmon =
    [
        new("page-fault", "cpu 0x{w}: Vector: 300 (", "BUG: unable to handle kernel paging request in {f}") { Walk = Walks.FaultThenTrace },
        new("page-fault", "cpu 0x{w}: Vector: 380 (", "BUG: unable to handle kernel paging request in {f}") { Walk = Walks.FaultThenTrace },
        new("page-fault", "cpu 0x{w}: Vector: 400 (", "BUG: unable to handle kernel paging request in {f}") { Walk = Walks.FaultThenTrace },
        new("page-fault", "cpu 0x{w}: Vector: 480 (", "BUG: unable to handle kernel paging request in {f}") { Walk = Walks.FaultThenTrace },
        new("trap", "cpu 0x{w}: Vector: {w} ({e})", "{3} in {f}") { Walk = Walks.FaultThenTrace },
    ];

    /// <summary>x86's page fault whose first line is lost: <c>#PF: supervisor read access in kernel mode</c> is the second.</summary>
    public static readonly Recipe[] Headless =
        [new("page-fault", "#PF: supervisor ", "page fault in {f}") { Walk = Walks.FaultThenTrace, Merge = "bad-access" }];

    /// <summary>The same, from the line with the place on.</summary>
    public static readonly Recipe[] HeadlessPlace =
    [
        new("page-fault", "RIP: 0010:", "page fault near NULL in {f}")
            { Walk = Walks.FaultThenTrace, Torn = true, Silent = true, Detail = Details.FaultNearNull },
        new("page-fault", "RIP: 0010:", "page fault in {f}")
            { Walk = Walks.FaultThenTrace, Torn = true, Silent = true, Detail = Details.FaultOfRegister },
        new("oops", "RIP: 0010:", "Oops in {f}")
            { Walk = Walks.FaultThenTrace, Torn = true, Silent = true, Detail = Details.ProcessOfOops },
    ];

    /// <summary>
    /// The same with the line that only die() prints: <c>Process x (pid: 1, threadinfo …</c> of x86 until 3.14, <c>… stack limit = …</c> of
    /// arm and arm64. What the fault was stood in the lines that are lost.
    /// </summary>
    public static readonly Recipe[] HeadlessProcess =
    [
        .. new[] { "EIP is at ", "PC is at " }.Select(mark => new Recipe("oops", mark, "Oops in {f}")
            { Walk = Walks.FaultThenTrace, Torn = true, Silent = true, Detail = Details.ProcessOfOops }),
    ];

    /// <summary>
    /// Only the stack that a panic printed is left: these functions stand on it between the panic and the code that faulted (arm64 and
    /// riscv mm/fault.c, x86 mm/fault.c, powerpc mm/fault.c).
    /// </summary>
    public static readonly string[] HeadlessStacks = ["die_kernel_fault", "__do_kernel_fault", "page_fault_oops", "bad_page_fault"];

    public static readonly Recipe[] HeadlessStack =
    [
        new("page-fault", "+0x", "page fault in {f}")
        {
            Walk = Walks.Here, Torn = true, Accept = Details.Proven, Merge = "bad-access",
            Skip = new(["^die", "page_fault", "kernel_fault", "^el1", "^do_mem_abort", "bad_area", "no_context", "data_access_common"]),
        },
    ];

    /// <summary>
    /// The same where the stack was printed while the report was being saved or its panic prepared: functions that run only for a fault of
    /// the kernel's own code (x86 kernel/traps.c, dumpstack.c; arm and arm64 kernel/traps.c). Below them stand the place and its stack.
    /// </summary>
    public static readonly string[] HeadlessTraps = ["oops_end", "exc_general_protection", "do_general_protection", "do_undefinstr",
        "do_el1_undef", "arm64_notify_die"];

    private static readonly NamePattern TrapFrames = new(["^die", "^__die", "^oops_end", "general_protection", "page_fault", "^do_trap",
        "_invalid_op", "undef", "notify_die", "kernel_fault", "^el1", "^do_mem_abort", "bad_area", "no_context", "^panic", "kexec",
        "^asm_", "^bug_handler", "^brk_handler", "debug_exception"]);

    public static readonly Recipe[] HeadlessTrap =
    [
        .. new (string Kind, string Title, Func<IReadOnlyList<ReportLine>, int, List<string>, bool> Below)[]
        {
            ("general-protection", "general protection fault in {f}", Details.BelowGeneralProtection),
            ("page-fault", "page fault in {f}", Details.BelowPageFault),
            ("oops", "Oops in {f}", Details.BelowTrap),
        }.Select(x => new Recipe(x.Kind, "+0x", x.Title)
        {
            Walk = Walks.FaultOrBelow, Torn = true, Silent = true, Detail = (lines, from, taken) => x.Below(lines, from, taken),
            Skip = TrapFrames, Merge = "bad-access",
        }),
    ];

    public static readonly Recipe[] InternalError =
    [
        .. new[] { "external abort", "synchronous parity", "SError" }.Select(x =>
            new Recipe("bus-error", "Internal error: *" + x, "Internal error in {f}") { Walk = Walks.FaultThenTrace,
                Merge = "bad-access" }),
        .. InternalErrors,
    ];

    private static Recipe[] InternalErrors =>
        [new("internal-error", "Internal error:", "Internal error in {f}") { Walk = Walks.FaultThenTrace, Merge = "bad-access" }];

    public static readonly Recipe[] Unhandled =
        [new("bus-error", "Unhandled fault: *external abort", "Unhandled fault in {f}") { Walk = Walks.FaultThenTrace,
            Merge = "bad-access", Accept = line => !ArmSyndrome.OfProgramIn(line), Silent = true },
        // arm64 until 4.19 (arch/arm64/mm/fault.c do_sea).
        new("bus-error", "Synchronous External Abort: ", "Synchronous External Abort in {f}") { Walk = Walks.FaultThenTrace,
            Merge = "bad-access" },
        new("page-fault", "Unhandled prefetch abort:", "Unhandled prefetch abort in {f}") { Walk = Walks.FaultThenTrace,
            Merge = "bad-access" },
        new("page-fault", "Unhandled fault:", "Unhandled fault in {f}") { Walk = Walks.FaultThenTrace, Merge = "bad-access",
            Accept = line => !ArmSyndrome.OfProgramIn(line) }];

    /// <summary>The line above it was lost, or an architecture has none; riscv names what was refused.</summary>
    public static readonly Recipe[] Oops =
        [new("bus-error", "Oops - *access fault", "Oops in {f}") { Walk = Walks.FaultThenTrace, Merge = "bad-access" },
        new("oops", "Oops", "Oops in {f}") { Walk = Walks.FaultThenTrace, Merge = "bad-access" }];
}
