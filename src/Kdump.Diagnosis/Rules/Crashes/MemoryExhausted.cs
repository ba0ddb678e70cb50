using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>The machine ran out of memory: mm/oom_kill.c. For the capture kernel see <see cref="Dumps.CaptureKernelOom"/>.</summary>
public sealed class MemoryExhausted : Rule
{
    public override string Id => "out-of-memory";

    public override Entry Entry => new("out-of-memory", "the machine ran out of memory")
    {
        Area = Area.Crashing,
        Signature =
        [
            "… invoked oom-killer: …",
            "Out of memory: Killed process … (…)",
        ],
        Cause = "The table of tasks above the line shows which processes used the memory.",
        Fixes = [new("Watch which processes grow over time", "ps -eo pid,comm,rss --sort=-rss | head -15")],
        Origin = "mm/oom_kill.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        // The kernel prints the same line for a control group's limit, which CgroupOutOfMemory handles.
        OutOfMemory[] all = [.. facts.Of<OutOfMemory>().Where(o => o.Boot?.Capture != true)
            .Where(o => o.Victim.Length > 0 || o.Panicked || !facts.Of<GroupOutOfMemory>().Any(g => g.Boot == o.Boot))];
        if (all.Length == 0)
        {
            OutOfMemoryFrame[] frames = [.. facts.Of<OutOfMemoryFrame>().Where(f => f.Boot?.Capture != true)];
            if (frames.Length > 0 && !frames.Any(f => f.Group) && !facts.Of<GroupOutOfMemory>().Any())
                yield return new Finding(Id, "the OOM killer ran; its first line and what it killed are not in the log", Severity.Error,
                    0.8,
                    "The stack shows it at work for an allocation of the whole machine, not for a control group's limit. " +
                    "The table of tasks and the line \"Killed process\" follow the stack.")
                {
                    EndsWithKernel = true,
                    Evidence = [frames[0].Source],
                    Fixes = [.. Entry.Fixes],
                };
            else if (Bare(facts) is { } bare)
                yield return bare;
            else if (Kills(facts) is { } kills)
                yield return kills;
            else if (Headless(facts) is { } headless)
                yield return headless;
            yield break;
        }
        bool panicked = all.Any(o => o.Panicked);
        // Each event prints two lines: the OOM killer was invoked, and it killed a task.
        long events = Math.Max(all.Count(o => o.Victim.Length > 0 || o.Panicked), all.Count(o => o.Victim.Length == 0 && !o.Panicked)) +
            facts.Dropped<OutOfMemory>();
        string[] victims = all.Where(o => o.Victim.Length > 0).Select(o => o.Victim).Distinct(StringComparer.Ordinal).Take(5).ToArray();
        var why = new List<string>();
        OomTask[] holders = Holders(facts);
        if (holders.Length > 0)
            why.Add("Most " +
                $"of it was used by {string.Join(", ", holders.Select(h => $"{h.Name} ({CgroupOutOfMemory.Size(h.RssPages * 4)})"))} " +
                "(all processes of one name together, counted in pages of 4 KiB). " +
                "The killed process is the largest single one, not always the one at fault.");
        else if (Small(all) is not null)
            why.Add("The table of tasks above each of these lines shows which processes used the memory.");
        else
            why.Add(Told(all, panicked, victims, facts));
        if (holders.Length == 0 && Small(all) is { } small)
            why.Add(small);
        if (Order(all) is > 0 and <= 12 and var order)
            why.Add($"The request was of order {order}: {Counted.Of(1 << order, "page")} " +
                $"({4 << order} KiB with pages of 4 KiB) in one piece. Such a request can fail although single pages are free: " +
                "the free lists of the report (\u2026*4kB \u2026*8kB \u2026) show whether larger pieces were left. " +
                "Kernels 4.7 to 4.9, and some 4.4 of distributions, are known to have killed for it too early.");
        if (Kernel(facts) is { } kernel)
            why.Add(kernel);
        SwapTotal? swap = facts.Of<SwapTotal>().LastOrDefault(s => s.Boot?.Capture != true);
        if (swap?.KiB == 0)
            why.Add("There is no swap, so no memory could be swapped out.");
        else if (swap is { KiB: var size } && facts.Of<SwapFree>().LastOrDefault(s => s.Boot == swap.Boot) is { } left &&
            left.KiB * 20 < size)
            why.Add($"The swap was used up, too: {CgroupOutOfMemory.Size(left.KiB)} of {CgroupOutOfMemory.Size(size)} was left.");
        bool balloon = facts.Of<PageAllocation>().Any(a => a.Vmemmap && a.Function.Length > 0 && a.Module == "hv_balloon");
        if (balloon)
            why.Add("It is a guest with dynamic memory (hv_balloon): " +
                "the host adds memory only after a delay, so a sudden demand is not met.");
        if (all.Any(o => o.Source.Plain.Contains("/KVM invoked oom-killer", StringComparison.Ordinal)))
            why.Add("A virtual CPU's thread asked for the memory, so this is a host of virtual machines: " +
                "together they may be given more than it has.");
        if (events > 1)
            why.Add($"It happened {Counted.Of(events, "time")}.");
        string relief;
        if (balloon)
            relief = "Give the guest a larger startup or minimum memory, or swap; run fewer jobs at once";
        else if (swap?.KiB == 0)
            relief = "Limit that process (MemoryMax= of its unit, fewer jobs at once), or add memory or swap";
        else
            relief = "Limit that process (MemoryMax= of its unit, fewer jobs at once), or add memory";
        string title;
        if (panicked)
            title = "the kernel ran out of memory and panicked";
        else if (victims.Length > 0)
            title = $"the kernel ran out of memory and killed {string.Join(", ", victims)}";
        else
            title = $"the OOM killer was invoked{Invoker(all)}; the log does not show which task it killed";
        yield return new Finding(Id, title, panicked ? Severity.Critical : Severity.Error, 0.95, string.Join(' ', why))
        {
            EndsWithKernel = true,
            Fixes =
            [
                new("Watch which processes grow over time",
                    "ps -eo pid,comm,rss --sort=-rss | head -15; grep -e Slab -e Shmem -e Huge /proc/meminfo"),
                new(relief),
                .. AskedFor(all) && victims.Length == 0 ? [new Fix("If a killed task is better than a stopped machine: vm.panic_on_oom=0",
                    "sysctl vm.panic_on_oom; grep -rn panic_on_oom /etc/sysctl.conf /etc/sysctl.d")] : Array.Empty<Fix>(),
            ],
            Evidence = all.Select(o => o.Source).Take(4).ToArray(),
        };
    }

