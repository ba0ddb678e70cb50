namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// The stack of a report as it is shown: where the CPU was, then the frames of its first stack, with the unconfirmed ones.
/// </summary>
internal static class Stack
{
    private const int MaxFrames = 64;

    public static List<StackFrame> Of(Report report, Recipe? recipe)
    {
        var frames = new List<StackFrame>();
        int end = report.End;
        bool heading = recipe?.Walk == Walks.UseThenOrigin || recipe?.Walk == Walks.NamedThenTrace;
        int start = heading ? 0 : report.Lines.FindIndex(0, end, l => TraceStart.IsCall(l.Text));
        if (start < 0)
            start = report.Lines.FindIndex(0, end, l => TraceStart.IsAny(l.Text));
        if (start < 0 && TraceStart.Bare(report.Lines, 1, end) is > 0 and var bare)
            start = bare - 1;
        StackFrame? trap = Fault(report, end);
        if (trap is { } fault && !report.Heading.Text.Contains("INFO: task", StringComparison.Ordinal))
            frames.Add(fault);
        for (int i = start + 1; i < end && start >= 0 && frames.Count < MaxFrames; i++)
        {
            string line = report.Lines[i].Text;
            if (TraceStart.IsAny(line) || (frames.Count > 0 && line.Contains("---[ end trace", StringComparison.Ordinal)))
                break;
            // The trap of a warning, in the middle of the trace: what follows is the stack of the code that warned.
            if (FaultLine.TryParse(line, out StackFrame? inside))
            {
                // A report that has said where it was goes on with the code that its interrupt stopped.
                if (inside is not null && trap is null && i > start + 4 && frames.Count > 3)
                    frames.Clear();
                if (inside is { } known && !frames.Contains(known))
                    frames.Add(known);
                continue;
            }
            if (!report.Lines[i].TryFrame(out StackFrame frame, out StackFrame? second) || (frames.Count > 0 && frames[^1] == frame))
                continue;
            // arm: "f from g+0x1/0x2", where f is the caller in the line above.
            bool above = second is not null && frame.Offset < 0 && frames.Count > 0 && frames[^1].Name == frame.Name;
            if (!above)
                frames.Add(frame with { Reliable = frame.Reliable && !report.Lines[i].Guess });
            if (second is { } caller)
                frames.Add(caller);
        }
        return frames;
    }

    /// <summary>Where the CPU was, when the report says so before its first stack.</summary>
    public static StackFrame? Fault(Report report, int end)
    {
        for (int i = 0; i < end; i++)
        {
            string line = report.Lines[i].Text;
            if (TraceStart.IsAny(line))
                return null;
            if (FaultLine.TryParse(line, out StackFrame? frame) && frame is not null)
                return frame;
        }
        return null;
    }

    /// <summary>The last line that looks like a part of a report; what else the console prints meanwhile is not.</summary>
    public static long LastLine(Report report)
    {
        const int Gap = 40;
        long last = report.Lines[0].Number;
        int since = 0;
        foreach (ReportLine line in report.Lines.Take(report.End))
        {
            if (line.Bare || IsPart(line.Text))
            {
                last = line.Number;
                since = 0;
            }
            else if (++since > Gap)
                break;
        }
        return last;
    }

    private static bool IsPart(string line) =>
        FrameLine.TryParse(line, out _, out _) || TraceStart.IsAny(line) || FaultLine.TryParse(line, out _) ||
            line.StartsWith("Code: ", StringComparison.Ordinal) ||
        line.StartsWith("CR2: ", StringComparison.Ordinal) || line.StartsWith("CPU: ", StringComparison.Ordinal) ||
            line.StartsWith("Hardware name: ", StringComparison.Ordinal) ||
        line.StartsWith("Modules linked in:", StringComparison.Ordinal) || line.StartsWith("---[ end ", StringComparison.Ordinal) ||
            line.StartsWith("Kernel Offset: ", StringComparison.Ordinal) ||
        line.StartsWith("Kernel panic", StringComparison.Ordinal) || line.StartsWith("Rebooting in ", StringComparison.Ordinal) ||
            line.StartsWith("====", StringComparison.Ordinal) ||
        line.StartsWith("Memory state around", StringComparison.Ordinal) || line.StartsWith(" </TASK>", StringComparison.Ordinal) ||
            line.StartsWith("RBP: ", StringComparison.Ordinal);
}
