using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dumps;

/// <summary>A run of at least one frame [First, End) that have the same state by the dump's bitmaps or segments.</summary>
public readonly record struct PageRun(Pfn First, Pfn End, PageState State)
{
    public long Count => (long)(End.Value - First.Value);
}
