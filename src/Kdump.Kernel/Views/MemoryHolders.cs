using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>Which processes used the memory, by the values that the OOM killer uses, and groups of the memory controller.</summary>
public sealed class MemoryHolders
{
    private const int MaxGroups = 100_000;

    /// <summary>PAGE_COUNTER_MAX in pages, LONG_MAX / PAGE_SIZE: the value for no limit.</summary>
    private long NoLimit => long.MaxValue / kernel.PageSize;

    private readonly CrashedKernel kernel;
    private readonly List<MemoryHolder> all = [];
    private readonly List<MemoryCgroup> groups = [];
    private readonly List<Damage> damages = [];

    public MemoryHolders(CrashedKernel kernel, Tasks tasks)
    {
        this.kernel = kernel;
        damages.AddRange(tasks.Damages);
        long memory = Long("_totalram_pages") + Long("total_swap_pages");
        ILookup<int, TaskStruct> threads = tasks.All.ToLookup(t => t.Tgid);
        Dictionary<ulong, string?> paths = [];
        HashSet<ulong> seen = [];
        // A thread group leader may have exited before its threads; then another thread still has the memory.
        foreach (TaskStruct task in tasks.All.OrderBy(t => t.Pid == t.Tgid ? 0 : 1))
        {
            try
            {
                if (ProcessMemory.Of(kernel, task, threads[task.Tgid]) is not { } mm || !seen.Add(mm.Address.Value) || task.KernelThread)
                    continue;
                int adjustment = task.Struct.Follow("signal") is { } signal ? (short)signal.U64("oom_score_adj") : 0;
                long points = mm.ResidentPages + mm.SwappedPages + (mm.PageTableBytes ?? 0) / kernel.PageSize;
                all.Add(new MemoryHolder(task, threads[task.Tgid].Count(), mm.AnonymousPages, mm.FilePages, mm.SharedMemoryPages,
                    mm.SwappedPages, mm.PageTableBytes, (long)mm.TotalPages, adjustment,
                    adjustment == -1000 || task.Tgid == 1 ? null : points + adjustment * (memory / 1000), PathOf(task, paths)));
            }
            catch (InputException e)
            {
                damages.Add(Damage.From(e));
            }
        }
        all.Sort((a, b) => (b.Resident + b.Swapped).CompareTo(a.Resident + a.Swapped) is not 0 and var by ? by
            : a.Task.Pid.CompareTo(b.Task.Pid));
        ReadGroups();
    }

    /// <summary>The processes, the largest first, by resident and swapped pages.</summary>
    public IReadOnlyList<MemoryHolder> All => all;

    /// <summary>Groups of the memory controller, by path, without the root group, which has no limits.</summary>
    public IReadOnlyList<MemoryCgroup> Groups => groups;

    public IReadOnlyList<Damage> Damages => damages;

    private long Long(string symbol) =>
        kernel.FindSymbol(symbol) is { } at && kernel.Memory.TryU64(at, out ulong value) ? Math.Max(0, unchecked((long)value)) : 0;

    private string? PathOf(TaskStruct task, Dictionary<ulong, string?> paths)
    {
        try
        {
            if (CgroupOf.State(kernel, task.Struct, "memory") is not { } state)
                return null;
            if (!paths.TryGetValue(state.Address.Value, out string? path))
                paths[state.Address.Value] = path = CgroupOf.Path(state);
            return path;
        }
        catch (InputException)
        {
            return null;
        }
    }

    /// <summary>Reads the groups: css.children of a group is the list of those below it, linked by css.sibling.</summary>
    private void ReadGroups()
    {
        if (kernel.FindSymbol("root_mem_cgroup") is not { } at || kernel.Btf.Value?.Struct("mem_cgroup") is not { } type ||
            !kernel.Memory.TryU64(at, out ulong root) || root == 0)
            return;
        StructType state = kernel.Struct("cgroup_subsys_state");
        int css = type.Offset("css"), sibling = state.Offset("sibling"), children = state.Offset("children");
        Stack<VirtualAddress> todo = new([new VirtualAddress(root)]);
        HashSet<ulong> seen = [root];
        while (todo.TryPop(out VirtualAddress one) && groups.Count < MaxGroups)
        {
            foreach (VirtualAddress link in KernelList.Walk(kernel.Memory, one + css + children, "cgroup_subsys_state.children", damages,
                MaxGroups))
            {
                VirtualAddress group = link + -sibling + -css;
                if (!seen.Add(group.Value))
                    continue;
                todo.Push(group);
                try
                {
                    groups.Add(Read(new StructReader(kernel.Memory, type, group)));
                }
                catch (InputException e)
                {
                    damages.Add(Damage.From(e));
                }
            }
        }
        groups.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
    }

    private MemoryCgroup Read(StructReader of)
    {
        // page_counter: high is a member of it since Linux commit d1663a907b06 ("mm: memcg: ... high limit to page_counter") (v5.9).
        long? Limit(string path) => of.First(path) is { } value && unchecked((long)value) < NoLimit ? (long)value : null;
        // memory_events[]: MEMCG_OOM_KILL is the fifth (low, high, max, oom, oom_kill) since 4.18.
        long? kills = of.Has("memory_events") && of.Type.Length("memory_events") > 4
            ? unchecked((long)of.Memory.U64(of.AddressOf("memory_events") + 8 * 4, "mem_cgroup.memory_events")) : null;
        return new MemoryCgroup(CgroupOf.Path(of.Inner("css")) ?? "?", of.S64("memory.usage.counter"), Limit("memory.max"),
            Limit("memory.high"),
            of.Has("swap.usage.counter") ? of.S64("swap.usage.counter") : null, Limit("swap.max"),
            of.First("memory.watermark") is { } peak ? (long)peak : null, (long)(of.First("memory.failcnt") ?? 0), kills);
    }
}
