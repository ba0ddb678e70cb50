namespace Kdump.Kernel.Views;

/// <summary>A zone of a node; all numbers are in pages.</summary>
/// <param name="Free">Free pages by the zone's own counter.</param>
/// <param name="Boost">Temporary increase of the watermarks because of fragmentation; the kernel adds it to all three.</param>
/// <param name="InCpuLists">Free pages in per-CPU lists; null if they cannot be read.</param>
/// <param name="FreeByOrder">Number of free blocks of 2^n pages, for n from 0.</param>
public sealed record Zone(int Node, string Name, long Spanned, long Present, long Managed, long Free, long WatermarkMin, long WatermarkLow,
    long WatermarkHigh, long Boost, long? InCpuLists, IReadOnlyList<long> FreeByOrder)
{
    public long Min => WatermarkMin + Boost;

    public long Low => WatermarkLow + Boost;

    public long High => WatermarkHigh + Boost;
}
