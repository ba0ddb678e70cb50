using Kdump.Diagnosis.Crashes.Clues;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Crashes;

/// <summary>Makes a crash of the lines of a report: chooses recipe, guilty function, titles, stack and doubts.</summary>
internal static class ReportReading
{
    private const string Nobody = "corrupted";

    /// <summary>How the doubts begin that a stack out of the dump takes away.</summary>
    internal const string NotComplete = "the report is not complete", Unconfirmed = "no frame of the stack";

    internal const string NoFunction = "it contains no function that could be at fault",
        NoStack = "its stack, which would name the function at fault, is not in these lines";

    /// <summary>Null when the lines turn out to report nothing.</summary>
    public static Crash? Read(Report report)
    {
        List<ReportLine> lines = report.Lines;
        if (lines.Count == 0)
            return null;
        Found? found = Choose(report, out bool known);
        if (found is null && !known &&
            !(report.Family.AnyForm || (report.Family.AnyFormWithTrace && HasTrace(lines, Math.Min(report.End, 40)))))
            return null;
        string? torn = found switch
        {
            null => (known ? "the first line is of a known form, what should follow is not there" : null),
            _ => found.Torn,
        };
        torn ??= found is { Recipe.Torn: true } ? "only the end of a report" : null;
        string title = found?.Title ?? HeadingOf(report);
        torn ??= WhyTorn(title, lines, found?.Recipe);
        title = Titles.Normalise(title);
        List<StackFrame> frames = Stack.Of(report, found?.Recipe);
        string? function = found?.Function ?? InTitle(title) ?? (found?.Recipe.Torn == true ? FaultBefore(report) : null);
        // Since 5.9 a CPU that noticed its own stall prints where it is, without an interrupt frame to search below.
        if (function is null && found?.Recipe.Kind == "rcu-stall" &&
            report.Heading.Text.Contains("self-detected", StringComparison.Ordinal))
            function = Stack.Fault(report, report.End)?.Function is { } here && !NeverGuilty.Names.Fits(here) ? here : null;
        string kind = found?.Recipe.Kind ?? "other";
        // Cut off below the interrupt: the line behind it says where the CPU was.
        if (function is null && found?.Recipe.Kind == "rcu-stall" && torn is not null)
            function = Interrupted(lines, report.End);
        // A warning that is cut off behind its first line still names its place there.
        if (function is null && torn is not null && kind is ("warning" or "refcount") &&
            FrameLine.InText(lines[0].Text) is { } own && !NeverGuilty.Names.Fits(FrameLine.Bare(own)))
            function = FrameLine.Bare(own);
        // refcount_t underflow at f+0x1/0x2 [mod] in comm[1], above it.
        if (kind == "refcount" && (function is null || function == "refcount_error_report"))
            function = MessageAbove(report) is { } counted && FrameLine.InText(counted.Plain) is { } at ? FrameLine.Bare(at) : null;
        if (function is null && kind == "atomic-sleep" && torn is not null && HeldLocks.Last(lines) is { } held)
            function = held.Place.Function;
        if (function is null && Watchdogs.Contains(kind) && report.Heading.Text.Contains(Report.Panic, StringComparison.Ordinal))
            function = Search(OtherRecipes.Watched, Walks.FaultThenTrace, report, 0).Name ??
                Search(OtherRecipes.Watched, Walks.Trace, report, 0).Name;
        if (kind == "stack-overflow" && Recursions.Circle(frames) is { } circle)
        {
            function ??= circle[0];
            torn = null;
        }
        // The entry of a thread or a system call is not a place at which it waits or loops.
        if (function is not null && Stalls.Contains(kind) && EntryFrames.Names.Fits(function))
            function = null;
        if (function is not null && torn == NoFunction)
            torn = "its stack is cut off";
        else if (torn == NoFunction && frames.TrueForAll(f => !f.Reliable || NeverGuilty.Names.Fits(f.Function)) &&
            !lines.Exists(l => TraceStart.IsCall(l.Text)))
            torn = NoStack;
        string? module = function is null ? null : frames.Find(f => f.Function == (found?.RawFunction ?? function)).Module;
        if (module is null && function is not null && found?.Recipe.Torn == true)
            module = ModuleBefore(report, function);
        string? told = module ?? (function is null ? ModuleOnly(lines, report.End) : ModuleBeside(lines, report.End, function));
        CrashContext context = WithHeading(ContextLines.Read(lines.Take(report.End)), report, kind);
        List<KeyValuePair<string, string>> registers = Registers.Read(lines, report.End);
        bool requested = IsRequested(report, title, function);
        var doubts = Doubts(report, torn, frames, context).ToList();
        bool mentioned = frames.Count == 0 && registers.Count == 0 && Mention.Is(report);
        if (mentioned)
            doubts.Add("the line stands in a text that speaks of such a report, and nothing around it is a kernel's");
        BadAccess? access = AccessReading.Read(report, kind, registers);
        return new Crash(report.Heading, kind, title)
        {
            AltTitles = (found?.AltTitles ?? []).Select(Titles.Normalise).Where(t => t != title).Distinct(StringComparer.Ordinal).ToArray(),
            Function = function,
            Module = told,
            Message = MessageAbove(report),
            Place = Details.PlaceIn(lines[0].Text),
            File = GuiltyFile.Of(lines, report.End),
            Torn = torn,
            Mentioned = mentioned,
            Requested = requested,
            Context = context,
            Frames = frames,
            Registers = registers,
            Access = access,
            Awaited = kind == "hung-task" ? Awaited.Of(frames, context.Comm) : null,
            Clues = ClueBook.Read(new ClueInput(report, kind, function, frames, registers, context, access)),
            ForeignModule = ForeignModules.First(report, frames),
            LastLine = Stack.LastLine(report),
            Marked = report.Lines.Take(report.End).Any(l => l.Text.Contains(OtherRecipes.EndMark, StringComparison.Ordinal)),
            Time = report.Time,
            Confidence = Math.Max(0.2, (torn is null ? 0.95 : 0.6) - (0.1 * (doubts.Count - (torn is null ? 0 : 1)))),
            Doubts = doubts,
            Signature = Signature.Of(kind, title, found?.Recipe.Merge, function, module, frames),
            Boot = report.Boot,
            Order = report.Order,
        };
    }

