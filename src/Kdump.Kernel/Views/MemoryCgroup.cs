namespace Kdump.Kernel.Views;

/// <summary>A group of the memory controller; all sizes are in pages of the kernel.</summary>
/// <param name="Max">memory.max; null for none.</param>
/// <param name="High">memory.high; null for none.</param>
/// <param name="SwapMax">memory.swap.max; null for none.</param>
/// <param name="Peak">Highest usage so far; null if the kernel does not record it.</param>
/// <param name="Failed">How often the limit was reached.</param>
/// <param name="OomKills">Number of its processes that the OOM killer killed.</param>
public sealed record MemoryCgroup(string Path, long Usage, long? Max, long? High, long? Swap, long? SwapMax, long? Peak, long Failed,
    long? OomKills);
