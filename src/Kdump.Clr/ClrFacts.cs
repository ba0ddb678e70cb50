using Microsoft.Diagnostics.Runtime;

namespace Kdump.Clr;

/// <summary>Threads, locks and heap of a runtime, out of ClrMD. Every walk is bounded: the memory may be anything.</summary>
internal static class ClrFacts
{
    private const int MaxThreads = 20_000, MaxFrames = 4096, MaxLocks = 100_000, MaxName = 512;
    private const long MaxObjects = 200_000_000;

    public static Answer Read(ClrRuntime clr, Runtime runtime, string dac, int types, List<string> notes)
    {
        ClrHeap heap = clr.Heap;
        List<ClrLockFact> locks = [];
        Dictionary<ulong, ClrThread> byAddress = [];
        ClrThread[] all = [.. clr.Threads.Take(MaxThreads)];
        foreach (ClrThread thread in all)
            byAddress.TryAdd(thread.Address, thread);
        Try(notes, "locks", () =>
        {
            foreach (SyncBlock block in heap.EnumerateSyncBlocks().Take(MaxLocks))
                if (block.IsMonitorHeld)
                {
                    ClrThread? owner = byAddress.GetValueOrDefault(block.HoldingThreadAddress);
                    locks.Add(new ClrLockFact(block.Object, Cut(heap.GetObjectType(block.Object)?.Name ?? "(type not known)"),
                        owner?.ManagedThreadId,
                        owner?.OSThreadId, block.RecursionCount, block.WaitingThreadCount));
                }
        });
        Dictionary<int, string> names = [];
        Dictionary<string, (long Count, long Bytes)> sizes = new(StringComparer.Ordinal);
        long objects = 0, bytes = 0;
        if (types > 0 && !heap.CanWalkHeap)
            notes.Add("the heap cannot be walked: its segments are not there");
        else if (types > 0)
            Try(notes, "the heap", () =>
            {
                foreach (ClrObject found in heap.EnumerateObjects())
                {
                    if (++objects > MaxObjects || found.Type is not { } type)
                        break;
                    long size = (long)Math.Min(found.Size, long.MaxValue / 2);
                    bytes += size;
                    string name = type.Name ?? "(no name)";
                    (long count, long sum) = sizes.GetValueOrDefault(name);
                    sizes[name] = (count + 1, sum + size);
                    if (name == "System.Threading.Thread" && type.GetFieldByName("_managedThreadId") is not null &&
                        type.GetFieldByName("_name") is not null &&
                        found.ReadStringField("_name", MaxName) is { Length: > 0 } called)
                        names.TryAdd(found.ReadField<int>("_managedThreadId"), called);
                }
            });
        List<ClrThreadFact> threads = [];
        foreach (ClrThread thread in all)
            Try(notes, $"thread {thread.OSThreadId}", () =>
                threads.Add(Of(thread, names.GetValueOrDefault(thread.ManagedThreadId), locks)));
        return new Answer(runtime.Version ?? clr.ClrInfo.Version.ToString(), runtime.BuildId, dac, threads, locks,
            [.. sizes.OrderByDescending(t => t.Value.Bytes).ThenBy(t => t.Key, StringComparer.Ordinal).Take(types)
                .Select(t => new ClrTypeFact(Cut(t.Key), t.Value.Count, t.Value.Bytes))], objects, bytes, notes);
    }

    private static ClrThreadFact Of(ClrThread thread, string? name, List<ClrLockFact> locks)
    {
        List<ClrFrameFact> frames = [.. thread.EnumerateStackTrace().Take(MaxFrames).Select(Frame)];
        ClrExceptionFact? exception = thread.CurrentException is { } thrown
            ? new ClrExceptionFact(Cut(thrown.Type.Name ?? "?"), thrown.Message is { } text ? Cut(text) : null, thrown.Address,
                [.. thrown.StackTrace.Take(MaxFrames).Select(Frame)]) : null;
        ClrThreadFact fact = new(thread.OSThreadId, thread.ManagedThreadId, name, thread.IsAlive, thread.IsFinalizer, frames, exception);
        if (frames.FirstOrDefault(f => f.Managed) is { } top && top.Name.Contains("System.Threading.Monitor.", StringComparison.Ordinal))
        {
            HashSet<ulong> roots = [.. thread.EnumerateStackRoots().Take(MaxLocks).Select(r => r.Object.Address)];
            foreach (ClrLockFact held in locks)
                if (held.Owner != thread.ManagedThreadId && held.Waiting > 0 && roots.Contains(held.Object))
                    fact.WaitsFor.Add(held.Object);
        }
        return fact;
    }

    private static ClrFrameFact Frame(ClrStackFrame frame) => new(frame.InstructionPointer, frame.StackPointer,
        Cut(frame.Method?.Signature ?? (frame.FrameName is { Length: > 0 } own ? $"[{own}]" : "(native)")), frame.Method is not null);

    private static string Cut(string text) => text.Length <= MaxName ? text : text[..MaxName] + "…";

    /// <summary>A part that cannot be read is skipped; the rest is still read.</summary>
    private static void Try(List<string> notes, string what, Action read)
    {
        try
        {
            read();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            notes.Add($"{what} could not be read whole: {e.Message}");
        }
    }
}