    /// <summary>
    /// WARN(…) prints its text between the line to cut at and the heading; a check of data (lib/list_debug.c, mm/usercopy.c) prints above
    /// that line what it found, and then calls BUG.
    /// </summary>
    private static Source? MessageAbove(Report report)
    {
        const string Cut = "------------[ cut here ]------------";
        List<ReportLine> before = report.Before;
        int cut = before.FindLastIndex(l => l.Text.Contains(Cut, StringComparison.Ordinal));
        if (cut < 0 || report.Heading.Line - before[cut].Number > 4)
            return null;
        int at = before.FindLastIndex(l => !string.IsNullOrWhiteSpace(l.Text));
        if (at <= cut)
            at = cut > 0 && Checks.Any(c => before[cut - 1].Text.StartsWith(c, StringComparison.Ordinal)) ? cut - 1 : -1;
        return at < 0 ? null : new Source(report.Heading.Input, before[at].Text, before[at].Number);
    }

    private static readonly string[] Checks =
        ["list_add", "list_del", "usercopy: ", "page dumped because: ", "skbuff: ", "slab_", "kfence: ", "cfi: "];

    /// <summary>The module of that line, or of the nearest stack above a panic.</summary>
    private static string? ModuleBefore(Report report, string function)
    {
        for (int i = report.Before.Count - 1; i >= 0; i--)
        {
            if (FaultLine.TryParse(report.Before[i].Text, out StackFrame? frame) && frame is { Module: { } module } at &&
                FunctionNames.Shortest(FrameLine.Bare(at.Name)) == function && PlainWord.Is(module))
                return module;
        }
        return null;
    }

    /// <summary>If the beginning of a report is lost, the last line before the panic may still say where the CPU was.</summary>
    private static string? FaultBefore(Report report)
    {
        for (int i = report.Before.Count - 1; i >= 0; i--)
        {
            if (FaultLine.TryParse(report.Before[i].Text, out StackFrame? frame))
                return frame?.Function;
        }
        return null;
    }

