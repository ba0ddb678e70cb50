using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Symbols;
using Kdump.Kernel.Types;
using Kdump.Kernel.Unwind;

namespace Kdump.Kernel.Views;

/// <summary>
/// The lock for which a task sleeps. The proof is the waiter on the task's stack that is an entry of the lock's list of waiters.
/// </summary>
/// <param name="Name">The variable that is or contains the lock, if it has a symbol.</param>
/// <param name="Holder">The task in the owner field; null if it contains none.</param>
/// <param name="Readers">True if readers hold the lock: the owner field then contains the last one that took it, which may have released
/// it again.</param>
public sealed record LockWait(LockKind Kind, VirtualAddress Lock, Location? Name, TaskStruct? Holder, bool Readers)
{
    private const int MaxStack = 8192;
    private const int MaxRing = 10_000;

    /// <summary>Null if the task's stack shows no lock, or if the lock cannot be proven.</summary>
    public static LockWait? Of(CrashedKernel kernel, TaskStruct task, Stack stack, IReadOnlyDictionary<ulong, TaskStruct> tasks)
    {
        if (kernel.Btf.Value is not { } types)
            return null;
        foreach (LockKind kind in LockKind.All)
        {
            int last = stack.Frames.ToList()
                .FindLastIndex(f => f.Kind != FrameKind.Guess && f.Location is { } at && kind.Enters(at.Symbol));
            if (last < 0 || types.Struct(kind.Name) is not { } type || types.Struct(kind.Waiter) is not { } waiter)
                continue;
            VirtualAddress start = task.SleepingSp;
            ulong end = last + 1 < stack.Frames.Count ? stack.Frames[last + 1].Sp.Value : start.Value + 1024;
            if (end <= start.Value || end - start.Value > MaxStack)
                continue;
            ulong[] words = Words(kernel.Memory, start, (int)(end - start.Value) / 8);
            if (Ring(kernel.Memory, start, words, task, waiter) is not { Count: > 0 } ring ||
                Find(kernel, start, words, ring, type, waiter, task, tasks) is not { } found)
                continue;
            StructReader held = new(kernel.Memory, type, found);
            ulong owner = held.First("owner.counter", "last_holder") ?? 0;
            return new LockWait(kind, found, kernel.Locate(found), tasks.GetValueOrDefault(owner & ~LockKind.OwnerFlags),
                kind == LockKind.RwSemaphore && (owner & LockKind.ReaderOwned) != 0);
        }
        return null;
    }

    internal static ulong[] Words(KernelMemory memory, VirtualAddress start, int count)
    {
        MemoryBlock block = memory.ReadBlock(start, count * 8);
        ulong[] words = new ulong[count];
        for (int i = 0; i < count; i++)
            words[i] = block.TrySlice(i * 8, 8, out ReadOnlySpan<byte> raw)
                ? System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(raw) : 0;
        return words;
    }

    /// <summary>The entries of the list of waiters that contains a waiter on this stack; that waiter is the first.</summary>
    private static List<ulong>? Ring(KernelMemory memory, VirtualAddress start, ulong[] words, TaskStruct task, StructType waiter)
    {
        int list = waiter.Offset("list"), of = waiter.Offset("task");
        for (int i = 0; i < words.Length; i++)
        {
            if (words[i] != task.Address.Value)
                continue;
            VirtualAddress node = start + (8L * i - of + list);
            if (!Linked(memory, node))
                continue;
            List<Damage> broken = [];
            List<ulong> ring = [node.Value, .. KernelList.Walk(memory, node, "waiters", broken, MaxRing).Select(n => n.Value)];
            if (broken.Count == 0)
                return ring;
        }
        return null;
    }

    /// <summary>True if both neighbours of a list entry point back to it.</summary>
    internal static bool Linked(KernelMemory memory, VirtualAddress node) =>
        memory.TryU64(node, out ulong next) && memory.TryU64(node + 8, out ulong previous)
        && memory.TryU64(new VirtualAddress(next) + 8, out ulong back) && back == node.Value
        && memory.TryU64(new VirtualAddress(previous), out ulong forth) && forth == node.Value;

    private static VirtualAddress? Find(
        CrashedKernel kernel, VirtualAddress start, ulong[] words,
            List<ulong> ring, StructType type, StructType waiter, TaskStruct task, IReadOnlyDictionary<ulong, TaskStruct> tasks)
    {
        int list = waiter.Offset("list"), of = waiter.Offset("task");
        if (type.Find("wait_list") is { } head)
        {
            // All entries but one are waiters on stacks; the other one is the list head in the lock.
            ulong[] others = [.. ring.Where(n => !OnStackOf(n,
                kernel.Memory.TryU64(new VirtualAddress(n) + (of - list), out ulong whose) ? whose : 0, tasks, kernel.StackSize))];
            return others is [var only] ? new VirtualAddress(only) + -head.Offset : null;
        }
        if (type.Find("first_waiter") is not { } first)
            return null;
        // The lock's address is an argument of functions on the stack; task_struct.blocker contains it, too, with the kind in its low
        // bits.
        IEnumerable<ulong> candidates = words;
        if (task.Struct.First("blocker") is { } blocker)
            candidates = candidates.Prepend(blocker & ~3UL);
        foreach (ulong candidate in candidates)
        {
            if (candidate >= 1UL << 63 && (candidate & 7) == 0 && !OnStackOf(candidate, task.Address.Value, tasks, kernel.StackSize)
                && kernel.Memory.TryU64(new VirtualAddress(candidate) + first.Offset, out ulong points) &&
                    ring.Contains(unchecked((points & ~7UL) + (ulong)list)))
                return new VirtualAddress(candidate);
        }
        return null;
    }

    internal static bool OnStackOf(ulong address, ulong task, IReadOnlyDictionary<ulong, TaskStruct> tasks, int stackSize) =>
        tasks.TryGetValue(task, out TaskStruct? owner) && address >= owner.StackBase.Value &&
            address - owner.StackBase.Value < (ulong)stackSize;
}
