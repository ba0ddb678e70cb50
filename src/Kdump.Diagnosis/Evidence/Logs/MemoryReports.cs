using System.Globalization;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>A control group reached its own memory limit and a task of it was killed: mm/memcontrol.c, mm/oom_kill.c.</summary>
/// <param name="Victim">Empty where no line names it.</param>
/// <param name="Path">Of the group whose limit it was; empty where no line names it.</param>
/// <param name="LimitKiB">Null where no line tells; likewise the others.</param>
public sealed record GroupOutOfMemory(Source Source, string Victim, int Pid, string Path, long? UsageKiB, long? LimitKiB, long? AnonKiB,
    IReadOnlyList<Source> Lines) : Fact(Source);

/// <summary>What the machine's memory held when the OOM killer looked at it: a row of the task table.</summary>
public sealed record OomTask(Source Source, string Name, int Pid, long RssPages) : Fact(Source);

/// <summary>The report about the machine's memory says how much swap there is.</summary>
public sealed record SwapTotal(Source Source, long KiB) : Fact(Source);

/// <summary>How much swap was left when the report about the machine's memory was written.</summary>
public sealed record SwapFree(Source Source, long KiB) : Fact(Source);

/// <summary>An allocation of pages failed, with what was asked and by whose code.</summary>
/// <param name="Module">The first module in the stack that is not the allocator's; empty for none.</param>
/// <param name="Vmemmap">It was for the kernel's map of hot-plugged memory, which falls back to small pages.</param>
public sealed record PageAllocation(Source Source, string Task, int Order, string Mode, string Module, string Function, bool Vmemmap)
    : Fact(Source);

/// <summary>Reads the reports that the kernel prints when it could not allocate memory, in their wordings since 2.6.32.</summary>
public sealed class MemoryReports : LineParser
{
    /// <summary>Lines of a stack that are read for the code that asked.</summary>
    private const int MaxStack = 60;

    /// <summary>Reports kept of one kernel's life; rows of one table.</summary>
    private const int MaxReports = 64, MaxRows = 2048;

    private const string Invoked = " invoked oom-killer: ", Killed = "emory cgroup out of memory: Kill",
        Constraint = "oom-kill:constraint=",
        Task = "Task in ", Limit = " killed as a result of limit of ", Usage = "memory: usage ", Stats = "Memory cgroup stats for ",
        Swap = "Total swap = ", FreeSwap = "Free swap  = ", Failure = ": page allocation failure: order:",
        OldFailure = ": page allocation failure. order:", OldestFailure = "-order allocation failed (gfp=",
        Vmemmap = ": vmemmap alloc failure: order:";

    /// <summary>The function that prints the report stands on its stack: what is left of one whose first lines are lost, or stand far off
    /// because two CPUs print at once.</summary>
    private const string Warns = " warn_alloc+0x", WarnsOld = "warn_alloc_failed+0x";

    /// <summary>What else has that function on its stack: waits, and allocations of vmalloc.</summary>
    private static readonly string[] Others = ["page allocation stalls for ", "vmalloc: allocation failure", "vmalloc error: "];

    /// <summary>So far above its stack stands the line of a report.</summary>
    private const int Reach = 40;

    /// <summary>Code of allocator, stack printer and DMA layer: its caller made the request.</summary>
    private static readonly string[] Allocator =
    [
        "alloc", "dump_stack", "show_stack", "warn_", "kmalloc", "get_free_pages", "get_page", "kmem_", "slab", "dma_", "swiotlb",
            "page_frag",
        "skb", "new_slab", "mempool", "cma_", "iommu_", "ret_from", "entry_", "__traceiter", "bpf_",
    ];

    /// <summary>A driver's own code for DMA and packets is what asked; its wrappers of the allocator are not.</summary>
    private static readonly string[] AllocatorOfModule = ["alloc", "get_free_pages", "get_page", "kmem_", "slab", "mempool", "bpf_"];

    private readonly List<Source> lines = [];
    private string path = "", victim = "";
    private long? usage, limit, anon;
    private int pid, stack, rows;
    private bool table;

    /// <summary>The line that sums up an OOM kill, for a log that has no other line about it.</summary>
    private (Source Source, string Victim)? summed;
    private PageAllocation? failure;
    private Boot? boot;
    private int reports;
    private long told = -Reach;

    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs =>
        [Invoked, Killed, Constraint, Limit, Usage, Stats, Swap, FreeSwap, Failure, OldFailure, OldestFailure, Vmemmap,
            " total_vm ", Warns, WarnsOld, .. Others];

    public override bool Busy => stack > 0 || table;

