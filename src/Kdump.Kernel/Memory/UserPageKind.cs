namespace Kdump.Kernel.Memory;

/// <summary>Kind of an entry of a process's page tables.</summary>
public enum UserPageKind : byte
{
    /// <summary>No page was ever mapped, or a page of a file was unmapped again.</summary>
    None,

    /// <summary>A page of memory.</summary>
    Present,

    /// <summary>A page of memory that the process must not access (PROT_NONE, NUMA hinting).</summary>
    NoAccess,

    /// <summary>The page is on a swap device.</summary>
    Swapped,

    /// <summary>Any other entry without a page: migration, device memory, poisoned page, marker.</summary>
    Special,

    /// <summary>The page table is missing from the dump.</summary>
    Missing,
}
