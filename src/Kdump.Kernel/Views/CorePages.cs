namespace Kdump.Kernel.Views;

/// <summary>Where the pages of one area of a core came from, and why others are holes; in the kernel's pages.</summary>
public sealed class CorePages
{
    /// <summary>Mapped in the process's page tables.</summary>
    public long Mapped { get; set; }

    /// <summary>Not mapped, but in the page cache of their file.</summary>
    public long FromCache { get; set; }

    /// <summary>Out of a file of the same build id.</summary>
    public long FromFile { get; set; }

    /// <summary>Anonymous memory that was never touched, and pages that the dump left out because they were zero.</summary>
    public long Zero { get; set; }

    /// <summary>Left out of the dump.</summary>
    public long Excluded { get; set; }

    public long Swapped { get; set; }

    /// <summary>In a file, and neither mapped nor in the page cache nor in a file that is known to be the same.</summary>
    public long NotRead { get; set; }

    /// <summary>Damaged or not in the dump, or its page table is; also memory of devices.</summary>
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
