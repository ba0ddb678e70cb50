using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Symbols;
using Kdump.Kernel.Types;
using Kdump.Kernel.Unwind;

namespace Kdump.Kernel.Views;

/// <summary>
/// The object for which a task sleeps, proven by the task's own waiter: task_struct.pi_blocked_on for an rt_mutex; otherwise a waiter on
/// its stack that contains a pointer to the task and is an entry of a list whose neighbours point back to it.
/// </summary>
/// <param name="Object">The lock, completion, word or wait queue.</param>
/// <param name="Name">The variable that is or contains the object, if it has a symbol.</param>
/// <param name="Holder">The task in the owner field; null if it contains none, or if there is no such field.</param>
/// <param name="Readers">True if readers hold the lock: the holder is then the last one that took it, which may have released it
/// again.</param>
/// <param name="Detail">Which bit, and of which object.</param>
public sealed record TaskWait(WaitKind Kind, VirtualAddress Object, Location? Name, TaskStruct? Holder, bool Readers, string? Detail)
{
    private const int MaxStack = 8192;

    private static WaitKind KindOf(LockKind kind)
    {
        if (kind == LockKind.Mutex)
            return WaitKind.Mutex;
        return kind == LockKind.Semaphore ? WaitKind.Semaphore : WaitKind.RwSemaphore;
    }

    /// <summary>Null if nothing is proven.</summary>
    public static TaskWait? Of(CrashedKernel kernel, TaskStruct task, Stack stack, IReadOnlyDictionary<ulong, TaskStruct> tasks)
    {
        try
        {
            if (OfRtMutex(kernel, task, tasks) is { } realTime)
                return realTime;
            if (LockWait.Of(kernel, task, stack, tasks) is { } wait)
                return new TaskWait(KindOf(wait.Kind), wait.Lock, wait.Name, wait.Holder, wait.Readers, null);
            return OfQueue(kernel, task, stack, tasks);
        }
        catch (InputException)
        {
            // A list that cannot be read to its end is not used as proof.
            return null;
        }
    }

    /// <summary>
    /// kernel/locking/rtmutex_common.h: bit 0 of the owner means that there are waiters. The member lock is an rt_mutex_base since 5.15.
    /// </summary>
    private static TaskWait? OfRtMutex(CrashedKernel kernel, TaskStruct task, IReadOnlyDictionary<ulong, TaskStruct> tasks)
    {
        if (!task.Struct.Has("pi_blocked_on") || task.Struct.Follow("pi_blocked_on") is not { } waiter ||
            waiter.U64("task") != task.Address.Value || waiter.Follow("lock") is not { } held)
            return null;
        return new TaskWait(WaitKind.RtMutex, held.Address, kernel.Locate(held.Address),
            tasks.GetValueOrDefault(held.U64("owner") & ~1UL), false, null);
    }

    private static TaskWait? OfQueue(CrashedKernel kernel, TaskStruct task, Stack stack, IReadOnlyDictionary<ulong, TaskStruct> tasks)
    {
        // The outermost frame of a waiting function: its local variables are below the stack pointer of its caller.
        int last = -1;
        WaitKind kind = WaitKind.Queue;
        for (int i = 0; i < stack.Frames.Count && stack.Frames[i].Kind == FrameKind.Call; i++)
        {
            if (stack.Frames[i].Location is { Module: null } at && KindOf(at.Symbol) is { } found)
                (last, kind) = (i, found);
        }
        VirtualAddress start = task.SleepingSp;
        // The entry of a plain wait queue may be in any frame; search up to three frames above the scheduler's.
        int frame = last >= 0 ? last + 1 : Math.Min(stack.Frames.Count - 1, 4);
        if (frame <= 0 || frame >= stack.Frames.Count)
            return null;
        ulong end = stack.Frames[frame].Sp.Value;
        if (end <= start.Value || end - start.Value > MaxStack)
            return null;
        ulong[] words = LockWait.Words(kernel.Memory, start, (int)(end - start.Value) / 8);
        bool simple = kind == WaitKind.Completion && kernel.Struct("completion").Of("wait")?.Name == "swait_queue_head";
        StructType entry = kernel.Struct(simple ? "swait_queue" : "wait_queue_entry");
        int whose = entry.Offset(simple ? "task" : "private"), link = entry.Offset(simple ? "task_list" : "entry");
        for (int i = 0; i < words.Length; i++)
        {
            if (words[i] != task.Address.Value)
                continue;
            VirtualAddress at = start + (8L * i - whose);
            if (!LockWait.Linked(kernel.Memory, at + link))
                continue;
            if (kind is WaitKind.Bit or WaitKind.PageBit)
                return Bit(kernel, kind, at);
            if (Head(kernel, at + link, link - whose, tasks) is { } head)
                return Queue(kernel, kind, head, simple, tasks);
        }
        return null;
    }

