using Kdump.Diagnosis.Crashes;

namespace Kdump.Diagnosis.Rules;

/// <summary>A check in the kernel failed that does not stop it: WARN_ON, lockdep, UBSAN, a leaked reference.</summary>
public sealed class KernelWarning : Rule
{
    public override string Id => "kernel-warning";

    public override IEnumerable<Opinion> Judge(Facts facts) => CrashFindings.Of(Id, facts, crash =>
        new Finding(Id, $"{CrashFindings.Kernel(crash)} reported: {CrashFindings.TitleOf(crash)}", crash.Panicked && StoppedBy(crash) ? Severity.Error : Severity.Warning, crash.Confidence, CrashFindings.Where(crash))
        {
            Fixes = CrashFindings.Look(crash).ToArray(),
        });

    /// <summary>panic_on_warn makes a warning the end.</summary>
    private static bool StoppedBy(Crash crash) => crash.Panic?.Text.Contains("panic_on_warn", StringComparison.Ordinal) == true;
}
