namespace Kdump.Clr;

/// <summary>One frame of a managed stack.</summary>
/// <param name="Name">The method with its parameters' types, or what the runtime calls a frame of its own ("[HelperMethodFrame]").</param>
internal sealed record ClrFrameFact(ulong Ip, ulong Sp, string Name, bool Managed);

internal sealed record ClrExceptionFact(string Type, string? Message, ulong Address, IReadOnlyList<ClrFrameFact> Frames);

/// <summary>A managed thread.</summary>
internal sealed record ClrThreadFact(uint OsId, int ManagedId, string? Name, bool Alive, bool Finalizer, IReadOnlyList<ClrFrameFact> Frames,
    ClrExceptionFact? Exception)
{
    /// <summary>Locks that others hold and that this thread, which is entering a monitor, has on its stack.</summary>
    public List<ulong> WaitsFor { get; } = [];
}

/// <summary>A monitor that is held.</summary>
/// <param name="Owner">Managed id of the thread that holds it; null where it is not known.</param>
internal sealed record ClrLockFact(ulong Object, string Type, int? Owner, uint? OwnerOsId, int Recursion, int Waiting);

internal sealed record ClrTypeFact(string Type, long Count, long Bytes);

/// <summary>What is told of a process.</summary>
/// <param name="Notes">What was not there, in words.</param>
internal sealed record Answer(string Version, string? BuildId, string Dac, IReadOnlyList<ClrThreadFact> Threads,
    IReadOnlyList<ClrLockFact> Locks, IReadOnlyList<ClrTypeFact> Heap, long HeapObjects, long HeapBytes, IReadOnlyList<string> Notes)
{
    /// <summary>Threads that wait for each other, each for the next and the last for the first.</summary>
    public IReadOnlyList<IReadOnlyList<ClrThreadFact>> Deadlocks()
    {
        Dictionary<int, ClrThreadFact> threads = [];
        foreach (ClrThreadFact thread in Threads)
            threads.TryAdd(thread.ManagedId, thread);
        Dictionary<ulong, int> owners = [];
        foreach (ClrLockFact held in Locks)
            if (held.Owner is { } owner)
                owners.TryAdd(held.Object, owner);
        List<IReadOnlyList<ClrThreadFact>> found = [];
        HashSet<int> told = [];
        foreach (ClrThreadFact start in Threads)
        {
            List<ClrThreadFact> way = [];
            for (ClrThreadFact? at = start; at is not null && !told.Contains(at.ManagedId);)
            {
                int again = way.IndexOf(at);
                if (again >= 0)
                {
                    way.RemoveRange(0, again);
                    found.Add(way);
                    break;
                }
                way.Add(at);
                at = at.WaitsFor is [var wanted] && owners.TryGetValue(wanted, out int owner) ? threads.GetValueOrDefault(owner) : null;
            }
            foreach (ClrThreadFact thread in way)
                told.Add(thread.ManagedId);
        }
        return found;
    }
}
