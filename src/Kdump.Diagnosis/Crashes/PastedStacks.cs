using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Crashes;

/// <summary>A stack that a debugger printed of a program, not of the kernel.</summary>
/// <param name="Functions">The innermost first.</param>
public sealed record ProgramStack(Source Source, IReadOnlyList<string> Functions) : Fact(Source);

/// <summary>One task's stack as a debugger prints it: crash(8), drgn, gdb on a stub or a core; and what is pasted of them.</summary>
/// <param name="Command">Empty where the heading is not there.</param>
/// <param name="Faulted">The function of <c>[exception RIP: f+53]</c> or of arm64's <c>PC: … [f+0x10]</c>; null without one.</param>
/// <param name="Functions">From the innermost frame on.</param>
public sealed record PastedStack(Source Source, long Pid, string Command, long? Cpu, string? Faulted, Source? FaultedAt,
    IReadOnlyList<string> Functions) : Fact(Source)
{
    /// <summary>crash, drgn, or gdb.</summary>
    public string By { get; init; } = "crash";

    /// <summary>For each function file and line, where the debugger knew them; else empty.</summary>
    public IReadOnlyList<string> Places { get; init; } = [];

    /// <summary>For each function its module, where printed.</summary>
    public IReadOnlyList<string?> Modules { get; init; } = [];
}

/// <summary>
/// <code>
/// PID: 7694   TASK: ffffffea85f81d00  CPU: 1   COMMAND: "sh"
///  #0 [ffffff8012aa3b90] ipanic at ffffffa601b40b18
///     [exception RIP: sysrq_handle_crash+22]
/// #0  context_switch (kernel/sched/core.c:5240:2)
/// #5  asm_exc_page_fault+0x22 (./arch/x86/include/asm/idtentry.h:570)
/// #0  0xffffffff81a3c2d5 in f (lock=0xffff88807d9e2a40) at kernel/locking/qspinlock.c:382
/// </code>
/// crash task.c print_task_header(), x86_64.c x86_64_print_stack_entry(), arm64.c arm64_print_stackframe_entry(); drgn
/// stack_trace.c; gdb stack.c print_frame().
/// </summary>
public sealed class PastedStacks : LineParser
{
    /// <summary>The deepest stack that is read: pasted text may be of any size.</summary>
    private const int Deepest = 96;

    /// <summary>The most other lines within a stack: wrapped arguments, registers.</summary>
    private const int MostBetween = 12;

    /// <summary>A backtrace of a program has neither a kernel address nor a function of the kernel's own.</summary>
    private static readonly NamePattern Kernels = new(["^__schedule$", "^schedule$", "^kthread$", "^ret_from_fork", "^process_one_work$",
        "^worker_thread$", "^do_syscall_64$", "^el0_svc", "^el1h_", "^el1_", "^panic$", "^start_kernel$", "^do_idle$",
            "^__handle_irq_event",
        "^entry_SYSCALL", "^asm_", "^secondary_startup", "^do_exit$", "^oops_end$", "^__do_softirq$", "^crash_kexec"]);

    private static readonly string[] Folders = ["kernel/", "mm/", "fs/", "net/", "drivers/", "arch/", "./arch/", "./include/", "block/",
        "lib/", "security/", "init/"];

    private readonly List<string> functions = [], places = [];
    private readonly List<string?> modules = [];
    private (Source Source, long Pid, string Command, long? Cpu)? heading;
    private string? faulted;
    private Source? faultedAt, first;
    private string by = "";
    private bool kernel;
    private int between;

    public override string Kind => "stacks of tasks";

    public override IReadOnlyList<string> Signs { get; } =
        ["COMMAND: \"", "[exception RIP: ", "    PC: ",
        // Frames of any number; " at " is in too many lines of other kinds.
        "#0 [", "#1 [", "#2 [", "#3 [", "#4 [", "#5 [", "#6 [", "#7 [", "#8 [", "#9 [", "#0  ", "#1  ", "#2  ",
        " (CPU#", " state:D ", " D ffff", " D    0", " D 0000", "Call Trace:"];

    public override bool Busy => (by == "kernel" || (functions.Count > 0 && by != "crash")) && between < MostBetween;

    public override bool Line(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> text = line.Text.Trim();
        if (Thread(text, line, facts))
            return true;
        if (Task(line, facts) || Bare(line, facts) || (by == "kernel" && Below(line)))
        {
            between = 0;
            return !line.Kernel.Stamped;
        }
        bool taken;
        if (text.StartsWith("PID: ", StringComparison.Ordinal))
            taken = Heading(text, line, facts);
        else
            taken = text.StartsWith("#", StringComparison.Ordinal) ? Frame(text, line, facts) : Place(text, line);
        between = taken ? 0 : between + 1;
        return taken;
    }

