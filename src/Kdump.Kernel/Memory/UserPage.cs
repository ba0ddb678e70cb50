using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Memory;

/// <summary>An entry of a process's page tables.</summary>
/// <param name="Physical">Of the address that was asked for; of nothing for other kinds than present and no-access.</param>
/// <param name="Bytes">What the entry covers, aligned to it: 4 KiB, or more for huge pages and for holes.</param>
/// <param name="SwapType">Number of the swap device.</param>
/// <param name="SwapOffset">Page on it.</param>
/// <param name="State">For a missing table: the state of its memory.</param>
public readonly record struct UserPage(UserPageKind Kind, PhysicalAddress Physical, ulong Bytes, int SwapType = 0, ulong SwapOffset = 0,
    MemoryState State = MemoryState.Present);
