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
        // s390 (arch/s390/mm/fault.c); in user address space it is a copy that had no handler.
        new("page-fault", "Unable to handle kernel pointer dereference in ",
            "BUG: unable to handle kernel pointer dereference in {f}") { Walk = Walks.FaultThenTrace, Merge = "bad-access" },
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
        // Checks of socket buffers stand in wrappers; whoever handed in the buffer is to blame.
        new("kernel-bug", "kernel BUG at {t}", "kernel BUG in {f}") { Walk = Walks.FaultThenTrace, Skip = new(["^skb_"]) },
    ];

    public static readonly Recipe[] MipsBug =
        [new("kernel-bug", "Kernel bug detected[#", "kernel BUG in {f}") { Walk = Walks.FaultThenTrace }];

    public static readonly Recipe[] OldBug = [new("kernel-bug", "Kernel BUG {t}", "kernel BUG {1}")];

    public static readonly Recipe[] InternalError =
        [new("internal-error", "Internal error:", "Internal error in {f}") { Walk = Walks.FaultThenTrace, Merge = "bad-access" }];

    public static readonly Recipe[] Unhandled =
        [new("page-fault", "Unhandled fault:", "Unhandled fault in {f}") { Walk = Walks.FaultThenTrace, Merge = "bad-access" }];

    public static readonly Recipe[] Alignment =
        [new("alignment", "Alignment trap:", "Alignment trap in {f}") { Walk = Walks.FaultThenTrace }];

    /// <summary>The line above it was lost, or an architecture has none.</summary>
    public static readonly Recipe[] Oops =
        [new("oops", "Oops", "Oops in {f}") { Walk = Walks.FaultThenTrace, Merge = "bad-access" }];
}
