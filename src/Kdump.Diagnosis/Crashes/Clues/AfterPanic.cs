namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// A fault after the panic: the crashing kernel faulted on its way to the crash kernel (kernel/panic.c, machine_kexec()).
/// </summary>
internal static class AfterPanic
{
    public static IEnumerable<Clue> Read(ClueInput input)
    {
        if (!IsAfter(input.Report))
            yield break;
        ReportLine panic = input.Report.Before.Last(l => l.Text.Contains(Report.Panic, StringComparison.Ordinal));
        yield return new Clue("after-panic",
            "It came after the panic, while the dying kernel stopped its devices on the way to the crash kernel: " +
            "what follows a panic is not its cause, but it can keep the crash kernel from starting, and then there is no dump.",
            input.SourceOf(panic));
    }

    /// <summary>Other CPUs that a watchdog reports beside its panic were stuck before it.</summary>
    private static bool IsOfWatchdog(Report report) => report.Heading.Text.Contains("LOCKUP", StringComparison.Ordinal) &&
        report.Before.Any(l => l.Text.Contains(Report.Panic, StringComparison.Ordinal) && l.Text.Contains("LOCKUP",
            StringComparison.Ordinal));

    public static bool IsAfter(Report report) =>
        report.Family.Heading != "Kernel panic" && !IsOfWatchdog(report) &&
        report.Before.Any(l => l.Text.Contains(Report.Panic, StringComparison.Ordinal));
}
