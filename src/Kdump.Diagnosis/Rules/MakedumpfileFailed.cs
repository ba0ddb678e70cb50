using Kdump.Diagnosis.Evidence;

namespace Kdump.Diagnosis.Rules;

/// <summary>The crash kernel came up and found its target, but the program that writes the dump failed.</summary>
public sealed class MakedumpfileFailed : Rule
{
    public override string Id => "makedumpfile-failed";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        DumpProgress[] failures = facts.Of<DumpProgress>().Where(p => p.Step == DumpStep.SaveFailed && p.MayBeCapture).ToArray();
        if (failures.Length == 0)
            yield break;
        DumpProgress[] reading = facts.Of<DumpProgress>().Where(p => p.Step == DumpStep.ReadFailed && p.Boot == failures[0].Boot).ToArray();
        Source[] words = facts.Of<GaveUp>().Where(g => g.What == Undone.Save && g.Boot == failures[0].Boot).Take(1).SelectMany(g => g.Before).ToArray();
        yield return new Finding(Id, "the program that writes the dump failed", Severity.Critical, 0.95,
            reading.Length > 0 ? "makedumpfile could not make sense of the crashed kernel's memory: usually it is older than the kernel whose structures it must know. (\"The kernel version is not supported\" alone is only a warning.)"
                : words.Length > 0 ? "What it said last stands below." : "Its own lines before this one tell the reason.")
        {
            CausedBy = ["no-space-on-target", "capture-kernel-oom"],
            Evidence = [.. reading.Length > 0 ? reading.Select(p => p.Source).Take(4).ToArray() : words, .. failures.Select(p => p.Source).Take(2)],
            Fixes = reading.Length == 0 ? [] :
            [
                new Fix("Install a makedumpfile that knows this kernel, and rebuild the image", "makedumpfile -v; uname -r"),
                new Fix("Until then copy without filtering: core_collector makedumpfile -l -d 0, or cp, in /etc/kdump.conf", Risk: "the dump is as large as memory"),
            ],
        };
    }
}
