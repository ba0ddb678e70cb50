using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Crashes;

/// <summary>The lines of one report while they come in.</summary>
internal sealed class Report(Family family, Source heading, Writer writer, double? time, Boot boot)
{
    /// <summary>Lines that are kept: dumps of all locks and all CPUs are long, but the first stacks decide.</summary>
    public const int MaxLines = 1500;

    /// <summary>
    /// In lines: a panic that ends a shorter report still belongs to it; after a longer one the panic only repeats the stack.
    /// </summary>
    private const int ShortReport = 22, ShortMemoryReport = 16;

    public const string Panic = "Kernel panic - not syncing";

    private const string LockDebugging = "Disabling lock debugging due to kernel taint", NmiSent = "Sending NMI from CPU",
        Circular = "WARNING: possible circular locking dependency detected";

    private readonly int shortest = heading.Text.Contains("BUG: KMSAN:", StringComparison.Ordinal) ? ShortMemoryReport : ShortReport;

    private bool cut;

    /// <summary>Texts of lines that change how the report is read.</summary>
    public static IReadOnlyList<string> Marks { get; } = [Panic, LockDebugging, NmiSent, Circular];

    public Family Family { get; } = family;

    public Source Heading { get; } = heading;

    public Writer Writer { get; private set; } = writer;

    /// <summary>Caller ids (CONFIG_PRINTK_CALLER) tell the lines of one report from those of others.</summary>
    public bool Known => Writer.Caller != 0;

    public double? Time { get; } = time;

    public Boot Boot { get; set; } = boot;

    /// <summary>The order in which reports began, which is the order of the crashes.</summary>
    public long Order { get; init; }

    /// <summary>What the same task or console printed just before.</summary>
    public List<ReportLine> Before => Above.ToLines();

    /// <summary>The same, while nobody asks for strings.</summary>
    public ReportText Above { get; } = new();

    public ReportText Text { get; } = new();

    /// <summary>The lines as strings, for those who read a report that is whole.</summary>
    public List<ReportLine> Lines => Text.ToLines();

    /// <summary>The number of the last line in its input; 0 before the first.</summary>
    public long LastNumber => Text.Count == 0 ? 0 : Text.NumberOf(Text.Count - 1);

    /// <summary>Lines of this report and of others since it began.</summary>
    public int Age { get; private set; }

    /// <summary>Stacks of all CPUs follow, printed by each of them.</summary>
    public bool AllCpus { get; private set; }

    /// <summary>Where another report began below; without caller ids the lines after it may belong to either.</summary>
    public int? Second { get; set; }

    public bool Full => Text.Count >= MaxLines;

    /// <summary>The lines that can be trusted to be of this report.</summary>
    public int End => Second is int second && !Known ? second : Text.Count;

    /// <summary>People copy from the middle of the first line: it then has no stamp, but the lines below have one.</summary>
    public void Adopt(Writer line, long number)
    {
        if (Text.Count == 1 && !Writer.Stamped && line.Stamped && number == Heading.Line + 1)
            Writer = line;
    }

    /// <summary>A first line that was folded before its address goes on in the next one.</summary>
    public bool Join(long number, in KernelLine line)
    {
        if (Text.Count != 1 || number != Heading.Line + 1 || line.Stamped ||
            !Text[0].TrimEnd(' ').EndsWith(" at virtual", StringComparison.Ordinal) ||
            !line.Message.StartsWith("address ", StringComparison.Ordinal))
            return false;
        Text.Change(0, $"{Text[0].TrimEnd(' ')} {line.Message}");
        return true;
    }

    /// <summary>A debugger on the console (xmon, kdb) takes over in the middle of a report, without stamps.</summary>
    public void GoOnAs(Writer line)
    {
        const int Short = 8;
        if (Text.Count <= Short && !line.Stamped)
            Writer = line;
    }

    /// <summary>The name of a task may hold a line break, which ends the first line of a report.</summary>
    private bool Unfinished => Text.Count == 1 && Text[0].StartsWith("INFO: task ", StringComparison.Ordinal) &&
        !Text[0].Contains(" blocked ", StringComparison.Ordinal) && !Text[0].Contains(" can't die ", StringComparison.Ordinal);

    public bool Belongs(Writer line) => Unfinished || line == Writer || (AllCpus && line.Caller < 0);

    /// <summary>Nobody reads the report any more: its buffers can be used again.</summary>
    public void Release()
    {
        Text.Release();
        Above.Release();
    }

    /// <param name="marked">The line may hold one of <see cref="Marks"/>.</param>
    public void Add(long number, ReadOnlySpan<char> text, bool marked)
    {
        Age++;
        if (marked)
        {
            if (text.Contains(LockDebugging, StringComparison.Ordinal))
                return;
            AllCpus |= text.Contains(NmiSent, StringComparison.Ordinal);
            cut |= Age > shortest && (text.Contains(Panic, StringComparison.Ordinal) || text.Contains(Circular, StringComparison.Ordinal));
        }
        if (cut || Full || (Text.Count > 0 && text.SequenceEqual(Text.Last) && TraceStart.IsAny(text)))
            return;
        if (Unfinished && number == Heading.Line + 1 && text.Contains(" blocked ", StringComparison.Ordinal))
        {
            Text.Change(0, $"{Text[0]}\\n{text}");
            return;
        }
        Text.Add(number, text.Length > Source.MaxText ? text[..Source.MaxText] : text, IsGuess(text));
    }

    /// <summary>
    /// A decoded log repeats the heading for each function that was inlined into another: <c>BUG: KASAN: … in f file.h:1 [inline]</c>,
    /// <c>WARNING: … at file.c:1 f file.c:1 [inline]</c>.
    /// </summary>
    public bool IsHeadingAgain(ReadOnlySpan<char> text)
    {
        // Two consoles on one line, or a capture that echoes: each line stands there twice.
        if (Text.Count == 1 && text.SequenceEqual(Text[0]))
            return true;
        string before = text.StartsWith("WARNING: ", StringComparison.Ordinal) ? " at " : " in ";
        int name = text.IndexOf(before, StringComparison.Ordinal);
        if (name < 0 || Text.Count is 0 or > 12 || (!Text.Last.EndsWith("[inline]", StringComparison.Ordinal) &&
            !Text.Last.Contains(" [inline] at addr ", StringComparison.Ordinal)))
            return false;
        for (int i = 0; i < Text.Count; i++)
        {
            if (!Text[i].StartsWith(text[..(name + before.Length)], StringComparison.Ordinal))
                return false;
        }
        return true;
    }

    /// <summary>
    /// <c>? f+0x1/0x2</c>, perhaps behind an address; the mark of the old interrupt stack shares the line with a frame that counts.
    /// </summary>
    private static bool IsGuess(ReadOnlySpan<char> text)
    {
        if (text is [.., ')'] && text.EndsWith(" (unreliable)", StringComparison.Ordinal))
            return true;
        ReadOnlySpan<char> begin = text[..Math.Min(text.Length, 50)];
        return begin.Contains('?') && begin.Contains(" ? ", StringComparison.Ordinal) &&
            !text.Contains("<EOI>", StringComparison.Ordinal) && text.Contains("+0x", StringComparison.Ordinal);
    }
}