    /// <summary>
    /// A kernel without names of functions (OpenWrt's) says in which module an address is: <c>epc : 8eaa8be0 0x8eaa8be0
    /// [mac80211@8ea80000+0x6c980]</c>. The place itself comes first, its stack later.
    /// </summary>
    private static string? ModuleOnly(List<ReportLine> lines, int end)
    {
        for (int i = 0; i < end; i++)
        {
            string text = lines[i].Text;
            int at = text.IndexOf('@'), plus = at < 0 ? -1 : text.IndexOf("+0x", at, StringComparison.Ordinal);
            int open = at < 0 ? -1 : text.LastIndexOf('[', at);
            if (open < 0 || plus < 0 || plus - at is < 9 or > 17 || !FrameLine.IsHex(text.AsSpan(at + 1, plus - at - 1)))
                continue;
            string name = text[(open + 1)..at];
            if (PlainWord.Is(name))
                return name;
        }
        return null;
    }

    /// <summary>A report whose stack is cut off names the function's module in its first lines: <c>… in f+0x64/0x428 [mod]</c>.</summary>
    private static string? ModuleBeside(List<ReportLine> lines, int end, string function)
    {
        const int Near = 40;
        for (int i = 0; i < end && i < Near; i++)
        {
            string text = lines[i].Text;
            int at = text.IndexOf(function + "+0x", StringComparison.Ordinal);
            int open = at < 0 ? -1 : text.IndexOf(" [", at, StringComparison.Ordinal), close = open < 0 ? -1 : text.IndexOf(']', open);
            if (close < 0 || text.AsSpan(at + function.Length, open - at - function.Length).Contains(' '))
                continue;
            string name = text[(open + 2)..close].Split(' ')[0];
            if (PlainWord.Is(name))
                return name;
        }
        return null;
    }

    /// <summary>The place below the one interrupt that a report shows, when nothing but it is left of the stack below.</summary>
    private static string? Interrupted(List<ReportLine> lines, int end)
    {
        int close = lines.FindIndex(0, end, l => l.Text.Contains("</IRQ>", StringComparison.Ordinal));
        if (close < 0 || lines.FindIndex(close + 1, end - close - 1, l => l.Text.Contains("<IRQ>", StringComparison.Ordinal)) >= 0)
            return null;
        for (int i = close + 1; i < end; i++)
        {
            if (FaultLine.TryParse(lines[i].Text, out StackFrame? at))
                return at?.Function is { } name && !NeverGuilty.Names.Fits(name) ? name : null;
        }
        return null;
    }

    private sealed record Found(Recipe Recipe, string Title, string? Function, string? RawFunction, List<string> AltTitles, string? Torn);

    /// <summary>The first recipe that fits the first line; a heading of no known form may be followed by a better one.</summary>
    private static Found? Choose(Report report, out bool known)
    {
        known = false;
        var taken = new List<string>();
        for (int i = 0; i < report.End; i++)
        {
            string line = report.Lines[i].Text;
            if (i > 0 && !line.Contains(report.Family.Heading, StringComparison.Ordinal))
                continue;
            foreach (Recipe recipe in report.Family.Recipes)
            {
                if (Shape.Find(line, recipe.Shape, taken) < 0 || (recipe.Accept is not null && !recipe.Accept(line)))
                    continue;
                known |= !recipe.Silent;
                if (recipe.Detail is null || recipe.Detail(report.Lines, i, taken))
                    return Apply(recipe, report, i, taken);
            }
            if (known)
                break;
        }
        return null;
    }

