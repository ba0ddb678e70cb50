namespace Kdump.Kernel.Memory;

/// <summary>What an entry of a process's page tables says.</summary>
public enum UserPageKind : byte
{
    /// <summary>No page was ever there, or it went back to its file.</summary>
    None,

    /// <summary>A page of memory.</summary>
    Present,

    /// <summary>A page of memory that the process may not touch (PROT_NONE, NUMA hinting).</summary>
    NoAccess,

    /// <summary>On a swap device.</summary>
    Swapped,

    /// <summary>Another entry that is not a page: under migration, a device's, poisoned, a marker.</summary>
    Special,

    /// <summary>The page table is missing from the dump.</summary>
    Missing,
}