    private static string Told(OutOfMemory[] all, bool panicked, string[] victims, Facts facts)
    {
        if (AskedFor(all) && victims.Length == 0)
            return "vm.panic_on_oom makes the kernel panic instead of killing a task. " +
                "The table of tasks above the panic shows which processes used the memory.";
        if (panicked && victims.Length == 0)
            return "The kernel found no task left to kill: all are exempt (oom_score_adj -1000, kernel threads), or killed already. " +
                "The table of tasks above the panic shows which processes used the memory, " +
                "and the counters above it what the kernel itself used.";
        // The state of memory was printed whole, up to the kill, and no table of tasks with it: kernels before 2.6.36, or a setting.
        if (victims.Length > 0 && facts.Any<SwapTotal>() && !facts.Any<OomTask>())
            return "The report holds no table of tasks, which would show which processes used the memory; " +
                "the killed process is the largest one, not always the one at fault.";
        return "The table of tasks above each of these lines shows which processes used the memory; " +
            "the killed process is the largest one, not always the one at fault.";
    }

    /// <summary>
    /// mm/oom_kill.c check_panic_on_oom(): "system-wide panic_on_oom is enabled", or compulsory; older kernels say "is selected".
    /// </summary>
    private static bool AskedFor(OutOfMemory[] all) =>
        all.Any(o => o.Panicked && o.Source.Plain.Contains("panic_on_oom", StringComparison.Ordinal));

    /// <summary>Who asked for memory: <c>kexec invoked oom-killer: …</c>; often, not always, who was killed.</summary>
    private static string Invoker(OutOfMemory[] all)
    {
        // Names of tasks may hold blanks: "StreamTrans #72".
        string text = Text.KernelLine.Parse(all[0].Source.Plain).Message.ToString();
        int end = text.IndexOf(" invoked oom-killer", StringComparison.Ordinal);
        return end is > 0 and < 16 ? $" by {Printable.Escape(text[..end].Trim())}" : "";
    }

