using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>The machine ran out of memory: mm/oom_kill.c. In the capture kernel that is another story, with a rule of its own.</summary>
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
        Cause = "The table above the line shows who held it.",
        Fixes = [new("See who grows, over time", "ps -eo pid,comm,rss --sort=-rss | head -15")],
        Origin = "mm/oom_kill.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        // The kernel prints the same line for a control group's limit, which has a rule of its own.
        OutOfMemory[] all = [.. facts.Of<OutOfMemory>().Where(o => o.Boot?.Capture != true)
            .Where(o => o.Victim.Length > 0 || o.Panicked || !facts.Of<GroupOutOfMemory>().Any(g => g.Boot == o.Boot))];
        if (all.Length == 0)
            yield break;
        bool panicked = all.Any(o => o.Panicked);
        // The killer is called, and kills: two lines of one event.
        long events = Math.Max(all.Count(o => o.Victim.Length > 0 || o.Panicked), all.Count(o => o.Victim.Length == 0 && !o.Panicked)) +
            facts.Dropped<OutOfMemory>();
        string[] victims = all.Where(o => o.Victim.Length > 0).Select(o => o.Victim).Distinct(StringComparer.Ordinal).Take(5).ToArray();
        var why = new List<string>();
        OomTask[] holders = Holders(facts);
        if (holders.Length > 0)
            why.Add($"Most of it was held by " +
                $"{string.Join(", ", holders.Select(h => $"{h.Name} ({CgroupOutOfMemory.Size(h.RssPages * 4)})"))} " +
                "(programs of one name together, counted in pages of 4 KiB). The one that was killed is the largest by itself, not " +
                "always the " +
                "one at fault.");
        else
            why.Add("The table of tasks above each of these lines shows who held the memory then; the one that was killed is the " +
                "largest, not " +
                "always the one at fault.");
        SwapTotal? swap = facts.Of<SwapTotal>().LastOrDefault(s => s.Boot?.Capture != true);
        if (swap?.KiB == 0)
            why.Add("There is no swap, so nothing could be put aside.");
        bool balloon = facts.Of<PageAllocation>().Any(a => a.Vmemmap && a.Function.Length > 0 && a.Module == "hv_balloon");
        if (balloon)
            why.Add("It is a guest with dynamic memory (hv_balloon): the host gives more only after a while, so a sudden need is not met.");
        if (events > 1)
            why.Add($"It happened {events} times.");
        yield return new Finding(Id, panicked ? "the kernel ran out of memory and panicked"
            : victims.Length > 0 ? $"the kernel ran out of memory and killed {string.Join(", ", victims)}"
            : "the OOM killer was called; the log does not show whom it killed",
            panicked ? Severity.Critical : Severity.Error, 0.95, string.Join(' ', why))
        {
            EndsWithKernel = true,
            Fixes =
            [
                new("See who grows, over time", "ps -eo pid,comm,rss --sort=-rss | head -15; grep -e Slab -e Shmem -e Huge /proc/meminfo"),
                new(balloon ? "Give the guest a larger startup or minimum memory, or swap; run fewer jobs at once"
                    : swap?.KiB == 0 ? "Limit it (MemoryMax= of its unit, fewer jobs at once), or add memory or swap"
                    : "Limit it (MemoryMax= of its unit, fewer jobs at once), or add memory"),
            ],
            Evidence = all.Select(o => o.Source).Take(4).ToArray(),
        };
    }

    /// <summary>The three names that held most in the last table of all tasks; few pages tell nothing.</summary>
    private static OomTask[] Holders(Facts facts) =>
        [.. facts.Of<OomTask>().Where(t => t.Boot?.Capture != true && !facts.Of<GroupOutOfMemory>().Any(g => g.Boot == t.Boot))
            .GroupBy(t => t.Pid).Select(g => g.Last()).GroupBy(t => t.Name, StringComparer.Ordinal)
            .Select(g => g.First() with { RssPages = g.Sum(t => t.RssPages) }).Where(t => t.RssPages >= 2560)
            .OrderByDescending(t => t.RssPages).ThenBy(t => t.Name, StringComparer.Ordinal).Take(3)];
}
