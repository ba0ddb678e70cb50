using Kdump.Diagnosis.Crashes;

namespace Kdump.Diagnosis.Rules;

/// <summary>The kernel met a fault of its own: a bad access, a failed BUG_ON, corrupted memory.</summary>
public sealed class KernelOops : Rule
{
    public override string Id => "kernel-oops";

    public override IEnumerable<Opinion> Judge(Facts facts) => CrashFindings.Of(Id, facts, crash => crash.Requested
        ? new Finding(Id, $"somebody made {CrashFindings.Kernel(crash)} crash: {crash.Title}", Severity.Info, 0.95, "The log shows the request just before.")
        : new Finding(Id, $"{CrashFindings.Kernel(crash)} crashed: {CrashFindings.TitleOf(crash)}", crash.Panicked ? Severity.Critical : Severity.Error, crash.Confidence, CrashFindings.Where(crash))
        {
            // A capture kernel without memory or with a torn initramfs falls in many places.
            CausedBy = crash.Boot?.Capture == true ? ["capture-kernel-oom", "crashkernel-too-small"] : ["mce-fatal", "mce-uncorrected"],
            Fixes = CrashFindings.Look(crash).ToArray(),
        });
}
