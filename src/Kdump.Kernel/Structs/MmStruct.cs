using Kdump.Formats.Bytes;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>
/// A process's memory, struct mm_struct of include/linux/mm_types.h. Its counters are atomics until Linux commit f1a7941243c1 ("mm: convert
/// mm's rss stats into percpu_counter") (v6.2). Their order never changed: file, anonymous, swapped, shared memory.
/// </summary>
public sealed class MmStruct
{
    private readonly CrashedKernel kernel;

    public MmStruct(CrashedKernel kernel, StructReader reader)
    {
        this.kernel = kernel;
        Struct = reader;
    }

    public StructReader Struct { get; }

    public VirtualAddress Address => Struct.Address;

    public long FilePages => Counter(0);

    public long AnonymousPages => Counter(1);

    public long SwappedPages => Counter(2);

    public long SharedMemoryPages => Counter(3);

    public long ResidentPages => FilePages + AnonymousPages + SharedMemoryPages;

    public long TotalPages => Struct.S64("total_vm");

    /// <summary>Bytes of its page tables; null where the kernel does not count them.</summary>
    public long? PageTableBytes => Struct.Has("pgtables_bytes.counter") ? Struct.S64("pgtables_bytes.counter") : null;

    /// <summary>The memory of a task; null for kernel threads and what has exited.</summary>
    public static MmStruct? Of(CrashedKernel kernel, TaskStruct task) =>
        task.Struct.Follow("mm") is { } mm ? new MmStruct(kernel, mm) : null;

    private long Counter(int i)
    {
        if (Struct.Type.Of("rss_stat") is { Name: "percpu_counter" } counter)
            return Math.Max(0, PercpuCounter.Sum(kernel, Struct.AddressOf("rss_stat") + (long)i * counter.Size));
        return Math.Max(0, unchecked((long)kernel.Memory.U64(Struct.AddressOf("rss_stat") + 8 * i, "mm_struct.rss_stat")));
    }
}
