using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>The crash kernel came up and found its target, but the program that writes the dump failed.</summary>
public sealed class MakedumpfileFailed : Rule
{
    public override string Id => "makedumpfile-failed";

    public override Entry Entry => new("makedumpfile-failed", "the program that writes the dump failed")
    {
        Area = Area.Writing,
        Signature =
        [
            "makedumpfile Failed.",
            "saving vmcore failed, exitcode:…",
            "readpage_elf: Attempt to read non-existent page at 0x…",
            "create_2nd_bitmap: Can't exclude unnecessary pages.",
            "makedumpfile failed, falling back to 'cp'",
        ],
        Cause = "makedumpfile does not know this kernel's structures (\"The kernel version is not supported\" alone is only a warning). " +
            "Some versions exclude too much instead, silently, on kernels 6.2, 6.3, 6.6, 6.9, 6.10, 6.12 and 7.1: only reading the dump " +
            "shows it.",
        Fixes =
        [
            new("A newer makedumpfile, and the image anew", "makedumpfile -v"),
            new("Until then core_collector makedumpfile -l -d 0", Risk: "the dump is as large as memory"),
            new("See whether a dump has holes", "kdt vmcore verify vmcore"),
        ],
        Origin = "makedumpfile.c; its commits f50c015, bad2a7c, 985e575, 9661c1d, 72c3414, 446c4f6 and 65bf4c9; Fedora CoreOS tracker " +
            "issues 1698, 1588, 1523 and 1320",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        DumpProgress[] failures = facts.Of<DumpProgress>().Where(p => p.Step == DumpStep.SaveFailed && p.MayBeCapture).ToArray();
        if (failures.Length == 0)
            yield break;
        DumpProgress[] reading = facts.Of<DumpProgress>().Where(p => p.Step == DumpStep.ReadFailed && p.Boot == failures[0].Boot).ToArray();
        Source[] words = facts.Of<GaveUp>().Where(g => g.What == Undone.Save && g.Boot == failures[0].Boot).Take(1)
            .SelectMany(g => g.Before).ToArray();
        yield return new Finding(Id, "the program that writes the dump failed", Severity.Critical, 0.95,
            reading.Length > 0
                ? "makedumpfile could not make sense of the crashed kernel's memory: usually it is older than the kernel whose " +
                "structures it must know. (\"The kernel version is not supported\" alone is only a warning.)"
                : words.Length > 0 ? "What it said last stands below." : "Its own lines before this one tell the reason.")
        {
            CausedBy = ["no-space-on-target", "capture-kernel-oom"],
            Evidence = [.. reading.Length > 0 ? reading.Select(p => p.Source).Take(4).ToArray() : words,
                .. failures.Select(p => p.Source).Take(2)],
            Fixes = reading.Length == 0 ? [] :
            [
                new Fix("Install a makedumpfile that knows this kernel, and rebuild the image", "makedumpfile -v; uname -r"),
                new Fix("Until then copy without filtering: core_collector makedumpfile -l -d 0, or cp, in /etc/kdump.conf",
                    Risk: "the dump is as large as memory"),
            ],
        };
    }
}
