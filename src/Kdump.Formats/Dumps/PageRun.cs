using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dumps;

/// <summary>Frames [First, End) that are alike by the dump's maps; at least one.</summary>
public readonly record struct PageRun(Pfn First, Pfn End, PageState State)
{
    public long Count => (long)(End.Value - First.Value);
}
