namespace Kdump.Formats.Dumps;

/// <summary>
/// Number of frames below <see cref="Dump.MaxPfn"/> in each state, by the dump's bitmaps or segments; pages are not read.
/// </summary>
public readonly record struct PageCounts(long Present, long Excluded, long Absent, long Damaged)
{
    public static PageCounts operator +(PageCounts a, PageCounts b) =>
        new(a.Present + b.Present, a.Excluded + b.Excluded, a.Absent + b.Absent, a.Damaged + b.Damaged);
}
