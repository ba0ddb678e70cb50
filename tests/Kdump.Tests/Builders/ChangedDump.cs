using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;

namespace Kdump.Tests.Builders;

/// <summary>A dump in whose memory somebody wrote.</summary>
internal sealed class ChangedDump(Dump whole) : Dump
{
    private readonly Dictionary<ulong, List<(int At, byte[] Bytes)>> changes = [];
    private long pagesRead;

    /// <summary>How often a page was asked for.</summary>
    public long PagesRead => Interlocked.Read(ref pagesRead);

    public override string Name => whole.Name;

    public override string Format => whole.Format;

    public override DumpInfo Info => whole.Info;

    public override int PageSize => whole.PageSize;

    public override Pfn MaxPfn => whole.MaxPfn;

    public override bool Incomplete => whole.Incomplete;

    public override ReadOnlyMemory<byte> Notes => whole.Notes;

    /// <summary>Bytes that are to stand at a physical address; they may go over the end of a page.</summary>
    public void Write(PhysicalAddress at, ReadOnlySpan<byte> bytes)
    {
        for (int done = 0; done < bytes.Length;)
        {
            ulong place = at.Value + (ulong)done;
            int within = (int)(place % (ulong)PageSize), n = Math.Min(bytes.Length - done, PageSize - within);
            if (!changes.TryGetValue(place / (ulong)PageSize, out List<(int At, byte[] Bytes)>? of))
                changes[place / (ulong)PageSize] = of = [];
            of.Add((within, bytes.Slice(done, n).ToArray()));
            done += n;
        }
    }

    public override PageState State(Pfn pfn) => whole.State(pfn);

    public override PageRun? NextRun(Pfn pfn) => whole.NextRun(pfn);

    public override PageState ReadPage(Pfn pfn, Span<byte> page)
    {
        Interlocked.Increment(ref pagesRead);
        PageState state = whole.ReadPage(pfn, page);
        if (state == PageState.Present && changes.TryGetValue(pfn.Value, out List<(int At, byte[] Bytes)>? of))
            foreach ((int at, byte[] bytes) in of)
                bytes.CopyTo(page[at..]);
        return state;
    }

    protected override void Dispose(bool disposing)
    {
        // The whole dump is used again.
    }
}
