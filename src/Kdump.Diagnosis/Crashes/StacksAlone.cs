namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// Stacks without the first lines that would tell what they are of: functions on them tell a failed check from a stack that somebody only
/// asked for.
/// </summary>
internal static class StacksAlone
{
    private const int Longest = 60;

    /// <summary>kernel/panic.c and lib/bug.c; since 4.11 a WARN is a trap, and these stand on its stack.</summary>
    private static readonly NamePattern Checks = new(["^__warn$", "^report_bug$", "^__report_bug$", "^warn_slowpath", "^__warn_printk$"]);

    private static readonly NamePattern Faults = new(["page_fault", "exc_general_protection", "oops_end", "^__die", "^die$",
        "do_mem_abort", "nmi", "^panic$", "watchdog", "rcu_"]);

    /// <summary>They print the stack of their caller, on request: lib/dump_stack.c, and modules' own.</summary>
    private static readonly NamePattern Printers = new(["^dump_stack", "dumpstack", "^show_stack", "^dump_backtrace", "^unwind_backtrace",
        "^show_trace", "os_dump_stack", "^__dump_stack"]);

    /// <summary>A warning's stack, with the frames of the trap, of which the first lines are lost.</summary>
    public static bool OfWarning(IReadOnlyList<ReportLine> lines, int from, List<string> taken)
    {
        bool check = false, other = false;
        foreach (StackFrame frame in Frames(lines, from))
        {
            check |= Checks.Fits(frame.Function);
            other |= Faults.Fits(frame.Function);
        }
        return check && !other;
    }

    /// <summary>Only the task, and a stack of which a module's code is the first below the functions that print stacks.</summary>
    public static bool OfModule(IReadOnlyList<ReportLine> lines, int from, List<string> taken)
    {
        bool printed = false;
        foreach (StackFrame frame in Frames(lines, from))
        {
            if (Printers.Fits(frame.Function))
            {
                printed = true;
                continue;
            }
            // Code of the kernel itself that prints stacks reports a failure with it, in lines that are lost.
            return printed && frame.Module is not null && !IsOfFailure(lines, from);
        }
        return false;
    }

    private static bool IsOfFailure(IReadOnlyList<ReportLine> lines, int from)
    {
        for (int i = from + 1; i < lines.Count && i < from + Longest; i++)
        {
            string text = lines[i].Text;
            if (FaultLine.TryParse(text, out _) || text.StartsWith("Code: ", StringComparison.Ordinal) ||
                text.Contains("---[ end", StringComparison.Ordinal) || text.Contains("panic", StringComparison.Ordinal))
                return true;
        }
        return false;
    }

    private static IEnumerable<StackFrame> Frames(IReadOnlyList<ReportLine> lines, int from)
    {
        for (int i = from; i < lines.Count && i < from + Longest; i++)
        {
            if (lines[i].TryFrame(out StackFrame frame, out StackFrame? second))
            {
                yield return frame;
                if (second is { } caller)
                    yield return caller;
            }
        }
    }
}
