using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Views;

/// <summary>Searches memory for a value or bytes: in a range of addresses, or in all memory of the dump, with all CPUs.</summary>
public sealed class MemorySearch
{
    private const int Stretch = 512;

    private readonly byte[] pattern;
    private readonly ulong mask;
    private readonly int align;

    /// <param name="pattern">The bytes to search for; a value as little-endian bytes.</param>
    /// <param name="align">Alignment of a match in bytes; 1 for text.</param>
    /// <param name="ignored">Bits of a value that are ignored in the comparison.</param>
    public MemorySearch(byte[] pattern, int align, ulong ignored = 0)
    {
        this.pattern = pattern;
        this.align = align;
        mask = ~ignored;
    }

    /// <summary>True if a page of zeros has matches.</summary>
    public bool FindsZeros => pattern.Length is 4 or 8 ? (Value(pattern) & mask) == 0 : Array.TrueForAll(pattern, b => b == 0);

    /// <summary>
    /// The physical addresses of matches in ascending order, up to the requested number, and the number of all matches. A match that
    /// crosses a page boundary is found only if the pattern is aligned, so a text that crosses one is not found.
    /// </summary>
    public (IReadOnlyList<PhysicalAddress> Found, long Count) Everywhere(Dump dump, int most)
    {
        List<PageRun> stretches = [];
        for (Pfn pfn = new(0); dump.NextRun(pfn) is { } run; pfn = run.End)
            for (ulong first = run.First.Value; run.State == PageState.Present && first < run.End.Value; first += Stretch)
                stretches.Add(new PageRun(new Pfn(first), new Pfn(Math.Min(run.End.Value, first + Stretch)), run.State));
        Lock gate = new();
        List<PhysicalAddress> found = [];
        long count = 0;
        Parallel.ForEach(stretches, () => new byte[dump.PageSize], (stretch, _, page) =>
        {
            List<PhysicalAddress> here = [];
            for (ulong pfn = stretch.First.Value; pfn < stretch.End.Value; pfn++)
                if (dump.ReadPage(new Pfn(pfn), page) == PageState.Present)
                    foreach (int at in In(page))
                        here.Add(new PhysicalAddress(pfn * (ulong)page.Length + (ulong)at));
            if (here.Count > 0)
                lock (gate)
                {
                    count += here.Count;
                    found.AddRange(here);
                    // Stretches arrive in nearly ascending order: do not keep matches far beyond the requested number.
                    if (found.Count > 4 * most + 65536)
                    {
                        found.Sort((a, b) => a.Value.CompareTo(b.Value));
                        found.RemoveRange(most, found.Count - most);
                    }
                }
            return page;
        }, _ => { });
        found.Sort((a, b) => a.Value.CompareTo(b.Value));
        return (found.Count > most ? found[..most] : found, count);
    }

    /// <summary>Virtual addresses of matches in a range, in ascending order; missing pages are skipped and counted.</summary>
    public IEnumerable<VirtualAddress> Between(KernelMemory memory, VirtualAddress from, VirtualAddress to,
        Action<MemoryState>? missing = null)
    {
        byte[] page = new byte[KernelMemory.BlockPage];
        for (ulong at = from.Value & ~(ulong)(KernelMemory.BlockPage - 1); at < to.Value; at += KernelMemory.BlockPage)
        {
            MemoryState state = memory.Read(new VirtualAddress(at), page);
            if (state != MemoryState.Present)
                missing?.Invoke(state);
            else
                foreach (int offset in In(page))
                    if (at + (ulong)offset >= from.Value && at + (ulong)offset < to.Value)
                        yield return new VirtualAddress(at + (ulong)offset);
            if (at > ulong.MaxValue - KernelMemory.BlockPage)
                yield break;
        }
    }

    private List<int> In(byte[] page)
    {
        List<int> hits = [];
        if (mask == ulong.MaxValue)
        {
            for (int from = 0; from <= page.Length - pattern.Length;)
            {
                int hit = page.AsSpan(from).IndexOf(pattern);
                if (hit < 0)
                    break;
                if ((from + hit) % align == 0)
                    hits.Add(from + hit);
                from += hit + 1;
            }
            return hits;
        }
        ulong wanted = Value(pattern) & mask;
        for (int at = 0; at <= page.Length - pattern.Length; at += align)
            if ((Value(page.AsSpan(at, pattern.Length)) & mask) == wanted)
                hits.Add(at);
        return hits;
    }

    private ulong Value(ReadOnlySpan<byte> raw) => pattern.Length switch
    {
        2 => BinaryPrimitives.ReadUInt16LittleEndian(raw),
        4 => BinaryPrimitives.ReadUInt32LittleEndian(raw),
        8 => BinaryPrimitives.ReadUInt64LittleEndian(raw),
        _ => raw[0],
    };
}
