namespace Kdump.Kernel.Views;

/// <summary>A zone of a node; everything in pages.</summary>
/// <param name="Free">Of the zone's own counter.</param>
/// <param name="Boost">What fragmentation has added to the watermarks for a while; the kernel adds it to all three.</param>
/// <param name="InCpuLists">Free pages that CPUs hold in their own lists; null where they cannot be read.</param>
/// <param name="FreeByOrder">Free blocks of 2^n pages, n from 0.</param>
public sealed record Zone(int Node, string Name, long Spanned, long Present, long Managed, long Free, long WatermarkMin, long WatermarkLow,
    long WatermarkHigh, long Boost, long? InCpuLists, IReadOnlyList<long> FreeByOrder)
{
    public long Min => WatermarkMin + Boost;

    public long Low => WatermarkLow + Boost;

    public long High => WatermarkHigh + Boost;
}
