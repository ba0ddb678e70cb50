using Kdump.Diagnosis.Crashes;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>A check in the kernel failed, but the kernel continued: WARN_ON, lockdep, UBSAN, a leaked reference.</summary>
public sealed class KernelWarning : Rule
{
    public override string Id => "kernel-warning";

    public override Entry Entry => new("kernel-warning", "a check in the kernel failed (warning)")
    {
        Area = Area.Crashing,
        Signature =
        [
            "WARNING: CPU: … PID: … at …:… …+0x…/0x…",
            "WARNING: possible circular locking dependency detected",
            "UBSAN: … in …",
            "INFO: … reference leak",
        ],
        Cause = "An unexpected state. The first warning of a log is the most important; later ones may be consequences.",
        Origin = "kernel/panic.c __warn(), kernel/locking/lockdep.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts) => CrashFindings.Of(Id, facts, crash =>
        new Finding(Id, $"{CrashFindings.Kernel(crash)} reported: {CrashFindings.TitleOf(crash)}", crash.Panicked && StoppedBy(crash)
            ? Severity.Error : Severity.Warning, crash.Confidence, CrashFindings.Where(crash))
        {
            Fixes = CrashFindings.Look(crash).ToArray(),
        });

    /// <summary>True if the panic came from panic_on_warn.</summary>
    private static bool StoppedBy(Crash crash) => crash.Panic?.Text.Contains("panic_on_warn", StringComparison.Ordinal) == true;
}
