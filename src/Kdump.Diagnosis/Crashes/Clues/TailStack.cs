namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// Of a panic only the end is in the log (a screen, the end of a console's buffer): the stack stands above
/// <c>---[ end Kernel panic - not syncing: …</c>, and its head is lost.
/// </summary>
internal static class TailStack
{
    private const string Mark = "---[ end Kernel panic", Fatal = "Kernel panic - not syncing: Fatal exception";

    /// <summary>The last line of a panic, or the panic that only ends an oops: what is left stands above it.</summary>
    public static bool Is(ReadOnlySpan<char> message) =>
        message.StartsWith(Mark, StringComparison.Ordinal) || message.StartsWith(Fatal, StringComparison.Ordinal);

    /// <summary>The driver core, and what runs any callback.</summary>
    private static readonly NamePattern Machinery = new(["^bus_", "^driver_", "^__driver_", "^really_probe", "^__platform_driver",
        "^platform_", "^device_", "^kernel_init", "^ret_from", "^do_one_initcall", "^el0", "^el1", "^do_serror", "^process_one_work",
        "^worker_thread", "^kthread", "^invoke_syscall", "^start_", "^arch_call_rest_init"]);

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        string heading = input.Report.Heading.Text;
        bool fatal = heading.Contains(Fatal, StringComparison.Ordinal);
        if (!fatal && !heading.Contains(Mark, StringComparison.Ordinal))
            yield break;
        // The code that fell is printed below the stack of its oops, and nowhere else.
        if (fatal && !input.Report.Before.Exists(l => l.Text.StartsWith("Code: ", StringComparison.Ordinal) ||
            l.Text.StartsWith("Instruction dump:", StringComparison.Ordinal) ||
            l.Text.Contains("---[ end trace ", StringComparison.Ordinal)))
            yield break;
        var frames = new List<(StackFrame Frame, ReportLine Line)>();
        foreach (ReportLine line in input.Report.Before)
        {
            if (line.TryFrame(out StackFrame frame, out _) && frame.Reliable)
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
