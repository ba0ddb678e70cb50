using Kdump.Kernel.Structs;

namespace Kdump.Kernel.Views;

/// <summary>A process and what it had; in the kernel's pages.</summary>
/// <param name="Adjustment">oom_score_adj, -1000 to 1000; -1000 is never killed.</param>
/// <param name="Score">
/// oom_badness() of mm/oom_kill.c in pages: resident, swapped and page tables, and the adjustment's share of all memory. Null for what the
/// kernel would not choose (the init process, -1000).
/// </param>
/// <param name="MemoryCgroup">Null where the kernel has no memory controller or the dump not that memory.</param>
public sealed record MemoryHolder(TaskStruct Task, int Threads, long Anonymous, long File, long SharedMemory, long Swapped,
    long? PageTableBytes,
    long Total, int Adjustment, long? Score, string? MemoryCgroup)
{
    public long Resident => Anonymous + File + SharedMemory;
}