    private static Found Apply(Recipe recipe, Report report, int from, List<string> taken)
    {
        string? torn = null;
        string? name = null, raw = null;
        if (recipe.Walk is not null)
        {
            (name, raw, torn) = Search(recipe, recipe.Walk, report, from);
            if (name is null && recipe.Otherwise is not null)
                (name, raw, torn) = Search(recipe, recipe.Otherwise, report, from);
        }
        string? guess = null;
        // Frames that a watchdog's interrupt left on the stack look like the victim's.
        if (recipe.Walk is { } first && name is null && recipe.Kind != "hard-lockup" && IsAllGuesses(report))
            guess = Search(recipe, first, report, from, guessing: true).Name
                ?? (recipe.Otherwise is { } second ? Search(recipe, second, report, from, guessing: true).Name : null);
        string Fill(string form, string function)
        {
            string text = form.Replace("{f}", function, StringComparison.Ordinal);
            for (int i = 0; i < taken.Count; i++)
                text = text.Replace($"{{{i + 1}}}", taken[i], StringComparison.Ordinal);
            return text.Contains("{reason}", StringComparison.Ordinal)
                ? text.Replace("{reason}", ReasonOf(report.Lines[from].Text), StringComparison.Ordinal) : text;
        }
        var alternatives = new List<string>();
        if (recipe.Alternative is not null)
            alternatives.Add(Fill(recipe.Alternative, name ?? Nobody));
        if (recipe.Merge is not null)
            alternatives.Add($"{recipe.Merge} in {name ?? Nobody}");
        foreach (string other in raw is null || name is null ? [] : FunctionNames.Others(raw, name))
        {
            alternatives.Add(Fill(recipe.Title, other));
            if (recipe.Merge is not null)
                alternatives.Add($"{recipe.Merge} in {other}");
        }
        return new(recipe, Fill(recipe.Title, name ?? Nobody), recipe.NamesFunction ? name ?? guess : null, raw ?? guess, alternatives,
            torn);
    }

    private static readonly string[] Stalls = ["hung-task", "soft-lockup", "hard-lockup", "rcu-stall", "workqueue-lockup"];

    private static readonly string[] Watchdogs = ["soft-lockup", "hard-lockup", "rcu-stall"];

    /// <summary>There is a stack, and no frame of it could be confirmed.</summary>
    private static bool IsAllGuesses(Report report)
    {
        int guesses = 0;
        foreach (ReportLine line in report.Lines.Take(report.End))
        {
            if (!line.TryFrame(out StackFrame frame, out _))
                continue;
            if (!line.Guess && frame.Reliable && frame.Size > 0 && line.Text.StartsWith(' '))
                return false;
            guesses++;
        }
        return guesses > 2;
    }

    private static (string? Name, string? Raw, string? Torn) Search(Recipe recipe, Walk walk, Report report, int from,
        bool guessing = false)
    {
        var suspects = new Suspects(report.Lines, from, report.End, recipe.Skip)
        {
            Guessing = guessing, Sleeping = recipe.Pick == Pick.Waiting,
        };
        bool whole = walk(suspects);
        string? torn;
        if (suspects.Mixed)
            torn = "the stack of an injected fault is mixed into it";
        else
            torn = !whole ? "a stack that belongs to it is missing" : null;
        if (suspects.Names.Count == 0)
            return (null, null, torn ?? NoFunction);
        List<string> shortest = suspects.Exact ? suspects.Names : suspects.Names.ConvertAll(FunctionNames.Shortest);
        string name = shortest[0];
        int at = recipe.Pick switch
        {
            Pick.BelowDispatcher => Dispatchers.Callee(shortest, out name),
            Pick.Waiting => Waiting.Caller(shortest, out name),
            _ => 0,
        };
        return at < 0 ? (null, null, torn ?? "its stack is not complete enough to name a function")
            : (name, suspects.Exact ? null : suspects.Names[at], torn);
    }

    private static string ReasonOf(string line)
    {
        const string Mark = "not syncing: ";
        int at = line.IndexOf(Mark, StringComparison.Ordinal);
        return at < 0 ? line : line[(at + Mark.Length)..];
    }

    private static string HeadingOf(Report report)
    {
        string line = report.Lines[0].Text;
        int at = line.IndexOf(report.Family.Heading, StringComparison.Ordinal);
        return at < 0 ? line : line[at..];
    }

