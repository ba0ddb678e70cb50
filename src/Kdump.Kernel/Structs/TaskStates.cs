using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Structs;

/// <summary>
/// The bits of a task's state (TASK_* of include/linux/sched.h) that changed between kernels. Linux commit 8ef9925b02c2 ("sched/debug:
/// Add explicit TASK_PARKED printing") (v4.14) put TASK_PARKED before the others. Commit f5d39b020809 ("freezer,sched: Rewrite core
/// freezer logic") (v6.1) replaced the flag PF_FROZEN by a state.
/// </summary>
/// <param name="WakeKill">A fatal signal ends the sleep.</param>
/// <param name="FrozenFlag">The flag of a frozen task; 0 if the freezer uses the state.</param>
public sealed record TaskStates(ulong Parked, ulong Dead, ulong WakeKill, ulong Waking, uint FrozenFlag)
{
    public const ulong Interruptible = 1, Uninterruptible = 2, Stopped = 4, Traced = 8, NoLoad = 0x400, Fresh = 0x800,
        RtLockWait = 0x1000, Freezable = 0x2000, FreezableUnsafe = 0x4000, Frozen = 0x8000, TracedNew = 0x10000;

    /// <summary>All bits that are known.</summary>
    public const ulong Known = 0xFFF | RtLockWait | Freezable | FreezableUnsafe | Frozen | TracedNew;

    private const uint PfFrozen = 0x0001_0000;

    public static readonly TaskStates Today = new(Parked: 0x40, Dead: 0x80, WakeKill: 0x100, Waking: 0x200, FrozenFlag: 0);

    private static readonly TaskStates Before414 = new(Parked: 0x200, Dead: 0x40, WakeKill: 0x80, Waking: 0x100, FrozenFlag: PfFrozen);

    /// <summary>
    /// The bits of this kernel: its own names of them, task_state_array of fs/proc/array.c, tell which place TASK_PARKED has. A kernel
    /// whose names cannot be read is taken for one since 4.14, because older ones have no BTF.
    /// </summary>
    public static TaskStates Of(CrashedKernel kernel) => kernel.Unread.Guess(() =>
    {
        if (kernel.FindSymbol("task_state_array") is { } names && NameAt(kernel, names, 0) == "R (running)" &&
            NameAt(kernel, names, 7) is { } parked && parked != "P (parked)")
            return Before414;
        // The old freezer counted its requests, the new one has a static key.
        return kernel.FindSymbol("system_freezing_cnt") is null ? Today : Today with { FrozenFlag = PfFrozen };
    });

    private static string? NameAt(CrashedKernel kernel, VirtualAddress names, int index) =>
        kernel.Memory.TryU64(names + 8 * index, out ulong name) ? kernel.Memory.Text(new VirtualAddress(name), 32) ?? "" : null;
}
