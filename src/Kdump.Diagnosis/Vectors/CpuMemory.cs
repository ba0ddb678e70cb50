namespace Kdump.Diagnosis.Vectors;

/// <summary>
/// What one CPU more costs a crash kernel, before drivers: its per-CPU area (mm/percpu.c prints the pages), its interrupt and entry
/// stacks (arch/x86/mm/cpu_entry_area.c), its threads (idle, migration, ksoftirqd, cpuhp, rcu, kworkers: a stack of 16 kB and a
/// task_struct each), and the caches that slab and page allocator keep for it. The last part is measured: tests/lab/vectors.
/// </summary>
public sealed record CpuMemory(long PerCpuArea, string Reasoning)
{
    /// <summary>62 pages of a Debian 6.1, 6.12 has 61: what is assumed where the kernel log is not at hand.</summary>
    public static CpuMemory Assumed => new(256 * 1024, "256 kB per-CPU area assumed (no line \"percpu: Embedded\" in sight)");

    /// <summary>Entry area and interrupt stack, and ten threads with 16 kB of stack and 8 kB of task_struct.</summary>
    private const long Stacks = (240 + 16 + (10 * 24)) * 1024;

    /// <summary>Slabs, page lists, work queues: what the lab shows beyond the rest.</summary>
    private const long Caches = 768 * 1024;

    public long PerCpu => PerCpuArea + Stacks + Caches;

    /// <summary>Bytes beyond what one CPU costs.</summary>
    public long Beyond(int cpus) => Math.Max(0, cpus - 1) * PerCpu;
}
