namespace Kdump.Kernel.Views;

/// <summary>Number of pages of one area of a core by source, and of missing pages by reason; in pages of the kernel.</summary>
public sealed class CorePages
{
    /// <summary>Mapped in the process's page tables.</summary>
    public long Mapped { get; set; }

    /// <summary>Not mapped, but in the page cache of the area's file.</summary>
    public long FromCache { get; set; }

    /// <summary>From a file with the same build id.</summary>
    public long FromFile { get; set; }

    /// <summary>Anonymous memory that was never accessed, and pages that the dump excluded because they were zero.</summary>
    public long Zero { get; set; }

    /// <summary>Excluded from the dump.</summary>
    public long Excluded { get; set; }

    public long Swapped { get; set; }

    /// <summary>Pages of a file that are neither mapped, nor in the page cache, nor in a file that is proven to be the same.</summary>
    public long NotRead { get; set; }

    /// <summary>Pages that are damaged or missing in the dump, or whose page table is, and memory of devices.</summary>
    public long Lost { get; set; }

    public long There => Mapped + FromCache + FromFile + Zero;

    public long Missing => Excluded + Swapped + NotRead + Lost;

    public void Add(ProcessPageSource source, long count)
    {
        switch (source)
        {
            case ProcessPageSource.Mapped: Mapped += count; break;
            case ProcessPageSource.FromCache: FromCache += count; break;
            case ProcessPageSource.FromFile: FromFile += count; break;
            case ProcessPageSource.Zero: Zero += count; break;
            case ProcessPageSource.Excluded: Excluded += count; break;
            case ProcessPageSource.Swapped: Swapped += count; break;
            case ProcessPageSource.NotRead: NotRead += count; break;
            default: Lost += count; break;
        }
    }

    public void Add(CorePages other)
    {
        Mapped += other.Mapped;
        FromCache += other.FromCache;
        FromFile += other.FromFile;
        Zero += other.Zero;
        Excluded += other.Excluded;
        Swapped += other.Swapped;
        NotRead += other.NotRead;
        Lost += other.Lost;
    }
}