    /// <summary>A report of several stacks is whole when each heading is followed by a frame, and there is at least one.</summary>
    private static string? WhyTorn(string title, List<ReportLine> lines, Recipe? recipe)
    {
        if (HasTime(title))
            return "a time stamp stands in the middle of its first line";
        if (recipe is null || recipe.NoTrace)
            return null;
        bool any = false;
        foreach (Func<string, bool> isStart in Starts)
        {
            int start = lines.FindIndex(l => !l.Guess && isStart(l.Text));
            if (start < 0)
                continue;
            if (lines.Count - start < 3)
                return "it ends where a stack begins";
            bool frames = FramesFollow(lines, start + 1);
            if (!frames && !TraceStart.IsRiscv(lines[start].Text))
                return "a stack without frames";
            any |= frames;
        }
        // arm prints frames without a heading until 5.17 (arch/arm/kernel/traps.c dump_backtrace_entry).
        if (any || lines.Exists(l => l.Text.Contains(") from [<", StringComparison.Ordinal)))
            return null;
        // lockdep prints the stack of each link of its chain before its own: "-> #1 (&x->sem){+.+.}-{3:3}:".
        int link = recipe.Kind != "lockdep" ? -1 : lines.FindIndex(l => l.Text.Contains("-> #", StringComparison.Ordinal));
        return link >= 0 && FramesFollow(lines, link + 1) ? "it ends before its last stack" : "no stack in it";
    }

    private static readonly Func<string, bool>[] Starts =
    [
        line => line.Contains("Call Trace", StringComparison.Ordinal) || line.Contains("Call trace", StringComparison.Ordinal),
        line => line.Contains("Allocated:", StringComparison.Ordinal),
        line => line.Contains("Allocated by task ", StringComparison.Ordinal),
        line => line.Contains("Freed:", StringComparison.Ordinal),
        line => line.Contains("Freed by task ", StringComparison.Ordinal),
        line => TraceStart.IsLeak(line),
        line => line.Contains("Backtrace:", StringComparison.Ordinal),
        line => line.Contains("Uninit was stored to memory at", StringComparison.Ordinal),
        line => TraceStart.IsRiscv(line),
        TraceStart.IsHeadless,
        line => TraceStart.IsXmon(line),
    ];

    private static bool FramesFollow(List<ReportLine> lines, int from)
    {
        const int Near = 15;
        for (int i = from, seen = 0; i < lines.Count && seen < Near; i++)
        {
            if (lines[i].Guess)
                continue;
            seen++;
            if (TraceStart.IsAny(lines[i].Text))
                return false;
            if (lines[i].TryFrame(out StackFrame frame, out _) && frame.Reliable || lines[i]
                .Text.Contains("(stack is not available)", StringComparison.Ordinal))
                return true;
        }
        return false;
    }

    private static bool HasTrace(List<ReportLine> lines, int end)
    {
        for (int i = 1; i < end; i++)
        {
            if (TraceStart.IsCall(lines[i].Text))
                return true;
        }
        return false;
    }

    private static bool HasTime(string title)
    {
        for (int open = title.IndexOf('['); open >= 0; open = title.IndexOf('[', open + 1))
        {
            int close = title.IndexOf(']', open);
            if (close < 0)
                return false;
            ReadOnlySpan<char> inside = title.AsSpan(open + 1, close - open - 1).Trim(' ');
            int dot = inside.IndexOf('.');
            if (dot > 0 && dot < inside.Length - 1 && inside[..dot].IndexOfAnyExceptInRange('0', '9') < 0 && inside[(dot + 1)..]
                .IndexOfAnyExceptInRange('0', '9') < 0)
                return true;
        }
        return false;
    }

    /// <summary>Some titles hold the function in a text taken from the report: <c>… in f</c>, <c>data-race in f / g</c>.</summary>
    private static string? InTitle(string title)
    {
        int at = title.LastIndexOf(" in ", StringComparison.Ordinal);
        if (at < 0)
            return null;
        ReadOnlySpan<char> name = title.AsSpan(at + 4);
        int end = 0;
        while (end < name.Length && (char.IsAsciiLetterOrDigit(name[end]) || name[end] is '_'))
            end++;
        // A longer sentence names no function: "… in virtual kernel address space".
        bool whole = end == name.Length || name[end] is '+' or ':' or ',' or '.' || name[end..]
            .StartsWith(" / ", StringComparison.Ordinal) || name[end..].StartsWith(" at ", StringComparison.Ordinal);
        return end == 0 || !whole || name[..end] is Nobody ? null : name[..end].ToString();
    }

