using System.Globalization;
using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>The kernel could not allocate pages for one of its parts: mm/page_alloc.c warn_alloc.</summary>
public sealed class PageAllocationFailed : Rule
{
    /// <summary>From this order on, failures are due to fragmentation: PAGE_ALLOC_COSTLY_ORDER + 1.</summary>
    private const int Costly = 4;

    /// <summary>__GFP_ATOMIC or __GFP_HIGH, not allowed to wait, as numbers: kernels before 4.8 print no flag names.</summary>
    private static readonly string[] AtomicNumbers = ["0x20", "0x4020", "0x820", "0xa20", "0x480020", "0x1080020", "0x2080020",
        "0x2284020"];

    public override string Id => "page-allocation-failed";

    public override Entry Entry => new("page-allocation-failed", "a memory allocation in the kernel failed")
    {
        Area = Area.Crashing,
        Signature = ["…: page allocation failure: order:…, mode:0x…(GFP_…)"],
        Cause = "Order N means 2^N contiguous pages. From order 4 on, memory is usually fragmented rather than exhausted; " +
            "order 0 in an interrupt (GFP_ATOMIC) means that the reserve was exhausted for a moment. " +
            "The caller can often handle the failure.",
        Fixes = [new("Keep a larger reserve", "sysctl -w vm.min_free_kbytes=131072")],
        Origin = "mm/page_alloc.c warn_alloc, include/linux/gfp_types.h",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (IGrouping<(string, int, bool), PageAllocation> group in facts.Of<PageAllocation>().Where(a => a.Boot?.Capture != true)
            .GroupBy(a => (a.Module.Length > 0 ? a.Module : a.Task, a.Order, a.Vmemmap)))
        {
            PageAllocation first = group.First();
            yield return first.Vmemmap ? Vmemmap(first) : Of(first, group.Count());
        }
    }

    private Finding Vmemmap(PageAllocation first) =>
        new(Id, "memory was hot-added while memory was fragmented (vmemmap in small pages)", Severity.Info, 0.9,
            $"The page map (vmemmap) of the new memory needed 2 MiB blocks (order {first.Order}) and was built from small pages instead: " +
                "slower, but not an error. A failed hot-add prints its own message.")
        {
            Subject = "vmemmap",
            Evidence = [first.Source],
        };

    /// <summary>Only the stack is left of the report.</summary>
    private Finding Headless(PageAllocation first, int times)
    {
        string asked = first.Module.Length > 0 ? $"{first.Module} ({first.Function})" : first.Function;
        return new Finding(Id, $"{asked} could not allocate memory: how much is not in these lines", Severity.Warning, 0.8,
            $"The stack is that of a page allocation that failed (warn_alloc). The line above it, with the order and the kind of " +
            "memory, is " +
            $"not here.{(times > 1 ? $" It happened {Counted.Of(times, "time")}." : "")}")
        {
            Subject = asked,
            Evidence = [first.Source],
            Fixes = [new("If it happens again, watch what uses the memory over time", "cat /proc/meminfo; slabtop -o | head -20")],
        };
    }

    private Finding Of(PageAllocation first, int times)
    {
        if (first.Order < 0)
            return Headless(first, times);
        string size = Size(first.Order);
        bool atomic = first.Mode.Contains("ATOMIC", StringComparison.Ordinal) || AtomicNumbers.Contains(first.Mode) ||
            (first.Mode.Contains("__GFP_HIGH", StringComparison.Ordinal) && !first.Mode.Contains("GFP_KERNEL", StringComparison.Ordinal));
        string asked;
        if (first.Module.Length > 0)
            asked = $"{first.Module} ({first.Function}, in {first.Task})";
        else
            asked = first.Function.Length > 0 ? $"{first.Function} (in {first.Task})" : first.Task;
        var why = new List<string>();
        if (first.Order >= Costly)
            why.Add($"It requested {size} of contiguous memory (order {first.Order}). " +
                "Such blocks become rare as memory gets fragmented; memory need not be exhausted.");
        else if (first.Order > 0)
            why.Add($"It requested {size} of contiguous memory (order {first.Order}).");
        else
            why.Add("Not even a single page (order 0) was available: free memory was down to the reserve.");
        if (atomic)
            why.Add("It was asked for where the kernel may not wait (GFP_ATOMIC: " +
                "an interrupt, or with a lock held), so only the reserve counts; " +
                (first.Order == 0 ? "mostly a packet is dropped, and all goes on." : "the caller fails, and may try again."));
        if (first.Mode.Contains("GFP_DMA", StringComparison.Ordinal) && !first.Mode.Contains("GFP_DMA32", StringComparison.Ordinal))
            why.Add("It had to lie in ZONE_DMA (below 16 MiB on x86, the lowest zone on arm64)" + (first.Task.StartsWith("swapper",
                StringComparison.Ordinal)
                    ? ": this early it is the kernel's pool for DMA in interrupts. A crash kernel, whose memory lies elsewhere, " +
                "has no such memory and says this at every start: harmless unless a device needs memory that low." : "."));
        if (first.Mode.Contains("NORETRY", StringComparison.Ordinal) || first.Mode.Contains("RETRY_MAYFAIL", StringComparison.Ordinal))
            why.Add("The caller can handle the failure (NORETRY).");
        if (times > 1)
            why.Add($"It happened {Counted.Of(times, "time")}.");
        Fix[] fixes = first.Order >= Costly
            ?
            [
                new("Compact memory and try again; if that is not enough, free the page cache first",
                    "echo 1 > /proc/sys/vm/compact_memory; cat /proc/buddyinfo"),
                new(first.Module.Length > 0
                    ? $"Load {first.Module} early after boot, when memory is not yet fragmented; ask its vendor to allocate smaller blocks"
                    : "Start programs that need such blocks early; keep more memory free", "sysctl -w vm.min_free_kbytes=262144"),
            ]
            :
            [
                new("Keep a larger reserve for interrupts", "sysctl -w vm.min_free_kbytes=131072"),
                new("If it happens again, watch what uses the memory over time", "cat /proc/meminfo; slabtop -o | head -20"),
            ];
        return new Finding(Id, $"{asked} could not allocate {size} of memory (order {first.Order}{(atomic ? ", GFP_ATOMIC" : "")})",
            Severity.Warning, 0.9, string.Join(' ', why))
        {
            Subject = $"{(first.Module.Length > 0 ? first.Module : first.Task)}-order{first.Order}",
            Fixes = fixes,
            Evidence = [first.Source],
            CausedBy = first.Order < Costly ? ["out-of-memory"] : [],
        };
    }

    private static string Size(int order)
    {
        long kib = 4L << Math.Min(order, 40);
        return kib >= 1024 ? $"{(kib / 1024).ToString(CultureInfo.InvariantCulture)} MiB"
            : $"{kib.ToString(CultureInfo.InvariantCulture)} KiB";
    }
}