    /// <summary>Only the state of memory was posted: it tells that memory is used up, and by what that is no program's.</summary>
    private Finding? Bare(Facts facts)
    {
        MemoryZone[] zones = Last(facts);
        if (zones.FirstOrDefault(z => ForAll(z) < z.MinKiB) is not { } low || facts.Of<PageAllocation>().Any() ||
            facts.Of<GroupOutOfMemory>().Any())
            return null;
        long cma = low.CmaKiB ?? 0;
        bool area = cma * 2 > low.FreeKiB;
        var why = new List<string>();
        if (area)
            why.Add($"{CgroupOutOfMemory.Size(low.FreeKiB)} of zone {low.Name} are free, " +
                $"but {CgroupOutOfMemory.Size(cma)} of them are the CMA area, " +
                "which only memory that can be moved may use, not the kernel's own: for everybody else the zone is empty.");
        if (Kernel(facts) is { } kernel)
            why.Add(kernel);
        why.Add(facts.Of<MemoryReportPart>().Any(s => s.Killer)
            ? "The OOM killer ran (its table of tasks is there). " +
                "What asked for memory, and what was killed for it, is not in these lines: it stands above and below them."
            : "What asked for memory, and what was killed for it, is not in these lines: it stands above and below them.");
        return new Finding(Id, "memory is used up: " +
            $"zone {low.Name} has {CgroupOutOfMemory.Size(ForAll(low))} free{(area ? " outside of its CMA area" : "")}, " +
            $"below its reserve of {CgroupOutOfMemory.Size(low.MinKiB)}", Severity.Error, 0.8,
            string.Join(' ', why))
        {
            Evidence = [low.Source],
            Fixes = area ? [new("Make the CMA area smaller: cma=64M on the kernel's command line (Raspberry Pi: the cma-… option of the " +
                "graphics overlay in config.txt)", "grep -i cma /proc/meminfo", "cameras, video decoders and displays allocate from it")]
                : [new("See what the kernel's own memory is, and which programs lock theirs", "slabtop -o | head -20; " +
                "grep -h VmLck /proc/*/status | sort -k2n | tail -3")],
        };
    }

    /// <summary>What was killed held next to nothing, again and again: somebody else has the memory.</summary>
    private static string? Small(OutOfMemory[] all)
    {
        const long Little = 32 * 1024;
        long[] held = [.. all.Where(o => o.Victim.Length > 0).Select(o => Held(o.Source.Plain)).OfType<long>()];
        return held.Length < 2 || held.Max() >= Little ? null
            : $"The killed processes held little ({CgroupOutOfMemory.Size(held.Max())} at most), " +
                "so the memory is held by something that was not killed: the kernel's own objects " +
                "(slab, also of a control group), shared memory or tmpfs, huge pages, or a process that must not be killed.";
    }

    private static long? Held(string line)
    {
        const string Mark = "anon-rss:";
        int at = line.IndexOf(Mark, StringComparison.Ordinal);
        var c = new Text.TextCursor(at < 0 ? default : line.AsSpan(at + Mark.Length));
        return at >= 0 && c.Number(out long kib) ? kib : null;
    }

    /// <summary>Free for any request.</summary>
    private static long ForAll(MemoryZone zone) => Math.Max(0, zone.FreeKiB - (zone.CmaKiB ?? 0));

    /// <summary>Only the lines of the kills were posted.</summary>
    private Finding? Kills(Facts facts)
    {
        BareKill[] kills = [.. facts.Of<BareKill>().Where(k => k.Boot?.Capture != true)];
        if (kills.Length == 0 || facts.Of<GroupOutOfMemory>().Any())
            return null;
        string[] names = [.. kills.Select(k => k.Victim).Where(v => v.Length > 0).Distinct(StringComparer.Ordinal).Take(5)];
        return new Finding(Id,
            $"the OOM killer killed {string.Join(", ", names)}{(kills.Length > 1 ? $" ({Counted.Of(kills.Length, "process")})" : "")}; " +
            "its limit is not in these lines", Severity.Error,
                0.85,
            "Memory could not be had for it. Whether a control group " +
            "(container, pod, unit) reached its limit or the memory of the whole machine was used up says the line before each of these: " +
            "\"Memory cgroup out of memory\" or \"Out of memory\".")
        {
            EndsWithKernel = true,
            Evidence = [.. kills.Take(4).Select(k => k.Source)],
            Fixes =
            [
                new("Read the lines before the kills, and what the container or unit may use",
                    "journalctl -k | grep -iE 'oom|memory' | tail -40; cat /sys/fs/cgroup/system.slice/*/memory.max"),
                new("Raise that limit, or let the program use less (fewer workers)"),
            ],
        };
    }