    public override void End(Facts facts)
    {
        // One or two frames may be anything; under crash's own heading they count.
        bool enough = by == "crash" ? functions.Count > 0 && (heading is not null || functions.Count >= 4)
            : functions.Count >= 3 && kernel;
        if (enough && (heading?.Source ?? first) is { } source)
            facts.Add(new PastedStack(source, heading?.Pid ?? -1, heading?.Command ?? "", heading?.Cpu, faulted, faultedAt,
                [.. functions]) { By = by, Places = [.. places], Modules = [.. modules] });
        else if (functions.Count >= 3 && by == "gdb" && first is { } own)
            facts.Add(new ProgramStack(own, [.. functions]));
        functions.Clear();
        places.Clear();
        modules.Clear();
        (heading, faulted, faultedAt, first, by, kernel, between) = (null, null, null, null, "", false, 0);
    }

    /// <summary>
    /// gdb on the stub of a virtual machine, <c>info threads</c>: <c>* 1    Thread 1.1 (CPU#0 [running]) 0xffffffff810de405 in rep_nop ()
    /// at …</c>. Each line is where one CPU was.
    /// </summary>
    private bool Thread(ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        var c = new TextCursor(text);
        if (!c.SkipPast("Thread ") || !c.SkipPast(" (CPU#") || !c.Number(out long cpu) || !c.SkipPast("]) "))
            return false;
        ReadOnlySpan<char> rest = c.Rest.Trim();
        if (rest.IsEmpty)
            return true;
        End(facts);
        if (!OfDebugger(rest, line))
            return true;
        facts.Add(new PastedStack(line.ToSource(), -1, "", cpu, null, null, [.. functions])
            { By = "gdb", Places = [.. places], Modules = [.. modules] });
        functions.Clear();
        End(facts);
        return true;
    }

    /// <summary>
    /// The kernel's own list of blocked tasks (SysRq w, a hung task's): <c>task:multipathd state:D stack:25328 pid:42300 …</c>,
    /// kernel/sched/core.c
    /// sched_show_task() since 5.10. Running tasks and idle ones do not matter.
    /// </summary>
    private bool Task(in TextLine line, Facts facts)
    {
        var c = new TextCursor(line.Kernel.Message.TrimStart(' '));
        if (OldTask(line.Kernel.Message, out string old, out long number))
        {
            End(facts);
            heading = (line.ToSource(), number, old, null);
            (by, kernel) = ("kernel", true);
            return true;
        }
        if (!c.Skip("task:") || !c.Before(" state:", out ReadOnlySpan<char> name) || !c.Skip("D ") || !c.SkipPast("pid:"))
            return false;
        c.SkipSpaces();
        if (!c.Number(out long pid))
            return false;
        End(facts);
        heading = (line.ToSource(), pid, name.Trim().ToString(), null);
        (by, kernel) = ("kernel", true);
        return true;
    }

