using Kdump.Diagnosis.Evidence;

namespace Kdump.Diagnosis.Rules;

/// <summary>The crash kernel ran out of the little memory that was set aside for it (mm/oom_kill.c).</summary>
public sealed class CaptureKernelOom : Rule
{
    public override string Id => "capture-kernel-oom";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        OutOfMemory[] all = facts.Of<OutOfMemory>().Where(o => o.MayBeCapture).ToArray();
        OutOfMemory[] ooms = all.Where(o => o.Boot?.Capture == true).ToArray();
        if (ooms.Length == 0)
        {
            if (all.Length > 0)
            {
                yield return new Unknown("whether the kernel that ran out of memory is the crash kernel: this part of the log does not show its command line",
                    "the log from the kernel's first lines");
            }
            yield break;
        }
        bool saved = ooms.All(o => DumpSaved.In(o.Boot, facts));
        string[] victims = ooms.Where(o => o.Victim.Length > 0).Select(o => o.Victim).Distinct(StringComparer.Ordinal).Take(5).ToArray();
        bool panicked = ooms.Any(o => o.Panicked);
        yield return new Finding(Id, "the crash kernel ran out of memory", saved ? Severity.Warning : Severity.Critical, 0.97,
            (victims.Length == 0 ? "" : $"It killed {string.Join(", ", victims)} to go on. ") + (panicked ? "In the end it panicked. " : "") +
            "What is killed first there is what mounts the target and writes the dump.")
        {
            CausedBy = ["crashkernel-too-small"],
            Evidence = ooms.Select(o => o.Source).Take(4).Concat(ooms.Select(o => o.Boot?.CaptureEvidence).Known().Take(1)).ToArray(),
        };
    }
}
