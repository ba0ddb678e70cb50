using System.Text;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>
/// The memory of a process, struct mm_struct of include/linux/mm_types.h: its size in pages, and its content by the process's own page
/// tables. rss_stat became per-CPU counters with Linux commit f1a7941243c1 ("mm: convert mm's rss stats into percpu_counter") (v6.2);
/// before, each thread recorded changes of its own (task_struct.rss_stat, CONFIG_SPLIT_RSS_COUNTING).
/// </summary>
public sealed class ProcessMemory
{
    /// <summary>Maximum number of bytes of arguments or environment to show; the kernel allows megabytes.</summary>
    private const int MaxText = 16 << 10;

    private readonly CrashedKernel kernel;
    private readonly StructReader mm;
    private readonly Lazy<KernelMemory?> user;
    private readonly long[] held = new long[4];

    private ProcessMemory(CrashedKernel kernel, StructReader mm, IEnumerable<TaskStruct> threads)
    {
        this.kernel = kernel;
        this.mm = mm;
        if (kernel.Btf.Value?.Struct("task_struct") is { } type && type.Has("rss_stat.count"))
            foreach (TaskStruct task in threads)
                if (kernel.Memory.TryU64(task.Struct.AddressOf("mm"), out ulong its) && its == mm.Address.Value)
                    for (int i = 0; i < held.Length; i++)
                        held[i] += unchecked((int)kernel.Memory.U32(task.Struct.AddressOf("rss_stat.count") + 4 * i,
                            "task_struct.rss_stat"));
        user = new(() => kernel.Memory.OfProcess(mm.Pointer("pgd")));
    }

    public StructReader Struct => mm;

    public VirtualAddress Address => mm.Address;

    /// <summary>The process's address space; null if its page tables are missing.</summary>
    public KernelMemory? User => user.Value;

    /// <summary>The memory of a task; null for a kernel thread.</summary>
    /// <param name="threads">Threads that may share the memory: their changes that are not yet in the counters are added here.</param>
    /// <exception cref="InputException">The pointer cannot be read.</exception>
    public static ProcessMemory? Of(CrashedKernel kernel, TaskStruct task, IEnumerable<TaskStruct>? threads = null) =>
        task.Struct.Follow("mm") is { } mm ? new ProcessMemory(kernel, mm, threads ?? []) : null;

    /// <summary>Size of the address space in pages, resident or not.</summary>
    public ulong TotalPages => mm.U64("total_vm");

    /// <summary>
    /// Resident pages: file, anonymous and shared memory, including the changes of the threads that were passed to <see cref="Of"/>.
    /// </summary>
    public long ResidentPages => FilePages + AnonymousPages + SharedMemoryPages;

    /// <summary>Resident pages of files (MM_FILEPAGES).</summary>
    public long FilePages => Counter(0);

    /// <summary>Resident anonymous pages (MM_ANONPAGES).</summary>
    public long AnonymousPages => Counter(1);

    /// <summary>Resident pages of shared memory (MM_SHMEMPAGES).</summary>
    public long SharedMemoryPages => Counters > 3 ? Counter(3) : 0;

    /// <summary>Size of the process's page tables in bytes; null if the kernel does not count them.</summary>
    public long? PageTableBytes => mm.Has("pgtables_bytes.counter") ? mm.S64("pgtables_bytes.counter") : null;

    /// <summary>Number of pages in swap (MM_SWAPENTS).</summary>
    public long SwappedPages => Counter(2);

    /// <summary>The program's arguments, or a mark for missing memory; null if the process has none.</summary>
    public string? Arguments() => Text("arg_start", "arg_end", ' ');

    /// <summary>The environment at the start of the program, one variable after the other.</summary>
    public string? Environment() => Text("env_start", "env_end", ' ');

    private uint Counters => mm.Type.Length(mm.Has("rss_stat.count") ? "rss_stat.count" : "rss_stat");

    private long Counter(int which)
    {
        if (mm.Has("rss_stat.count"))
        {
            long own = unchecked((long)kernel.Memory.U64(mm.AddressOf("rss_stat.count") + 8L * which, "mm_struct.rss_stat"));
            return Math.Max(0, own + held[which]);
        }
        StructType type = mm.Type.Of("rss_stat") 
            ?? throw new InputException(kernel.Dump.Name, "mm_struct.rss_stat", -1, "is of no known form");
        return Math.Max(0, PercpuCounter.Sum(kernel, mm.AddressOf("rss_stat") + (long)which * type.Size));
    }

    private string? Text(string startMember, string endMember, char between)
    {
        ulong start = mm.U64(startMember), end = mm.U64(endMember);
        if (start == 0 || end <= start)
            return null;
        if (User is not { } memory)
            return MemoryState.Absent.Mark();
        byte[] raw = new byte[(int)Math.Min(end - start, MaxText)];
        MemoryBlock block = memory.ReadBlock(new VirtualAddress(start), raw.Length);
        StringBuilder text = new();
        const int page = KernelMemory.BlockPage;
        for (int at = 0; at < raw.Length;)
        {
            int n = Math.Min(raw.Length - at, page - (int)((start + (ulong)at) % page));
            MemoryState state = block.State(at, n);
            if (state == MemoryState.Present)
                text.Append(Encoding.UTF8.GetString(block.Bytes.Slice(at, n)));
            else
                text.Append(state.Mark());
            at += n;
        }
        if (end - start > MaxText)
            text.Append('…');
        return text.ToString().TrimEnd('\0').Replace('\0', between);
    }
}
