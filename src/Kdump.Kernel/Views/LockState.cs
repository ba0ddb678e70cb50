using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Symbols;

namespace Kdump.Kernel.Views;

/// <summary>A lock, or another object for which tasks sleep, with all its waiters.</summary>
/// <param name="Waiters">The waiters, the longest wait first.</param>
public sealed record LockState(WaitKind Kind, VirtualAddress Address, Location? Name, TaskStruct? Holder, bool Readers, string? Detail,
    IReadOnlyList<TaskStruct> Waiters)
{
    /// <summary>Longest wait in nanoseconds; null if no time is known.</summary>
    public ulong? Longest => Waiters.Max(w => w.NanosecondsSinceRun);
}

/// <summary>A CPU that spins for a spinlock: its code is in the lock's slow path.</summary>
/// <param name="Value">The lock's word: byte 0 locked, byte 1 pending, above them the last CPU of its queue.</param>
/// <param name="Owner">The owner, if the kernel records it (CONFIG_DEBUG_SPINLOCK); otherwise null.</param>
public sealed record Spinner(int Cpu, TaskStruct? Task, string Function, VirtualAddress? Lock, Location? Name, uint Value,
    TaskStruct? Owner);