    /// <summary>The last bracket of the heading: <c>[qemu-system-x86:263413]</c>.</summary>
    private static string? CommIn(string heading)
    {
        // A task's name may hold brackets and colons itself: [runc:[1:CHILD]:358270].
        int stuck = heading.IndexOf("s! [", StringComparison.Ordinal);
        int open = stuck > 0 ? stuck + 3 : heading.LastIndexOf('['), colon = open < 0 ? -1 : heading.LastIndexOf(':');
        return colon > open + 1 && heading.EndsWith(']') && heading.AsSpan(colon + 1).TrimEnd(']').IndexOfAnyExceptInRange('0', '9') < 0
            ? heading[(open + 1)..colon] : null;
    }

    /// <summary>Lockups and hung tasks are reported by a watchdog: the victim stands in the first line.</summary>
    private static CrashContext WithHeading(CrashContext context, Report report, string kind)
    {
        string heading = report.Lines[0].Text;
        var taken = new List<string>();
        if (kind == "hung-task" && Shape.Find(heading, "INFO: task {t}", taken) >= 0)
        {
            string task = taken[0];
            int end = task.IndexOf(" blocked", StringComparison.Ordinal);
            end = end < 0 ? task.IndexOf(" can't die", StringComparison.Ordinal) : end;
            int colon = end < 0 ? -1 : task.LastIndexOf(':', end);
            if (colon > 0 && int.TryParse(task.AsSpan((colon + 1)..end), out int pid))
                return context with { Comm = task[..colon], Pid = pid, Cpu = null };
        }
        // Another CPU's report may be mixed into it: the first line names the task.
        if (kind == "bad-page" && Shape.Find(heading, "in process {e}  pfn:", taken) >= 0 && taken[0].Trim() is { Length: > 0 } owner &&
            owner != context.Comm)
            return context with { Comm = owner, Pid = null, Cpu = null };
        // Since 6.17: WARNING: file.c:1 at f+0x1/0x2, CPU#3: comm/12
        if (kind is "warning" or "refcount" && context.Comm is null && Shape.Find(heading, ", CPU#{w}: {t}", taken) >= 0 &&
            taken[1].LastIndexOf('/') is > 0 and var slash && int.TryParse(taken[1].AsSpan(slash + 1), out int warned) &&
            int.TryParse(taken[0], out int here))
            return context with { Comm = taken[1][..slash], Pid = warned, Cpu = here };
        if (kind is "soft-lockup" or "hard-lockup")
        {
            int cpu;
            if (heading.IndexOf("CPU#", StringComparison.Ordinal) is >= 0 and var a)
                cpu = a + 4;
            else
                cpu = WatchedCpu(heading);
            int digits = cpu;
            while (cpu >= 0 && digits < heading.Length && char.IsAsciiDigit(heading[digits]))
                digits++;
            if (cpu >= 0 && int.TryParse(heading.AsSpan(cpu, digits - cpu), out int number))
                return context with { Cpu = number, Comm = context.Comm is { Length: > 0 } ? context.Comm : CommIn(heading) };
        }
        // Until 4.0: INFO: rcu_sched self-detected stall on CPU { 0} (t=…
        const string Self = "self-detected stall on CPU {";
        if (kind == "rcu-stall" && context.Cpu is null && heading.IndexOf(Self, StringComparison.Ordinal) is >= 0 and var braces &&
            heading.IndexOf('}', braces) is > 0 and var brace &&
            int.TryParse(heading.AsSpan((braces + Self.Length)..brace).Trim(' '), out int self))
            return context with { Cpu = self };
        const string Dump = "Task dump for CPU ";
        if (kind == "rcu-stall" && heading.IndexOf(Dump, StringComparison.Ordinal) is >= 0 and var dump &&
            int.TryParse(heading.AsSpan(dump + Dump.Length).TrimEnd(": "), out int dumped))
            return context with { Cpu = dumped, Comm = context.Comm ?? Listed(report), };
        // rcu_preempt detected expedited stalls on CPUs/tasks: { 4-.... } 6 jiffies; below it "task:x state:R … pid: 5581".
        const string Expedited = "expedited stalls on CPUs/tasks: { ";
        if (kind == "rcu-stall" && context is { Cpu: null, Comm: null } &&
            heading.IndexOf(Expedited, StringComparison.Ordinal) is >= 0 and var list && heading.IndexOf('}', list) is > 0 and var last &&
            heading.AsSpan((list + Expedited.Length)..last).Trim(' ') is var waited && !waited.Contains(' ') &&
            waited.IndexOf('-') is > 0 and var dash && int.TryParse(waited[..dash], out int cpu0))
        {
            bool told = report.Lines.Take(report.End).Any(l => Shape.Find(l.Text, "task:{e}state:R{e}pid:{e}ppid:", taken) >= 0);
            return context with { Cpu = cpu0, Comm = told ? taken[0].Trim() : null,
                Pid = told && int.TryParse(taken[2].Trim(), out int pid) ? pid : null };
        }
        return context;
    }

