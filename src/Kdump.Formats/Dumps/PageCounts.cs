namespace Kdump.Formats.Dumps;

/// <summary>How many frames below <see cref="Dump.MaxPfn"/> are in which state by the dump's own maps; page bytes are not read.</summary>
public readonly record struct PageCounts(long Present, long Excluded, long Absent, long Damaged)
{
    public static PageCounts operator +(PageCounts a, PageCounts b) =>
        new(a.Present + b.Present, a.Excluded + b.Excluded, a.Absent + b.Absent, a.Damaged + b.Damaged);
}
