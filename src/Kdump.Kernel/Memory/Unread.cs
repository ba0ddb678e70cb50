using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Memory;

/// <summary>The pages that could not be read for one question, and the records that were skipped.</summary>
public sealed class Unread : IDisposable
{
    /// <summary>Maximum number of addresses and of records to keep; further ones are only counted.</summary>
    private const int Kept = 64;

    private readonly UnreadMemory of;
    private readonly Dictionary<ulong, MemoryState> pages = [];
    private readonly List<(VirtualAddress Address, MemoryState State)> places = [];
    private readonly List<Damage> records = [];
    private readonly HashSet<Damage> known = [];
    private readonly HashSet<Unread> included = [];
    private readonly Dictionary<MemoryState, long> passed = [];

    internal Unread(UnreadMemory of, Unread? outer)
    {
        this.of = of;
        Outer = outer;
    }

    internal Unread? Outer { get; }

    /// <summary>True if something is missing: the answer may be incomplete.</summary>
    public bool Any => Pages + known.Count > 0;

    /// <summary>Number of pages that were needed but are missing, each counted once.</summary>
    public long Pages => pages.Count + passed.Values.Sum();

    /// <summary>The first missing places, by virtual address, in the order of the reads.</summary>
    public IReadOnlyList<(VirtualAddress Address, MemoryState State)> Places => places;

    /// <summary>The first skipped records, each listed once.</summary>
    public IReadOnlyList<Damage> Records => records;

    /// <summary>Number of all skipped records.</summary>
    public int RecordCount => known.Count;

    /// <summary>
    /// True if the missing memory was reported together with its answer, so that the enclosing question does not report it again.
    /// </summary>
    public bool Told { get; set; }

    /// <summary>Number of missing pages in one state.</summary>
    public long Count(MemoryState state) => pages.Values.Count(s => s == state) + passed.GetValueOrDefault(state);

    /// <summary>Adds pages that a view passes over by their state, without an attempt to read each of them.</summary>
    public void Pass(MemoryState state, long count)
    {
        if (count > 0)
            passed[state] = passed.GetValueOrDefault(state) + count;
    }

    /// <summary>Adds records that a walk skipped.</summary>
    public void Add(IEnumerable<Damage> damages)
    {
        foreach (Damage damage in damages)
            if (known.Add(damage with { Error = null }) && records.Count < Kept)
                records.Add(damage);
    }

    /// <summary>Adds the missing memory of an earlier question whose answer is used here.</summary>
    public void Include(Unread? other)
    {
        if (other is not { Any: true } || other == this || !included.Add(other))
            return;
        foreach ((ulong frame, MemoryState state) in other.pages)
            pages.TryAdd(frame, state);
        foreach ((VirtualAddress address, MemoryState state) in other.places)
            Note(address, state);
        foreach ((MemoryState state, long count) in other.passed)
            Pass(state, count);
        Add(other.known);
    }

    internal void Note(ulong frame, MemoryState state) => pages.TryAdd(frame, state);

    internal void Note(VirtualAddress address, MemoryState state)
    {
        if (places.Count < Kept && (places.Count == 0 || places[^1].Address != address))
            places.Add((address, state));
    }

    public void Dispose() => of.End(this, keep: true);
}
