using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Memory;

/// <summary>What one question could not read: pages, and records that were skipped.</summary>
public sealed class Unread : IDisposable
{
    /// <summary>Places that are kept by their address, and records in words; more are counted.</summary>
    private const int Kept = 64;

    private readonly UnreadMemory of;
    private readonly Dictionary<ulong, MemoryState> pages = [];
    private readonly List<(VirtualAddress Address, MemoryState State)> places = [];
    private readonly List<Damage> records = [];
    private readonly HashSet<Damage> known = [];
    private readonly HashSet<Unread> included = [];

    internal Unread(UnreadMemory of, Unread? outer)
    {
        this.of = of;
        Outer = outer;
    }

    internal Unread? Outer { get; }

    /// <summary>True if something is missing: the answer may be incomplete.</summary>
    public bool Any => pages.Count + known.Count > 0;

    /// <summary>Pages that were asked for and are not there, each once.</summary>
    public int Pages => pages.Count;

    /// <summary>The first places that were asked for, by virtual address, in the order of the questions.</summary>
    public IReadOnlyList<(VirtualAddress Address, MemoryState State)> Places => places;

    /// <summary>Records that were skipped, each once, the first of them.</summary>
    public IReadOnlyList<Damage> Records => records;

    /// <summary>Number of all skipped records.</summary>
    public int RecordCount => known.Count;

    /// <summary>It was reported together with its answer, so the enclosing question does not report it again.</summary>
    public bool Told { get; set; }

    /// <summary>Pages of one state.</summary>
    public int Count(MemoryState state) => pages.Values.Count(s => s == state);

    /// <summary>Adds records that a walk gave up.</summary>
    public void Add(IEnumerable<Damage> damages)
    {
        foreach (Damage damage in damages)
            if (known.Add(damage with { Error = null }) && records.Count < Kept)
                records.Add(damage);
    }

    /// <summary>Adds what the answer of an earlier question, which is used here, lacks.</summary>
    public void Include(Unread? other)
    {
        if (other is not { Any: true } || other == this || !included.Add(other))
            return;
        foreach ((ulong frame, MemoryState state) in other.pages)
            pages.TryAdd(frame, state);
        foreach ((VirtualAddress address, MemoryState state) in other.places)
            Note(address, state);
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
