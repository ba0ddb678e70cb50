using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>The crash kernel panicked in its turn: no dump, and no word of it on the ordinary system afterwards.</summary>
public sealed class CaptureKernelPanic : Rule
{
    public override string Id => "capture-kernel-panic";

    public override Entry Entry => new("capture-kernel-panic", "the crash kernel panicked itself")
    {
        Area = Area.Starting,
        Signature = ["Kernel panic - not syncing: … (in the crash kernel's log)"],
        Cause = "The lines before its panic tell where it died: no memory, no initramfs, or a driver that falls over a device left " +
            "running (graphics, bnx2x, Mellanox cards initialised twice).",
        Origin = "kernel/panic.c; lf-edge/eve pull request 2794, linux-surface issue 769",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        KernelPanic? panic = facts.Of<KernelPanic>().FirstOrDefault(p => p.Boot?.Capture == true);
        if (panic is null)
            yield break;
        bool saved = DumpSaved.In(panic.Boot, facts);
        yield return new Finding(Id, $"the crash kernel panicked itself ({panic.Reason})", saved ? Severity.Warning : Severity.Critical,
            0.97,
            saved ? "The dump was written all the same."
                : "No line tells that it wrote a dump; the lines before its panic tell where it died.")
        {
            CausedBy = ["capture-kernel-oom", "initramfs-unpack-failed", .. CrashFindings.Before(panic.Source, panic.Boot, facts)],
            Evidence = new[] { panic.Source, panic.Boot?.CaptureEvidence }.Known(),
        };
    }
}
