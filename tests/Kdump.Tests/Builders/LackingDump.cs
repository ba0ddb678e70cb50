using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;

namespace Kdump.Tests.Builders;

/// <summary>A dump without some of its pages, and a list of those that were read.</summary>
/// <param name="lacks">The state of a page that is to be missing; null: it is as in the whole dump.</param>
internal sealed class LackingDump(Dump whole, Func<ulong, PageState?> lacks) : Dump
{
    private readonly HashSet<ulong> read = [];

    /// <summary>Frames that somebody read, present or not.</summary>
    public IReadOnlyCollection<ulong> Read => read;

    public override string Name => whole.Name;

    public override string Format => whole.Format;

    public override DumpInfo Info => whole.Info;

    public override int PageSize => whole.PageSize;

    public override Pfn MaxPfn => whole.MaxPfn;

    public override bool Incomplete => whole.Incomplete;

    public override ReadOnlyMemory<byte> Notes => whole.Notes;

    public override PageState State(Pfn pfn) => lacks(pfn.Value) ?? whole.State(pfn);

    public override PageState ReadPage(Pfn pfn, Span<byte> page)
    {
        lock (read)
            read.Add(pfn.Value);
        return lacks(pfn.Value) ?? whole.ReadPage(pfn, page);
    }

    protected override void Dispose(bool disposing)
    {
        // The whole dump is used again.
    }
}