    /// <summary>Where the number stands: <c>LOCKUP on cpu 3</c>, powerpc's <c>CPU 28 self-detected hard LOCKUP</c>; -1: nowhere.</summary>
    private static int WatchedCpu(string heading)
    {
        int on = heading.IndexOf("LOCKUP on cpu ", StringComparison.Ordinal), self = heading.IndexOf("CPU ", StringComparison.Ordinal);
        if (on >= 0)
            return on + 14;
        return self >= 0 && heading.Contains(" self-detected ", StringComparison.Ordinal) ? self + 4 : -1;
    }

    /// <summary><c>swapper/1       R running      0     0      1 0x00000002</c>: the task of the line below the heading.</summary>
    private static string? Listed(Report report)
    {
        string line = report.End > 1 ? report.Lines[1].Text : "";
        int state = line.IndexOf(" R ", StringComparison.Ordinal);
        return state > 0 && PlainWord.Is(line[..state].Trim()) ? line[..state].Trim() : null;
    }

    private static bool IsRequested(Report report, string title, string? function) =>
        !AfterPanic.IsAfter(report) &&
            (function == "sysrq_handle_crash" || title.Contains("sysrq triggered crash", StringComparison.Ordinal) ||
            report.Before.Concat(report.Lines.Take(40)).Any(l =>
            l.Text.Contains(": Trigger a crash", StringComparison.Ordinal) ||
                l.Text.Contains(TestModules.Mark, StringComparison.Ordinal) ||
            l.Text.Contains(" sysrq_handle_crash+", StringComparison.Ordinal)));

    private static IEnumerable<string> Doubts(Report report, string? torn, List<StackFrame> frames, CrashContext context)
    {
        if (torn is not null)
            yield return $"{NotComplete}: {torn}";
        if (frames.Count > 0 && frames.TrueForAll(f => !f.Reliable))
            yield return $"{Unconfirmed} could be confirmed by the unwinder";
        if (context.Tainted?.Contains('D') == true && !report.Lines.Take(report.End)
            .Any(l => l.Text.Contains("[#1]", StringComparison.Ordinal)))
            yield return "the kernel had an oops before (taint D): this may be a consequence of it";
        else if (context.Tainted?.Contains('W') == true && !report.Heading.Text.Contains("WARNING", StringComparison.Ordinal))
            yield return "the kernel had warned before (taint W): that warning may be the beginning";
        if (report.Second is int second && !report.Known && !report.Lines.Take(second)
            .Any(l => l.Text.Contains("---[ end trace", StringComparison.Ordinal) || l.Text.Contains("</TASK>", StringComparison.Ordinal)))
            yield return "another report began before this one was over, and nothing tells their lines apart";
    }
}
