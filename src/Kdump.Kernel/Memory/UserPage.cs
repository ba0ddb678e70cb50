using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Memory;

/// <summary>An entry of a process's page tables.</summary>
/// <param name="Physical">Physical address of the requested byte; only valid for kinds present and no-access.</param>
/// <param name="Bytes">Size of the range that the entry covers, in bytes, and its alignment: 4 KiB, or more for huge pages and
/// holes.</param>
/// <param name="SwapType">Number of the swap device.</param>
/// <param name="SwapOffset">Offset on the swap device, in pages.</param>
/// <param name="State">For a missing table: the state of its memory.</param>
public readonly record struct UserPage(UserPageKind Kind, PhysicalAddress Physical, ulong Bytes, int SwapType = 0, ulong SwapOffset = 0,
    MemoryState State = MemoryState.Present);
