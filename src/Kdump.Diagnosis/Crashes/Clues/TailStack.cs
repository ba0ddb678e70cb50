namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// Of a panic only the end is in the log (a screen, the end of a console's buffer): the stack stands above
/// <c>---[ end Kernel panic - not syncing: …</c>, and its head is lost.
/// </summary>
internal static class TailStack
{
    public const string Mark = "---[ end Kernel panic";

    /// <summary>The driver core, and what runs any callback.</summary>
    private static readonly NamePattern Machinery = new(["^bus_", "^driver_", "^__driver_", "^really_probe", "^__platform_driver",
        "^platform_", "^device_", "^kernel_init", "^ret_from", "^do_one_initcall", "^el0", "^el1", "^do_serror", "^process_one_work",
        "^worker_thread", "^kthread", "^invoke_syscall", "^start_", "^arch_call_rest_init"]);

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        if (!input.Report.Heading.Text.Contains(Mark, StringComparison.Ordinal))
            yield break;
        var frames = new List<(StackFrame Frame, ReportLine Line)>();
        foreach (ReportLine line in input.Report.Before)
        {
            if (FrameLine.TryParse(line.Text, out StackFrame frame, out _) && frame.Reliable)
                frames.Add((frame, line));
        }
        int init = frames.FindIndex(f => f.Frame.Function == "do_one_initcall");
        int at = init > 0 ? init - 1
            : frames.FindIndex(f => !Machinery.Fits(f.Frame.Function) && !NeverGuilty.Names.Fits(f.Frame.Function));
        if (at < 0)
            yield break;
        StackFrame found = frames[at].Frame;
        yield return new("tail-stack", $"The stack above it leads to {found.Told}" +
            $"{(init > 0 ? ", the start of a driver" : "")}; its head is " +
            "not in the log.", input.SourceOf(frames[at].Line));
    }
}
