namespace Kdump.Kernel.Views;

/// <summary>Where a page of a process is from, or why it is not there.</summary>
public enum ProcessPageSource : byte
{
    /// <summary>Mapped in the process's page tables.</summary>
    Mapped,

    /// <summary>Not mapped, but in the page cache of its file.</summary>
    FromCache,

    /// <summary>Out of a file of the same build id.</summary>
    FromFile,

    /// <summary>Anonymous memory that was never touched, or a page that the dump left out because it was zero.</summary>
    Zero,

    /// <summary>Left out of the dump.</summary>
    Excluded,

    Swapped,

    /// <summary>In a file, and neither mapped nor in the page cache nor in a file that is known to be the same.</summary>
    NotRead,

    /// <summary>Damaged or not in the dump, or its page table is; also memory of devices.</summary>
    Lost,
}