    /// <summary>Until 5.9: <c>qbuckets2       D ffffffffa047cde8     0  4037   3994 0x00000080</c>, since 4.14 without the
    /// address.</summary>
    private static bool OldTask(ReadOnlySpan<char> text, out string name, out long pid)
    {
        (name, pid) = ("", -1);
        int state = text.IndexOf(" D ", StringComparison.Ordinal);
        if (state is < 1 or > 24)
            return false;
        var words = new List<string>(text[(state + 3)..].ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries));
        if (words.Count == 5 && words[0].Length is 8 or 16 && FrameLine.IsHex(words[0]))
            words.RemoveAt(0);
        if (words.Count != 4 || !words[3].StartsWith("0x", StringComparison.Ordinal) || !long.TryParse(words[0], out _) ||
            !long.TryParse(words[1], out pid) || !long.TryParse(words[2], out _))
            return false;
        name = text[..state].Trim().ToString();
        return name.Length > 0;
    }

    /// <summary>A stack of the kernel whose heading is lost; it is skipped where a report tells whose it is.</summary>
    private bool Bare(in TextLine line, Facts facts)
    {
        if (by == "kernel" && functions.Count == 0 || line.Kernel.Message.Trim() is not "Call Trace:")
            return false;
        End(facts);
        first = line.ToSource();
        (by, kernel) = ("kernel", true);
        return true;
    }

    private bool Below(in TextLine line)
    {
        ReadOnlySpan<char> text = line.Kernel.Message;
        if (TraceStart.IsAny(text.ToString()) || text.Trim() is "<TASK>" or "</TASK>")
            return true;
        if (!FrameLine.TryParse(text, out StackFrame frame, out StackFrame? second) || functions.Count >= Deepest)
            return false;
        foreach (StackFrame each in new[] { frame, second ?? default })
        {
            if (each.Name is null || !each.Reliable)
                continue;
            functions.Add(each.Function);
            modules.Add(each.Module);
            places.Add("");
        }
        return true;
    }

    private bool Heading(ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        var c = new TextCursor(text);
        c.Skip("PID: ");
        if (!c.Number(out long pid) || !c.SkipPast("TASK: ") || !c.Hex(out _))
            return false;
        long? cpu = c.SkipPast("CPU: ") && c.Number(out long number) ? number : null;
        if (!c.SkipPast("COMMAND: \"") || !c.Before("\"", out ReadOnlySpan<char> command))
            return false;
        End(facts);
        heading = (line.ToSource(), pid, command.ToString(), cpu);
        return true;
    }

    private bool Frame(ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        var c = new TextCursor(text);
        if (!c.Skip("#") || !c.Number(out long number) || number is < 0 or > Deepest)
            return false;
        // A stack of another task, or printed again.
        if (number == 0 && functions.Count > 0)
            End(facts);
        bool two = c.Rest.StartsWith("  ", StringComparison.Ordinal) || (number > 9 && c.Rest.StartsWith(" ", StringComparison.Ordinal));
        c.SkipSpaces();
        return c.Skip("[") ? OfCrash(ref c, line) : two && OfDebugger(c.Rest, line);
    }

    /// <summary><c>#10 [ffffff8012aa3e60] __arm64_sys_write at ffffffa601278dcc [module]</c></summary>
    private bool OfCrash(ref TextCursor c, in TextLine line)
    {
        if (!c.Hex(out _) || !c.Skip("] ") || !c.Before(" at ", out ReadOnlySpan<char> name) || !c.Hex(out _))
            return false;
        ReadOnlySpan<char> rest = c.Rest.Trim();
        return Add(name, rest.Length > 2 && rest[0] == '[' && rest[^1] == ']' ? rest[1..^1].ToString() : null, "", "crash", line);
    }

    /// <summary>drgn: <c>f (file:line:column)</c>, <c>f+0x22/0x30</c>; gdb: <c>0x… in f (arguments) at file:line</c>.</summary>
    private bool OfDebugger(ReadOnlySpan<char> rest, in TextLine line)
    {
        var c = new TextCursor(rest);
        bool address = c.Skip("0x") && c.Hex(out ulong at) && (at >= 0xffff_0000_0000_0000 || at is >= 0xc000_0000 and <= 0xffff_ffff);
        bool gdb = rest.StartsWith("0x", StringComparison.Ordinal);
        if (gdb && !c.Skip(" in "))
            return false;
        kernel |= address;
        ReadOnlySpan<char> words = c.Rest;
        int open = words.IndexOf(" (", StringComparison.Ordinal);
        ReadOnlySpan<char> name = open < 0 ? words : words[..open];
        string place = "";
        if (open >= 0)
        {
            ReadOnlySpan<char> inside = words[(open + 2)..];
            int close = inside.LastIndexOf(") at ", StringComparison.Ordinal);
            gdb |= close >= 0;
            if (close >= 0)
                place = inside[(close + 5)..].ToString();
            else
                place = gdb ? "" : inside.TrimEnd(')').ToString();
        }
        kernel |= Array.Exists(Folders, f => place.StartsWith(f, StringComparison.Ordinal));
        int plus = name.IndexOf("+0x", StringComparison.Ordinal);
        return Add(plus > 0 ? name[..plus] : name, null, IsPlace(place) ? place : "", gdb || by == "gdb" ? "gdb" : "drgn", line);
    }

    private static bool IsPlace(string place) => place.IndexOf(':') > 2 && !place.Contains(' ') && place.Length < 120;

    private bool Add(ReadOnlySpan<char> name, string? module, string place, string how, in TextLine line)
    {
        if (name.IsEmpty || name.ContainsAny(" =\"") || name is "??" || functions.Count >= Deepest)
            return false;
        string function = name.ToString();
        first ??= line.ToSource();
        by = how;
        kernel |= Kernels.Fits(function);
        functions.Add(function);
        modules.Add(module);
        places.Add(place);
        return true;
    }

    private bool Place(ReadOnlySpan<char> text, in TextLine line)
    {
        if (functions.Count == 0)
            return false;
        // gdb breaks a long line before the file.
        if (by == "gdb" && text.StartsWith("at ", StringComparison.Ordinal) && places[^1].Length == 0 && IsPlace(text[3..].ToString()))
        {
            places[^1] = text[3..].ToString();
            kernel |= Array.Exists(Folders, f => places[^1].StartsWith(f, StringComparison.Ordinal));
            return true;
        }
        var c = new TextCursor(text);
        bool x86 = c.Skip("[exception RIP: ");
        if ((!x86 && !(c.Skip("PC: ") && c.Hex(out _) && c.SkipPast("["))) ||
            !c.Before("+", out ReadOnlySpan<char> name) || name.IsEmpty || name.Contains(' '))
            return false;
        faulted ??= name.ToString();
        faultedAt ??= line.ToSource();
        return true;
    }
}