    /// <summary>Neither what asked nor a zone below its reserve is there, but the state that the kernel prints for want of
    /// memory.</summary>
    private Finding? Headless(Facts facts)
    {
        MemoryReportPart[] states = [.. facts.Of<MemoryReportPart>().Where(s => s.Boot?.Capture != true)];
        if (states.Length == 0 || facts.Of<PageAllocation>().Any() || facts.Of<GroupOutOfMemory>().Any())
            return null;
        bool killer = states.Any(s => s.Killer);
        return new Finding(Id, killer ? "the OOM killer ran; its first line and what it killed are not in the log"
            : "memory could not be had: the kernel printed what is free; what asked for it is not in the log", Severity.Error, 0.7,
            killer ? "Only the OOM killer prints this table of tasks; which limit it was, and what was killed, stands above and below it."
                : "The kernel prints its free lists when an allocation failed or the OOM killer runs; " +
                    "the line that says which stands above them.")
        {
            EndsWithKernel = true,
            Evidence = [states[0].Source],
            Fixes = [.. Entry.Fixes],
        };
    }

    /// <summary>Memory that no line of the task table shows: the kernel's own objects, and what programs locked.</summary>
    private static string? Kernel(Facts facts)
    {
        MemoryZone[] zones = Last(facts);
        long managed = zones.Sum(z => z.ManagedKiB ?? 0), locked = zones.Sum(z => z.LockedKiB ?? 0);
        long slab = zones.Any(z => z.SlabKiB is not null) ? zones.Sum(z => z.SlabKiB ?? 0)
            : (facts.Of<SlabPages>().LastOrDefault()?.Pages ?? 0) * 4;
        if (managed == 0)
            return null;
        var parts = new List<string>();
        if (slab * 5 >= managed && slab <= managed)
            parts.Add($"Of {CgroupOutOfMemory.Size(managed)} the kernel's own objects that cannot be given back " +
                $"(unreclaimable slab) hold {CgroupOutOfMemory.Size(slab)}: " +
                "that is much, and looks like a leak of the kernel or a driver; slabtop names the cache.");
        if (locked * 4 >= managed && locked <= managed)
            parts.Add($"Programs have locked {CgroupOutOfMemory.Size(locked)} (mlock): the kernel cannot take that back.");
        return parts.Count == 0 ? null : string.Join(' ', parts);
    }

    /// <summary>The zones of the last report of the first kernel's life.</summary>
    private static MemoryZone[] Last(Facts facts) => [.. facts.Of<MemoryZone>().Where(z => z.Boot?.Capture != true)
        .GroupBy(z => z.Name, StringComparer.Ordinal).Select(g => g.Last())];

    /// <summary><c>invoked oom-killer: gfp_mask=…, order=2, …</c>: the largest.</summary>
    private static int Order(OutOfMemory[] all)
    {
        int most = 0;
        foreach (OutOfMemory oom in all)
        {
            string text = oom.Source.Plain;
            int at = text.IndexOf(" order=", StringComparison.Ordinal);
            if (at < 0 || !text.Contains(" invoked oom-killer", StringComparison.Ordinal))
                continue;
            int end = at += " order=".Length;
            while (end < text.Length && end < at + 2 && char.IsAsciiDigit(text[end]))
                end++;
            if (end > at)
                most = Math.Max(most, int.Parse(text[at..end], System.Globalization.CultureInfo.InvariantCulture));
        }
        return most;
    }

    /// <summary>The three names with most memory in the last table of all tasks; small amounts are ignored.</summary>
    private static OomTask[] Holders(Facts facts) =>
        [.. facts.Of<OomTask>().Where(t => t.Boot?.Capture != true && !facts.Of<GroupOutOfMemory>().Any(g => g.Boot == t.Boot))
            .GroupBy(t => t.Pid).Select(g => g.Last()).GroupBy(t => t.Name, StringComparer.Ordinal)
            .Select(g => g.First() with { RssPages = g.Sum(t => t.RssPages) }).Where(t => t.RssPages >= 2560)
            .OrderByDescending(t => t.RssPages).ThenBy(t => t.Name, StringComparer.Ordinal).Take(3)];
}
