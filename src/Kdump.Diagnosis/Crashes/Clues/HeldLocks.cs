namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// The code that made the context atomic in which a task slept: <c>Preemption disabled at:</c> with a place (kernel/sched/core.c),
/// and lockdep's list of the locks that the task holds, <c>#0: (&amp;x->lock){+.+.}, at: [&lt;address&gt;] f+0x24/0xd0 [mod]</c>;
/// the last one taken is the last of the list.
/// </summary>
internal static class HeldLocks
{
    /// <summary>They call the handlers of hard interrupts (kernel/irq/handle.c); threads of interrupts may sleep.</summary>
    private static readonly NamePattern Callers = new(["^__handle_irq_event_percpu$", "^handle_irq_event_percpu$"]);

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        if (input.Kind != "atomic-sleep")
            yield break;
        if (Handler(input) is { Name: not null } handler)
        {
            yield return new Clue("atomic-since",
                $"It ran in an interrupt, in the handler {handler.Function}(){(handler.Module is { } of ? $" of {of}" : "")}, " +
                "and nothing may sleep there: what has to wait belongs into a threaded handler or a work item.",
                input.Find(handler.Function) is { } at ? input.SourceOf(at) : input.Report.Heading);
            yield break;
        }
        if (Last(input.Lines) is { } held)
            yield return new Clue("atomic-since",
                $"It must not sleep there because {held.Place.Function}(){(held.Place.Module is { } module ? $" of {module}" : "")} " +
                $"{held.What}.", input.SourceOf(held.Line));
    }

    /// <summary>The handler of the interrupt in which the task slept: the frame that the kernel's interrupt code called.</summary>
    private static StackFrame Handler(ClueInput input)
    {
        StackFrame[] stack = [.. input.Frames.Where(f => f.Reliable)];
        int at = Array.FindIndex(stack, f => Callers.Fits(f.Function));
        return at > 0 ? stack[at - 1] : default;
    }

    /// <summary>The function that took the last lock, or disabled preemption.</summary>
    public static (StackFrame Place, string What, ReportLine Line)? Last(IEnumerable<ReportLine> lines)
    {
        (StackFrame, string, ReportLine)? found = null;
        bool next = false;
        foreach (ReportLine line in lines)
        {
            string text = line.Text;
            int preempt = text.IndexOf("Preemption disabled at:", StringComparison.Ordinal);
            int at = next ? 0 : -1;
            if (preempt >= 0)
                at = preempt + "Preemption disabled at:".Length;
            else if (text.TrimStart(' ').StartsWith('#'))
                at = text.LastIndexOf(", at: ", StringComparison.Ordinal) is > 0 and var a ? a + ", at: ".Length : -1;
            if (at >= 0 && FrameLine.TryParse(text[at..].TrimStart(' '), out StackFrame frame, out _) && frame.Name is not null &&
                !NeverGuilty.Names.Fits(frame.Function))
                found = (frame, preempt >= 0 || next ? "disabled preemption" : "holds a lock that it took before", line);
            next = preempt >= 0;
        }
        return found;
    }
}