    public override bool Line(in TextLine line, Facts facts)
    {
        if (facts.Boot != boot)
        {
            End(facts);
            (boot, reports) = (facts.Boot, 0);
        }
        ReadOnlySpan<char> text = line.Text;
        var c = new TextCursor(text);
        if (c.SkipPast(Killed))
            return Kill(line, c, facts);
        if (text.Contains(Invoked, StringComparison.Ordinal))
        {
            Flush(facts);
            (stack, table) = (0, false);
            return true;
        }
        c = new TextCursor(text);
        if (c.SkipPast(Constraint))
        {
            table = false;
            if (!text.Contains("CONSTRAINT_MEMCG", StringComparison.Ordinal))
            {
                if (summed is null && c.SkipPast("task=") && c.Before(",", out ReadOnlySpan<char> task))
                    summed = (line.ToSource(), task.ToString());
                return true;
            }
            Keep(line);
            if (c.SkipPast("oom_memcg=") && c.Before(",", out ReadOnlySpan<char> group))
                path = group.ToString();
            if (c.SkipPast("task=") && c.Before(",", out ReadOnlySpan<char> name))
                victim = name.ToString();
            return true;
        }
        c = new TextCursor(text);
        if (c.SkipPast(Limit))
        {
            Keep(line);
            path = c.Rest.Trim().ToString();
            return true;
        }
        c = new TextCursor(text);
        if (c.SkipPast(Usage) && c.Number(out long used) && c.SkipPast("limit ") && c.Number(out long most))
        {
            Keep(line);
            (usage, limit) = (used, most);
            return true;
        }
        c = new TextCursor(text);
        if (c.SkipPast(Stats) && c.Before(":", out ReadOnlySpan<char> of) && path.Length == 0)
        {
            path = of.Trim().ToString();
            return true;
        }
        c = new TextCursor(text);
        if (c.SkipPast(Swap) && c.Number(out long kib))
        {
            facts.Add(new SwapTotal(line.ToSource(), kib));
            return true;
        }
        c = new TextCursor(text);
        if (c.SkipPast(FreeSwap) && c.Number(out kib))
        {
            facts.Add(new SwapFree(line.ToSource(), kib));
            return true;
        }
        if (text.Contains(" total_vm ", StringComparison.Ordinal) && text.Contains(" rss ", StringComparison.Ordinal))
        {
            (table, rows) = (true, 0);
            return true;
        }
        foreach (string other in Others)
        {
            if (text.Contains(other, StringComparison.Ordinal))
                told = line.Number;
        }
        return Allocation(line, facts) || Oldest(line, facts) || Headless(line);
    }

    /// <summary><c>__alloc_pages: 0-order allocation failed (gfp=0x20/0)</c>: 2.4, without the task and without a stack.</summary>
    private bool Oldest(in TextLine line, Facts facts)
    {
        var c = new TextCursor(line.Kernel.Message);
        if (!c.Skip("__alloc_pages: ") || !c.Number(out long order) || order is < 0 or > 64 || !c.Skip(OldestFailure) ||
            !c.Before("/", out ReadOnlySpan<char> mode))
            return false;
        Done(facts);
        failure = new PageAllocation(line.ToSource(), "the kernel", (int)order, mode.ToString(), "", "", false);
        Done(facts);
        return true;
    }

    /// <summary>A stack of an allocation that failed, without the line that says how much was asked for.</summary>
    private bool Headless(in TextLine line)
    {
        ReadOnlySpan<char> text = line.Text;
        if (failure is not null || line.Number - told < Reach || text.Contains("? ", StringComparison.Ordinal) ||
            (!text.Contains(Warns, StringComparison.Ordinal) && !text.Contains(WarnsOld, StringComparison.Ordinal)))
            return false;
        failure = new PageAllocation(line.ToSource(), "", -1, "", "", "", false);
        stack = MaxStack;
        return true;
    }

    public override bool Within(in TextLine line, Facts facts)
    {
        if (table)
            return Row(line, facts);
        stack--;
        // The end of this stack: registers, or the next report.
        if (failure is { Order: < 0 } && EndsStack(line.Kernel.Message))
        {
            Done(facts);
            return false;
        }
        // fn+0x8a/0xe0 [module], in any frame of stack
        ReadOnlySpan<char> text = line.Text;
        int plus = text.IndexOf("+0x", StringComparison.Ordinal);
        if (plus > 0 && failure is not null && !text.Contains("? ", StringComparison.Ordinal))
        {
            int start = plus;
            while (start > 0 && (char.IsAsciiLetterOrDigit(text[start - 1]) || text[start - 1] is '_' or '.'))
                start--;
            string function = text[start..plus].ToString();
            int open = text[plus..].IndexOf(" [", StringComparison.Ordinal);
            int close = open < 0 ? -1 : text[(plus + open)..].IndexOf(']');
            string module = close < 0 ? "" : text[(plus + open + 2)..(plus + open + close)].ToString().Split(' ')[0];
            if (!(module.Length > 0 ? AllocatorOfModule : Allocator).Any(a => function.Contains(a, StringComparison.Ordinal)))
            {
                if (failure.Function.Length == 0)
                    failure = failure with { Function = function };
                if (module.Length > 0)
                    (failure, stack) = (failure with { Function = function, Module = module }, 0);
            }
        }
        if (stack == 0 || text.Contains("Mem-Info:", StringComparison.Ordinal) || text.Contains("Mem-info:", StringComparison.Ordinal))
            Done(facts);
        return plus > 0;
    }

