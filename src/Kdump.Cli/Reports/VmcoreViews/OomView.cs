using Kdump.Cli.Terminals;
using Kdump.Kernel;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore oom</c>: what used the memory, ranked like the out-of-memory killer ranks it.</summary>
internal static class OomView
{
    private static Table<MemoryHolder> Holders(long kib) => new(
        new("pid", "PID", h => h.Task.Tgid) { Right = true },
        new("residentKib", "RSS-KIB", h => h.Resident * kib) { Right = true },
        new("anonymousKib", "ANON", h => h.Anonymous * kib) { Right = true },
        new("fileKib", "FILE", h => h.File * kib) { Right = true },
        new("sharedMemoryKib", "SHMEM", h => h.SharedMemory * kib) { Right = true },
        new("swappedKib", "SWAP", h => h.Swapped * kib) { Right = true },
        new("pageTableKib", "TABLES", h => h.PageTableBytes >> 10) { Right = true },
        new("totalKib", "VSZ", h => h.Total * kib) { Right = true },
        new("threads", "THREADS", h => h.Threads) { Right = true },
        new("oomScoreAdjust", "ADJ", h => h.Adjustment) { Right = true },
        new("oomPoints", "POINTS", h => h.Score) { Right = true, Text = h => h.Score is long s ? $"{s}" : "never" },
        new("state", "ST", h => h.Task.State),
        new("comm", "COMMAND", h => h.Task.Comm),
        new("memoryCgroup", "MEMORY-CGROUP", h => h.MemoryCgroup));

    private static Table<MemoryCgroup> Groups(long kib) => new(
        new("usageKib", "USAGE-KIB", g => g.Usage * kib) { Right = true },
        new("maxKib", "MAX", g => g.Max * kib) { Right = true },
        new("highKib", "HIGH", g => g.High * kib) { Right = true },
        new("peakKib", "PEAK", g => g.Peak * kib) { Right = true },
        new("swapKib", "SWAP", g => g.Swap * kib) { Right = true },
        new("swapMaxKib", "SWAP-MAX", g => g.SwapMax * kib) { Right = true },
        new("limitHits", "HITS", g => g.Failed) { Right = true },
        new("oomKills", "OOM-KILLS", g => g.OomKills) { Right = true },
        new("path", "CGROUP", g => g.Path));

    public static void Text(Context context, Vmcore vmcore)
    {
        MemoryHolders holders = Read(vmcore);
        Holders(Kib(vmcore)).Text(context.Output, holders.All);
        if (holders.Groups.Count > 0)
        {
            context.Output.WriteLine();
            Groups(Kib(vmcore)).Text(context.Output, holders.Groups);
        }
        UnreadText.Lost(vmcore, holders.Damages);
    }

    public static void Json(TextWriter output, Vmcore vmcore)
    {
        MemoryHolders holders = Read(vmcore);
        UnreadText.Json(output, vmcore, "kdt.vmcore.oom/1", json =>
        {
            Holders(Kib(vmcore)).Json(json, "processes", holders.All);
            Groups(Kib(vmcore)).Json(json, "cgroups", holders.Groups);
            UnreadText.Lost(json, vmcore, holders.Damages);
        });
    }

    /// <summary>KiB of a page of the kernel.</summary>
    internal static long Kib(Vmcore vmcore) => vmcore.PageSize >> 10;

    private static MemoryHolders Read(Vmcore vmcore) => new(vmcore, vmcore.Tasks.Need(vmcore.Dump.Name, "tasks"));
}
