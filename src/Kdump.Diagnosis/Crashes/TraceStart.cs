namespace Kdump.Diagnosis.Crashes;

/// <summary>Lines after which a stack is printed.</summary>
internal static class TraceStart
{
    /// <summary>The stack of the code that prints it: show_stack, dump_stack.</summary>
    public static bool IsCall(string line) =>
        line.Contains("Call Trace:", StringComparison.Ordinal) || line.Contains("Call trace:", StringComparison.Ordinal) ||
            line.Contains("Backtrace:", StringComparison.Ordinal) || IsHeadless(line) || IsXmon(line) ||
            line.Contains(Debugger, StringComparison.Ordinal);

    /// <summary>
    /// The first of two or more frames in a row, indented as a stack's are, in a report that has no heading of a stack: people quote the
    /// lines that they find telling, and leave out the heading. -1 for none.
    /// </summary>
    public static int Bare(IReadOnlyList<ReportLine> lines, int from, int end)
    {
        for (int i = from; i < end; i++)
        {
            if (IsAny(lines[i].Text))
                return -1;
        }
        for (int i = from; i + 1 < end; i++)
        {
            if (IsFrame(lines[i]) && IsFrame(lines[i + 1]))
                return i;
        }
        return -1;
    }

    private static bool IsFrame(ReportLine line) => !line.Guess && line.Text.StartsWith(' ') &&
        line.TryFrame(out StackFrame frame, out _) && frame.Reliable && frame.Size > 0;

    /// <summary>crash(8) prints the place of an exception in the midst of a stack.</summary>
    internal const string Debugger = "exception RIP: ";

    /// <summary>powerpc's debugger: its command for the stack is <c>t</c>.</summary>
    public static bool IsXmon(ReadOnlySpan<char> line) => line.EndsWith(":mon> t", StringComparison.Ordinal);

    /// <summary>arm until 6.1 prints no heading where it has the unwinder: the unwinder's own frame comes first.</summary>
    public static bool IsHeadless(string line) =>
        line.Contains("unwind_backtrace from ", StringComparison.Ordinal) ||
        // The stack of a sleeping task begins in __schedule.
        line.Contains("] (__schedule) from [<", StringComparison.Ordinal) || line.StartsWith(" __schedule from schedule+",
            StringComparison.Ordinal) ||
        line.Contains("(unwind_backtrace) from [<", StringComparison.Ordinal) ||
        (line.Contains("(unwind_backtrace+", StringComparison.Ordinal) && line.Contains(" from [<", StringComparison.Ordinal)) ||
        line.Contains("dump_backtrace from ", StringComparison.Ordinal);

    /// <summary>Any stack: of the printer, of an allocation, of a free, of where a value came from.</summary>
    public static bool IsAny(ReadOnlySpan<char> line) =>
        line.Contains("Call Trace", StringComparison.Ordinal) || line.Contains("Call trace", StringComparison.Ordinal) ||
            line.Contains("Backtrace:", StringComparison.Ordinal) ||
        IsObject(line, "Allocated") || IsObject(line, "Freed") || IsLeak(line) ||
            line.Contains("Uninit was stored to memory at", StringComparison.Ordinal) || IsRiscv(line) || IsXmon(line);

    /// <summary>
    /// kmemleak: <c>backtrace:</c>, <c>backtrace (crc 12ab34cd):</c>. Lockdep's <c>stack backtrace:</c> is no stack but its heading.
    /// </summary>
    public static bool IsLeak(ReadOnlySpan<char> line)
    {
        int at = line.IndexOf("backtrace", StringComparison.Ordinal);
        if (at < 0 || (at > 0 && line[at - 1] != ' ') || (at > 1 && line[at - 2] == 'k'))
            return false;
        ReadOnlySpan<char> rest = line[(at + "backtrace".Length)..];
        return rest.StartsWith(":", StringComparison.Ordinal) ||
            (rest.StartsWith(" (crc ", StringComparison.Ordinal) && rest.EndsWith("):", StringComparison.Ordinal));
    }

    /// <summary>riscv's show_regs goes on with the stack, without a heading.</summary>
    public static bool IsRiscv(ReadOnlySpan<char> line) =>
        line.Contains(" badaddr: ", StringComparison.Ordinal) && line.Contains("status: ", StringComparison.Ordinal) &&
            line.Contains(" cause: ", StringComparison.Ordinal);

    /// <summary><c>Freed:</c>, <c>Freed by task 12:</c>, <c>Freed by task 12 on cpu 1 at 3.4s:</c></summary>
    private static bool IsObject(ReadOnlySpan<char> line, string verb)
    {
        int at = line.IndexOf(verb, StringComparison.Ordinal);
        if (at < 0)
            return false;
        ReadOnlySpan<char> rest = line[(at + verb.Length)..];
        return rest.StartsWith(":", StringComparison.Ordinal) ||
            (rest.StartsWith(" by task ", StringComparison.Ordinal) && rest.Contains(':'));
    }
}
