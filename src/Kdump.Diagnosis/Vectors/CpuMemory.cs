namespace Kdump.Diagnosis.Vectors;

/// <summary>
/// Memory that one more CPU costs a crash kernel, without drivers: its per-CPU area (mm/percpu.c prints the pages), its interrupt
/// and entry stacks (arch/x86/mm/cpu_entry_area.c), its threads (idle, migration, ksoftirqd, cpuhp, rcu, kworkers: a stack of 16 kB
/// and a task_struct each), and the caches that slab and page allocator keep for it. The last part is measured: tests/lab/vectors.
/// </summary>
public sealed record CpuMemory(long PerCpuArea, string Reasoning)
{
    /// <summary>Assumed where the kernel log is not at hand: 62 pages in Debian's 6.1; 6.12 has 61.</summary>
    public static CpuMemory Assumed => new(256 * 1024, "256 kB per-CPU area assumed (no line \"percpu: Embedded\" in sight)");

    /// <summary>Entry area and interrupt stack, and ten threads with 16 kB of stack and 8 kB of task_struct.</summary>
    private const long Stacks = (240 + 16 + (10 * 24)) * 1024;

    /// <summary>Slabs, page lists, work queues: what the lab measured beyond the rest.</summary>
    private const long Caches = 768 * 1024;

    public long PerCpu => PerCpuArea + Stacks + Caches;

    /// <summary>Bytes that the CPUs beyond the first cost.</summary>
    public long Beyond(int cpus) => Math.Max(0, cpus - 1) * PerCpu;
}
