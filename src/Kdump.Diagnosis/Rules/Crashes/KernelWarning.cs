using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Crashes.Clues;

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

    public override IEnumerable<Opinion> Judge(Facts facts) => CrashFindings.Of(Id, facts, crash => crash.Kind == "stack" ? OfStack(crash) :
        new Finding(Id, $"{CrashFindings.Kernel(crash)} reported: {CrashFindings.TitleOf(crash)}", (crash.Panicked && StoppedBy(crash)) ||
            Spins(crash) ? Severity.Error : Severity.Warning, crash.Confidence, CrashFindings.Where(crash))
        {
            // Reports out of the middle of the killer: it is what the task was at.
            CausedBy = crash.Frames.Any(f => f.Reliable && f.Function == "out_of_memory") ? ["out-of-memory"] : [],
            Fixes = CrashFindings.Look(crash).ToArray(),
        });

    /// <summary>The kernel goes on behind the report, but this CPU does not: it spins for a lock that is not released.</summary>
    private static bool Spins(Crash crash) => crash.Clues.Any(c => c.Meaning is SpinningFor.Itself or SpinningFor.Holder);

    /// <summary>
    /// A stack that a module's own code had printed: who called, for whom; the reason is in the line that it printed before.
    /// </summary>
    private Finding OfStack(Crash crash)
    {
        string module = crash.Module ?? crash.Frames.Select(f => f.Module).FirstOrDefault(m => m is not null) ?? "a module";
        string task = crash.Context.Comm is { Length: > 0 } comm ? $" while {comm} ran" : "";
        string where = crash.Function is { } function ? $" The first function behind it is {function}()." : "";
        return new Finding(Id, $"code of {module} had a stack printed{task}", Severity.Warning, 0.8,
            "This is no report of a crash: the code asked for the stack itself (dump_stack), to show who called it. " +
            $"Why it did stands in the line that it printed just before.{where}");
    }

    /// <summary>True if the panic came from panic_on_warn.</summary>
    private static bool StoppedBy(Crash crash) => crash.Panic?.Text.Contains("panic_on_warn", StringComparison.Ordinal) == true;
}
