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
        Origin = "mm/oom_kill.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        OutOfMemory[] all = facts.Of<OutOfMemory>().Where(o => o.Boot?.Capture != true).ToArray();
        if (all.Length == 0)
            yield break;
        bool panicked = all.Any(o => o.Panicked);
        // The killer is called, and kills: two lines of one event.
        long events = Math.Max(all.Count(o => o.Victim.Length > 0 || o.Panicked), all.Count(o => o.Victim.Length == 0 && !o.Panicked)) +
            facts.Dropped<OutOfMemory>();
        string[] victims = all.Where(o => o.Victim.Length > 0).Select(o => o.Victim).Distinct(StringComparer.Ordinal).Take(5).ToArray();
        yield return new Finding(Id, panicked ? "the kernel ran out of memory and panicked"
            : $"the kernel ran out of memory and killed {string.Join(", ", victims)}",
            panicked ? Severity.Critical : Severity.Error, 0.95,
            "The table of tasks above each of these lines shows who held the memory then." +
                (events > 1 ? $" It happened {events} times." : ""))
        {
            EndsWithKernel = true,
            Evidence = all.Select(o => o.Source).Take(4).ToArray(),
        };
    }
}