    private static bool EndsStack(ReadOnlySpan<char> text) => text.StartsWith("CPU: ", StringComparison.Ordinal) ||
        text.StartsWith("Stack : ", StringComparison.Ordinal) || text.StartsWith("Code: ", StringComparison.Ordinal) ||
        text.StartsWith("---[ ", StringComparison.Ordinal);

    public override void End(Facts facts)
    {
        Done(facts);
        Flush(facts);
        (table, told) = (false, -Reach);
        if (summed is { } sum && !facts.Of<OutOfMemory>().Any(o => o.Boot == boot && o.Victim.Length > 0))
            facts.Add(new OutOfMemory(sum.Source, sum.Victim, Panicked: false) { Boot = boot });
        summed = null;
    }

    private void Keep(in TextLine line)
    {
        if (lines.Count < 6)
            lines.Add(line.ToSource());
    }

    private bool Kill(in TextLine line, TextCursor c, Facts facts)
    {
        Keep(line);
        // "Kill process" (before 5.3) says that it will, "Killed process" that it did: one event.
        bool will = c.Rest.StartsWith(" ", StringComparison.Ordinal);
        if (c.SkipPast("process ") && c.Number(out long number))
            pid = (int)Math.Clamp(number, 0, int.MaxValue);
        if (c.SkipPast("(") && c.Before(")", out ReadOnlySpan<char> name))
            victim = name.ToString();
        if (c.SkipPast("anon-rss:") && c.Number(out long kib))
            anon = kib;
        if (!will)
            Flush(facts);
        return true;
    }

    /// <summary>A report is over: what is known of a group's limit becomes a fact.</summary>
    private void Flush(Facts facts)
    {
        if (lines.Count > 0 && (victim.Length > 0 || path.Length > 0 || (limit is not null && usage is not null)) && reports++ < MaxReports)
            facts.Add(new GroupOutOfMemory(lines[^1], victim, pid, path, usage, limit, anon, [.. lines]) { Boot = boot });
        lines.Clear();
        (path, victim, pid, usage, limit, anon) = ("", "", 0, null, null, null);
    }

    /// <summary><c>[   1234]  1000  1234    12345     6789   …   0 name</c>: pid, uid, tgid, total_vm, rss, …, name.</summary>
    private bool Row(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> text = line.Text;
        int open = text.LastIndexOf('['), close = open < 0 ? -1 : text[open..].IndexOf(']');
        string[] words = close < 0 ? [] : text[(open + close + 1)..].ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 6 || rows++ >= MaxRows || !int.TryParse(text[(open + 1)..(open + close)].Trim(), NumberStyles.None,
            CultureInfo.InvariantCulture, out int id) || !long.TryParse(words[3], NumberStyles.None, CultureInfo.InvariantCulture,
                out long rss))
        {
            table = false;
            return false;
        }
        facts.Add(new OomTask(line.ToSource(), words[^1], id, rss));
        return true;
    }

    private bool Allocation(in TextLine line, Facts facts)
    {
        var c = new TextCursor(line.Kernel.Message);
        bool vmemmap = false;
        if (!c.Before(Failure, out ReadOnlySpan<char> task))
        {
            c = new TextCursor(line.Kernel.Message);
            vmemmap = c.Before(Vmemmap, out task);
            if (!vmemmap && !c.Before(OldFailure, out task))
                return false;
        }
        if (!c.Number(out long order) || order is < 0 or > 64)
            return false;
        Done(facts);
        string mode = c.SkipPast("mode:") ? c.Rest.ToString().Split(", nodemask", 2)[0].Split(' ')[0].TrimEnd(',') : "";
        failure = new PageAllocation(line.ToSource(), task.ToString(), (int)order, mode, "", "", vmemmap);
        stack = MaxStack;
        return true;
    }

    private void Done(Facts facts)
    {
        stack = 0;
        if (failure is { } found && (found.Order >= 0 || found.Function.Length > 0) && reports++ < MaxReports)
        {
            failure.Boot = boot;
            facts.Add(failure);
        }
        failure = null;
    }
}