    private static WaitKind? KindOf(string function) => function switch
    {
        _ when function.StartsWith("wait_for_completion", StringComparison.Ordinal) => WaitKind.Completion,
        _ when function.StartsWith("percpu_rwsem_wait", StringComparison.Ordinal) => WaitKind.PerCpuRwSemaphore,
        _ when function.StartsWith("out_of_line_wait_on_bit", StringComparison.Ordinal) ||
            function.StartsWith("__wait_on_bit", StringComparison.Ordinal) => WaitKind.Bit,
        _ when function.Contains("folio_wait_bit_common", StringComparison.Ordinal) ||
            function.Contains("wait_on_page_bit_common", StringComparison.Ordinal) ||
            function.StartsWith("__folio_lock", StringComparison.Ordinal) || function is "__lock_page" => WaitKind.PageBit,
        _ => null,
    };

    /// <summary>
    /// struct wait_bit_queue_entry and wait_page_queue: the bit for which the task waits is stored before the list entry.
    /// </summary>
    private static TaskWait? Bit(CrashedKernel kernel, WaitKind kind, VirtualAddress entry)
    {
        if (kind == WaitKind.Bit)
        {
            StructType type = kernel.Struct("wait_bit_queue_entry");
            StructReader waiter = new(kernel.Memory, type, entry + -type.Offset("wq_entry"));
            VirtualAddress word = waiter.Pointer("key.flags");
            return new TaskWait(kind, word, kernel.Locate(word), null, false, $"bit {waiter.S32("key.bit_nr")}");
        }
        StructType page = kernel.Struct("wait_page_queue");
        StructReader queued = new(kernel.Memory, page, entry + -page.Offset("wait"));
        VirtualAddress folio = queued.Pointer(queued.Has("folio") ? "folio" : "page");
        int bit = queued.S32("bit_nr");
        return new TaskWait(kind, folio, null, null, false, PageFlag(kernel, bit) ?? $"bit {bit}");
    }

    private static string? PageFlag(CrashedKernel kernel, int bit)
    {
        foreach (string name in (string[])["PG_locked", "PG_writeback", "PG_private_2", "PG_uptodate"])
            if (kernel.Btf.Value?.Enumerator("pageflags", name) == bit)
                return name;
        return null;
    }

    /// <summary>The only entry of a list that is on no task's stack; null if there are several, or none.</summary>
    private static VirtualAddress? Head(CrashedKernel kernel, VirtualAddress node, int back, IReadOnlyDictionary<ulong, TaskStruct> tasks)
    {
        List<Damage> broken = [];
        VirtualAddress? only = null;
        foreach (VirtualAddress at in KernelList.Walk(kernel.Memory, node, "waiters", broken, 10_000))
        {
            if (kernel.Memory.TryU64(at + -back, out ulong whose) && LockWait.OnStackOf(at.Value, whose, tasks, kernel.StackSize))
                continue;
            if (only is not null)
                return null;
            only = at;
        }
        return broken.Count == 0 ? only : null;
    }

    private static TaskWait Queue(CrashedKernel kernel, WaitKind kind, VirtualAddress list, bool simple,
        IReadOnlyDictionary<ulong, TaskStruct> tasks)
    {
        VirtualAddress head = list + -kernel.Struct(simple ? "swait_queue_head" : "wait_queue_head").Offset(simple ? "task_list" : "head");
        if (kind == WaitKind.Completion)
            head += -kernel.Struct("completion").Offset("wait");
        if (kind != WaitKind.PerCpuRwSemaphore)
            return new TaskWait(kind, head, kernel.Locate(head), null, false, null);
        StructType type = kernel.Struct("percpu_rw_semaphore");
        StructReader held = new(kernel.Memory, type, head + -type.Offset("waiters"));
        ulong writer = held.Has("writer.task") ? held.U64("writer.task") : 0;
        bool blocked = held.Has("block.counter") ? held.U64("block.counter") != 0 : held.First("block") is > 0;
        return new TaskWait(kind, held.Address, kernel.Locate(held.Address), tasks.GetValueOrDefault(writer), false,
            blocked ? "a writer has it; its owner is not kept" : null);
    }
}
