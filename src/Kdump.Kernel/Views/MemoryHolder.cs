using Kdump.Kernel.Structs;

namespace Kdump.Kernel.Views;

/// <summary>A process and its memory; sizes are in pages of the kernel.</summary>
/// <param name="Adjustment">oom_score_adj, -1000 to 1000; a process with -1000 is never killed.</param>
/// <param name="Score">oom_badness() of mm/oom_kill.c in pages: resident pages, swapped pages and page tables, plus the adjustment's
/// share of all memory. Null for a process that the kernel would not choose (init, or -1000).
/// </param>
/// <param name="MemoryCgroup">Path of the group; null if the kernel has no memory controller, or if the memory is missing from the
/// dump.</param>
public sealed record MemoryHolder(TaskStruct Task, int Threads, long Anonymous, long File, long SharedMemory, long Swapped,
    long? PageTableBytes,
    long Total, int Adjustment, long? Score, string? MemoryCgroup)
{
    public long Resident => Anonymous + File + SharedMemory;
}
