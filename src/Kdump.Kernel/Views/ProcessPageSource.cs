namespace Kdump.Kernel.Views;

/// <summary>Source of a page of a process, or the reason why the page is missing.</summary>
public enum ProcessPageSource : byte
{
    /// <summary>Mapped in the process's page tables.</summary>
    Mapped,

    /// <summary>Not mapped, but in the page cache of its file.</summary>
    FromCache,

    /// <summary>From a file with the same build id.</summary>
    FromFile,

    /// <summary>Anonymous memory that was never accessed, or a page that the dump excluded because it was zero.</summary>
    Zero,

    /// <summary>Excluded from the dump.</summary>
    Excluded,

    Swapped,

    /// <summary>A page of a file that is neither mapped, nor in the page cache, nor in a file that is proven to be the same.</summary>
    NotRead,

    /// <summary>The page is damaged or missing in the dump, or its page table is; also memory of devices.</summary>
    Lost,
}
