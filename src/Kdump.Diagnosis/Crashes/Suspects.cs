namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// Walks a report downwards and collects the functions that may be to blame, in the order of suspicion. What is never guilty is left
/// out. Each step continues behind the line where the one before ended.
/// </summary>
internal sealed class Suspects(IReadOnlyList<ReportLine> lines, int from, int end, NamePattern notHere)
{
    private int at = from;

    /// <summary>As printed, without what compilers append.</summary>
    public List<string> Names { get; } = [];

    /// <summary>
    /// Frames that the unwinder could not confirm are taken, too: on kernels without frame pointers before 4.14 there are no others.
    /// </summary>
    public bool Guessing { get; init; }

    /// <summary>The task sleeps: its innermost call is the scheduler's.</summary>
    public bool Sleeping { get; init; }

    private const int MostLeftovers = 3;

    /// <summary>The stack of an injected fault is mixed into the report: its frames cannot be trusted.</summary>
    public bool Mixed { get; private set; }

    /// <summary>Steps behind the next line that fits; to the end of the report when there is none.</summary>
    public bool Seek(Func<string, bool> fits)
    {
        while (at < end)
        {
            string line = lines[at++].Text;
            if (IsInjected(line))
            {
                Mixed = true;
                return false;
            }
            if (fits(line))
                return true;
        }
        return false;
    }

    /// <summary>Where the CPU was.</summary>
    public bool Fault() => Seek(line => Fault(line));

    /// <summary>A line that says where the CPU was, met within a stack: what stood above it is not to blame.</summary>
    public bool Place(string line)
    {
        if (!FaultLine.TryParse(line, out StackFrame? frame) || frame is not { } here)
            return false;
        Names.Clear();
        AtKnown = true;
        Add(here.Name);
        return true;
    }

    /// <summary>Like <see cref="Fault()"/>, or powerpc's <c>--- interrupt: 700 at f+…</c>.</summary>
    public bool FaultOrInterrupt() => Seek(line => Fault(line) || Interrupt(line));

    /// <summary>mips' or loongarch's line that says where the CPU was has a number and no function: it jumped there.</summary>
    public bool AtNumber { get; private set; }

    /// <summary>The line that says where the CPU was names a function, if only one that is never to blame.</summary>
    public bool AtKnown { get; private set; }

    /// <summary>The function in the register that holds the caller.</summary>
    public void Caller()
    {
        for (int i = 0; i < end && Names.Count == 0; i++)
        {
            if (LinkRegister.SymbolOf(lines[i].Text) is { IsEmpty: false } symbol)
                AddSymbol(symbol);
        }
    }

    /// <summary>To the stack that the report prints of itself; where its heading was not posted, to the first run of frames.</summary>
    public bool Call()
    {
        int from = at;
        if (Seek(TraceStart.IsCall) || Mixed)
            return !Mixed;
        int bare = TraceStart.Bare(lines, from, end);
        if (bare < 0)
            return false;
        at = bare;
        return true;
    }

    /// <summary>A function named in the text: <c>… in f+0x1/0x2</c>, <c>… at: f+…</c>, <c>… at: [&lt;address&gt;] f+…</c>.</summary>
    /// <param name="exact">The report itself says that this is the place: taken even if it is a function that is usually not to
    /// blame.</param>
    public bool Named(string before, bool exact = false) => Seek(line => Named(line, before, exact));

    /// <summary>The function was taken as the report names it, so its name is not shortened either.</summary>
    public bool Exact { get; private set; }

    /// <summary>
    /// The frames from here to the next stack, or to the first line that <paramref name="until"/> fits; true when that ended it.
    /// </summary>
    public bool Trace(Func<string, bool>? until = null)
    {
        while (at < end)
        {
            ReportLine line = lines[at++];
            if (IsInjected(line.Text))
            {
                Mixed = true;
                return false;
            }
            if (TraceStart.IsAny(line.Text))
                return false;
            if (until is not null && until(line.Text))
                return true;
            if ((line.Guess && !Guessing) || !line.TryFrame(out StackFrame frame, out StackFrame? second) ||
                (!frame.Reliable && !Guessing))
                continue;
            // What stands unconfirmed above the scheduler's own frame was left there by calls that are over.
            if (Guessing && Sleeping && FrameLine.Bare(frame.Name) == "schedule" && Names.Count <= MostLeftovers)
                Names.Clear();
            Add(frame.Name);
            if (second is { } caller)
                Add(caller.Name);
        }
        return false;
    }

    public void Add(string name)
    {
        string bare = FunctionNames.Demangled(FrameLine.Bare(name));
        if (bare.Length > 0 && !NeverGuilty.Names.Fits(bare) && !notHere.Fits(bare))
            Names.Add(bare);
    }

    private bool Fault(string line)
    {
        if (!FaultLine.TryParse(line, out StackFrame? frame))
            return false;
        AtKnown |= frame is not null;
        AtNumber |= frame is null && !line.Contains('@') && (line.StartsWith("epc", StringComparison.Ordinal) ||
            line.StartsWith("ERA", StringComparison.Ordinal));
        if (frame is { } known)
            Add(known.Name);
        return true;
    }

    private bool Interrupt(string line)
    {
        int mark = line.IndexOf("--- interrupt: ", StringComparison.Ordinal);
        int place = mark < 0 ? -1 : line.IndexOf(" at ", mark, StringComparison.Ordinal);
        return place >= 0 && AddSymbol(line.AsSpan(place + 4));
    }

    private bool Named(string line, string before, bool exact)
    {
        for (int mark = line.IndexOf(before, StringComparison.Ordinal); mark >= 0; mark = line.IndexOf(before, mark + 1,
            StringComparison.Ordinal))
        {
            if (AddSymbol(line.AsSpan(mark + before.Length), exact))
                return true;
        }
        return false;
    }

    private bool AddSymbol(ReadOnlySpan<char> text, bool exact = false)
    {
        if (FrameLine.AtStart(text) is not { } name)
            return false;
        if (exact)
        {
            Exact = true;
            Names.Add(FunctionNames.Demangled(FrameLine.Bare(name)));
        }
        else
            Add(name);
        return true;
    }

    private static bool IsInjected(string line)
    {
        int at = line.IndexOf("should_fail", StringComparison.Ordinal);
        return at > 0 && line.AsSpan(0, at).TrimStart(" [<>]0123456789abcdefx").IsEmpty && line.AsSpan(at)
            .Contains("+0x", StringComparison.Ordinal) &&
            FrameLine.Bare(line[at..line.IndexOf('+', at)]) is "should_fail" or "should_failslab";
    }
}
