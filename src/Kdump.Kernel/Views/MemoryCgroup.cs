namespace Kdump.Kernel.Views;

/// <summary>A group of the memory controller; everything in the kernel's pages.</summary>
/// <param name="Max">memory.max; null for none.</param>
/// <param name="High">memory.high; null for none.</param>
/// <param name="SwapMax">memory.swap.max; null for none.</param>
/// <param name="Peak">The most that it ever had; null where the kernel does not keep it.</param>
/// <param name="Failed">How often its limit was hit.</param>
/// <param name="OomKills">How many of its processes were killed for memory.</param>
public sealed record MemoryCgroup(string Path, long Usage, long? Max, long? High, long? Swap, long? SwapMax, long? Peak, long Failed,
    long? OomKills);
