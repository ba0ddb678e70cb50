using Kdump.Diagnosis.Catalogue.Devices;
using Kdump.Diagnosis.Evidence.Dumps;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Speakers;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Crashes;

/// <summary>Crashes as findings: their keys, and which explains which. Equal crashes of one kernel are one finding.</summary>
internal static class CrashFindings
{
    private const int MaxEvidence = 4;

    private static readonly (string Id, string[] Kinds)[] Ids =
    [
        ("soft-lockup", ["soft-lockup"]),
        ("hard-lockup", ["hard-lockup", "csd-lockup"]),
        ("hung-task", ["hung-task", "workqueue-lockup"]),
        ("rcu-stall", ["rcu-stall"]),
        ("kernel-panic", ["panic", "requested", "no-root", "no-init", "init-died", "machine-check", "hardware-error", "serror", "nmi",
            "stack-corruption"]),
        ("out-of-memory", ["out-of-memory"]),
        ("kernel-warning", ["warning", "refcount", "ubsan", "kcsan", "lockdep", "atomic-sleep", "memory-leak", "unwinder", "reference-leak",
            "other", "reboot", "secure-world", "fuzzer", "stack"]),
    ];

    public static string IdOf(Crash crash)
    {
        // A panic without a preceding report is reported as a panic, whatever reason it names.
        if (crash.Panic is { } panic && panic.Line == crash.FirstLine)
            return "kernel-panic";
        return Ids.FirstOrDefault(i => i.Kinds.Contains(crash.Kind)).Id ?? "kernel-oops";
    }

    public static FindingRef KeyOf(Crash crash) => new(IdOf(crash), SubjectOf(crash));

    /// <summary>The function, and the kernel where it is not the first one: two kernels of one log must not share a finding.</summary>
    public static string SubjectOf(Crash crash)
    {
        string what = crash.Awaited is { } awaited ? $"wait for {awaited.Name}" : crash.Function ?? crash.Title;
        // Who waits for the other CPUs is not stuck in what they are stuck in.
        if (crash.Function is null && crash.Context.Comm?.StartsWith(Clues.Stalls.Stopper, StringComparison.Ordinal) == true)
            what += ", waiting for another CPU";
        // Without a function, all that tasks have in common is what kind of lock they wait for.
        if (crash is { Function: null, Awaited: null, Kind: "hung-task" } && Clues.SleepKind.Of(crash.Frames) is { } sleeps)
            what += $", waiting for {sleeps.Name}";
        return crash.Boot?.Capture == true ? what + " in the crash kernel" : what;
    }

    /// <summary>One finding for each group of equal crashes that belong to the id.</summary>
    public static IEnumerable<Opinion> Of(string id, Facts facts, Func<Crash, Finding> make) => Of(id, facts, (crash, _) => make(crash));

    /// <summary>As above; <paramref name="make"/> also sees the whole group.</summary>
    public static IEnumerable<Opinion> Of(string id, Facts facts, Func<Crash, IReadOnlyList<Crash>, Finding> make)
    {
        foreach (IGrouping<FindingRef, Crash> group in facts.Of<Crash>().Where(c => IdOf(c) == id).GroupBy(KeyOf))
        {
            Crash first = group.OrderByDescending(c => (c.ConsequenceOf is null ? 1000 : 0) + (int)(c.Confidence * 100)).First();
            Finding finding = make(first, [.. group]);
            DeviceComplaint? gone = Removed(first, facts);
            bool saved = AfterDump(first, facts);
            yield return finding with
            {
                Severity = saved && finding.Severity > Severity.Warning ? Severity.Warning : finding.Severity,
                Title = saved ? $"{finding.Title}, in the crash kernel after the dump was written" : finding.Title,
                Why = finding.Why + (gone is null ? "" : " Its stack takes a device away: " +
                    $"just before, {gone.Driver} {gone.Device} said \u00ab{gone.Words}\u00bb. " +
                    "Code that waits for an answer of that device never continues.") +
                    (saved ? " The dump is there; the machine may need a reset by hand." : ""),
                Subject = SubjectOf(first),
                EndsWithKernel = true,
                NextSteps = finding.Severity < Severity.Error || saved ? [] : NextSteps.Of(first, id, facts),
                CausedBy = [.. finding.CausedBy, .. OfDevice(first, facts),
                    .. first.ConsequenceOf is { } cause && KeyOf(cause) != group.Key &&
                    !Refuted(first, cause, facts) ? [KeyOf(cause)] : Array.Empty<FindingRef>()],
                Evidence = [.. finding.Evidence, .. new[] { gone?.Source }.Known(),
                    .. group.Take(MaxEvidence).SelectMany(c => c.Message is null ? [c.Source] : new[] { c.Message, c.Source }),
                    .. first.Clues.Select(c => c.Source).Where(s => s.Line != first.FirstLine), .. InDump(first, facts)],
            };
        }
    }

    /// <summary>
    /// A log suggests by its order alone that a hung task follows from an earlier one; a dump shows what each of them waits for.
    /// </summary>
    private static bool Refuted(Crash crash, Crash cause, Facts facts) => crash.Kind == "hung-task" && cause.Kind == "hung-task" &&
        facts.Of<BlockedTask>().FirstOrDefault(t => t.Boot == crash.Boot && t.Pid == crash.Context.Pid) is { } waits &&
        waits.Holder?.Pid != cause.Context.Pid;

    /// <summary>Functions that take a device out of the machine while it runs: PCI hot plug, surprise removal, USB.</summary>
    private static readonly string[] Removals =
    [
        "pciehp_unconfigure_device", "pciehp_disable_slot", "acpiphp_disable_slot", "pnv_php_disable_slot", "pci_stop_bus_device",
        "pci_stop_and_remove_bus_device", "pci_stop_and_remove_bus_device_locked", "pci_remove_bus_device", "pcie_do_recovery",
    ];

    private static readonly string[] LinkWords =
        ["Link Down", "Link down", "Card not present", "inaccessible", "lost", "containment event", "dead"];

    /// <summary>What took a device away while its removal hangs.</summary>
    private static DeviceComplaint? Removed(Crash crash, Facts facts) =>
        crash.Frames.Any(f => Removals.Contains(f.Function))
            ? DeviceComplaint.Before(crash.Source, crash.Boot, facts,
                c => LinkWords.Any(w => c.Words.Contains(w, StringComparison.Ordinal))).FirstOrDefault()
            : null;

    /// <summary>
    /// A driver that falls while it resets its device falls for that: what its device was said to do in the minute before is the
    /// beginning.
    /// </summary>
    private static IEnumerable<string> OfDevice(Crash crash, Facts facts)
    {
        const double Soon = 90;
        const int Near = 12;
        if (IdOf(crash) is not ("kernel-oops" or "soft-lockup" or "hard-lockup"))
            return [];
        if (!crash.Frames.Any(f => f.Reliable) && SaidLast(crash) is { } last)
        {
            return facts.Of<DeviceSaid>().Where(s => s.Boot == crash.Boot && !s.Overcome && !s.Word.Aftermath &&
                    s.Source.Input == crash.Source.Input && crash.Source.Order - s.LastOrder is > 0 and <= Near &&
                    last.Exists(w => w == ModuleOf(s.Driver) || w.StartsWith(ModuleOf(s.Driver) + "_", StringComparison.Ordinal)))
                .Select(s => $"{s.Family.Id}:{s.Device}").Distinct(StringComparer.Ordinal);
        }
        if (crash.Time is not { } at)
            return [];
        HashSet<string> modules = [.. crash.Frames.Where(f => f.Reliable).Take(Near).Select(f => f.Module).OfType<string>()];
        return modules.Count == 0 ? [] : facts.Of<DeviceSaid>().Where(s => s.Boot == crash.Boot && !s.Overcome && !s.Word.Aftermath &&
                s.Source.Order < crash.Source.Order && s.LastTime is { } then && at - then is >= 0 and < Soon &&
                (modules.Contains(ModuleOf(s.Driver)) || (s.Word.Headless && s.Taken.Any(modules.Contains))))
            .Select(s => $"{s.Family.Id}:{s.Device}").Distinct(StringComparer.Ordinal);
    }

    /// <summary>
    /// The driver that spoke in the line above a report of which the stack is not there: what its device had just failed at is what went
    /// wrong. Null where that line is not known.
    /// </summary>
    private static List<string>? SaidLast(Crash crash)
    {
        if (crash.Clues.FirstOrDefault(c => c.Meaning is "last-words" or Clues.TroubleBefore.Meaning) is not { } above)
            return null;
        string line = above.Source.Plain;
        var names = new List<string> { ModuleOf(SpeakerForms.Of(new TextLine("", 0, line)).Name) };
        // [drm:function [module]]
        int open = line.IndexOf(" [", StringComparison.Ordinal), close = open < 0 ? -1 : line.IndexOf("]]", open, StringComparison.Ordinal);
        if (close > open + 2)
            names.Add(line[(open + 2)..close]);
        return names.FindAll(n => n.Length > 2);
    }

    /// <summary>Some drivers print another name than that of their module.</summary>
    private static string ModuleOf(string driver) => driver switch
    {
        "NVRM" => "nvidia",
        "megasas" or "megaraid_sas" => "megaraid_sas",
        _ when driver.StartsWith("mpt3sas_cm", StringComparison.Ordinal) => "mpt3sas",
        _ when driver.StartsWith("mpt2sas_cm", StringComparison.Ordinal) => "mpt3sas",
        _ => driver,
    };

    /// <summary>A crash kernel that has written its dump has done its work.</summary>
    private static bool AfterDump(Crash crash, Facts facts) => crash.Boot?.Capture == true && facts.Of<DumpProgress>().Any(
        p => p.Step == DumpStep.Saved && p.Boot == crash.Boot && p.Source.Order < crash.Source.Order);

    /// <summary>Keys of what was reported in the same boot before a panic: the panic is the last link of that chain.</summary>
    public static FindingRef[] Before(Source panic, Boot? boot, Facts facts) =>
        facts.Of<Crash>().Where(c => c.Boot == boot && c.Source.Order < panic.Order &&
            IdOf(c) is not ("kernel-panic" or "kernel-warning") &&
            c.ConsequenceOf is null && !c.Requested)
            .Select(KeyOf).Distinct().ToArray();

    /// <summary>
    /// Where the dump's own memory has the CPU that the report is about. For a lockup or a hung task the dump has only the task that
    /// detected it.
    /// </summary>
    private static List<Source> InDump(Crash crash, Facts facts) =>
        [.. facts.Of<DumpCrash>().Where(
            d => d.Boot == crash.Boot && IdOf(crash) == "kernel-oops" && (crash.Context.Cpu is not { } cpu || cpu == d.Cpu))
            .Select(d => d.Source)];

    /// <summary>
    /// If no function can be blamed, the title of a report says "in corrupted"; then users get the place of the CPU instead.
    /// </summary>
    public static string TitleOf(Crash crash)
    {
        const string Nobody = " in corrupted";
        if (crash.Function is { } handed && crash.Title.EndsWith($" in {handed}", StringComparison.Ordinal) &&
            Library.CallerOf(handed, crash.Frames) is { Name: not null } by)
            return $"{crash.Title}, called by {by.Titled}";
        foreach (string word in (ReadOnlySpan<string>)["Internal error", "Oops", "program exception", "illegal operation"])
        {
            if (crash.Title.StartsWith(word + " in ", StringComparison.Ordinal) && NatureOf(crash) is { } nature)
            {
                crash = crash with { Title = $"{word} ({nature}){crash.Title[word.Length..]}" };
                break;
            }
        }
        if (!crash.Title.EndsWith(Nobody, StringComparison.Ordinal))
            return crash.Title;
        string list = crash.Clues.Any(c => c.Meaning.StartsWith("list-", StringComparison.Ordinal)) ? " (a list is corrupt)" : "";
        if (crash.Function is { } function)
            return $"{crash.Title[..^Nobody.Length]}{list} in {function}";
        StackFrame at = crash.Frames.FirstOrDefault(f => f.Reliable && !Printers.Fits(f.Function));
        return crash.Title[..^Nobody.Length] + list + at.Name switch
        {
            not null => $" at {at.Function}",
            _ when InHeading(crash) is { } named => $" at {named}",
            _ when crash.Module is { } module => $" in the module {module}",
            _ => "",
        };
    }

    /// <summary>They print the report; they are no place of anything.</summary>
    private static readonly NamePattern Printers =
        new(["show_stack", "dump_stack", "dump_backtrace", "unwind_backtrace", "ubsan_", "kasan_", "print_report", "warn_slowpath",
            "^bad_page$", "^free_page_is_bad", "^free_pages_check_bad", "^check_new_page_bad", "^print_bad_p", "^__dump_page"]);

    /// <summary>
    /// <c>Internal error: synchronous external abort: 96000010 [#1]</c>, <c>Oops - load access fault [#1]</c>,
    /// <c>specification exception: 0006 ilc:2 [#1]</c>: the architecture's own word for what happened.
    /// </summary>
    private static string? NatureOf(Crash crash)
    {
        const string OfS390 = " ilc:";
        string line = Text.KernelLine.Parse(crash.Source.Plain).Message.ToString();
        if (crash.Kind == "trap" && line.IndexOf(" [#", StringComparison.Ordinal) is > 0 and var count)
        {
            int ilc = line.IndexOf(OfS390, StringComparison.Ordinal);
            string named = line[..(ilc > 0 && ilc < count ? ilc : count)].Trim();
            return named.Length is > 4 and < 48 && named.Contains(": ", StringComparison.Ordinal) ? named.Replace(":", "") : null;
        }
        string? mark = line.Contains("Internal error: ", StringComparison.Ordinal) ? "Internal error: " : null;
        mark ??= line.StartsWith("Oops - ", StringComparison.Ordinal) ? "Oops - " : null;
        if (mark is null)
            return null;
        string rest = line[(line.IndexOf(mark, StringComparison.Ordinal) + mark.Length)..];
        int end = rest.IndexOf(" [#", StringComparison.Ordinal);
        if (end < 0)
            end = rest.Length;
        int code = rest[..end].LastIndexOf(": ", StringComparison.Ordinal);
        return rest[..(code > 0 ? code : end)].Trim(' ', ':') is { Length: > 2 and < 60 } words && words != "Oops" ? words : null;
    }

    public static string Kernel(Crash crash) => crash.Boot?.Capture == true ? "the crash kernel" : "the kernel";

    /// <summary>Clues show that the faulty code is not on this stack.</summary>
    public static bool IsVictim(Crash crash) => crash.Clues.Any(c => c.Elsewhere);

    /// <summary>What is said of all reports of a kind, unless a clue of this one says better.</summary>
    public static string General(Crash crash, string words) => IsVictim(crash) ? "" : words + " ";

    /// <summary>The likely cause, as far as the report shows it.</summary>
    public static string Where(Crash crash)
    {
        string task = crash.Context.Comm is { } comm
            ? " It ran " +
            $"for {comm}{(crash.Context.Pid is { } pid ? $" ({pid})" : "")}{(crash.Context.Cpu is { } cpu ? $" on CPU {cpu}" : "")}." : "";
        string place = crash.Place is { } at && (crash.Kind is "warning" or "ubsan" or "kernel-bug" or "refcount" ||
            crash.Message is not null) ? $" The check that failed is at {at}." : "";
        string of = crash.Module is null ? "" : $" of the module {crash.Module}";
        StackFrame? standing = crash.Function is null ? Standing(crash) : null;
        string where;
        if (crash.Function is null)
        {
            if (PlaceOf(crash) is { } at0)
                where = $"The CPU was in {at0.Told}." + (Library.IsHanded(at0.Function) && !IsVictim(crash) ? $"{Works}; {NotHere}." : "");
            else if (InHeading(crash) is { } named)
                where = $"The access was made in {named}()." + (Library.IsHanded(named) ? $"{Works}; {NotHere}." : "");
            else if (standing is { } stood)
                where = $"The CPU was in {stood.Told}.";
            else if (crash.Module is { } only)
                where = $"The CPU was in the module {only}; the kernel has no names of functions to print.";
            else
                where = "The report does not name a function." + Unconfirmed(crash);
        }
        else if (LoopOf(crash) is { Name: not null } loop)
            where = $"What goes round is called by {loop.Told}.";
        else if (StuckAt(crash) is { Name: not null } stuck && !IsVictim(crash))
            where = $"The CPU was in {stuck.Told}." + (FrameOf(crash) is { Name: not null } by && by != stuck
                ? $" It came there through {crash.Function}(){of}." : "");
        else if (crash.FromDump)
            where = $"The stack in the dump leads to {crash.Function}(){of}; the report itself names no function.";
        else
            where = $"{(IsVictim(crash) ? "The victim's own function is" : "The report points to")} {crash.Function}(){of}." +
                Deeper(crash) + PassedOn(crash);
        where += place;
        string clues = string.Concat(crash.Clues.Select(c => " " + c.Says));
        string access = crash.Access is { } bad ? $" {Verb(bad.Kind)} 0x{bad.Address:x}{(bad.Says is { } says ? $": {says}" : "")}." : "";
        // What a module hands to the kernel's own functions fails there.
        string module = crash.Module is null && Nearest(crash) is { } near &&
            !where.Contains($" {near.Function}()", StringComparison.Ordinal)
            ? $" The nearest code of a module on its stack is {near.Function}() of {near.Module}." : "";
        // Where it stood is known, though no function can be blamed by the rules of the title.
        string[] held = [.. crash.Doubts.Where(d => standing is null || !d.Contains(ReportReading.NoFunction, StringComparison.Ordinal))];
        string doubts = held.Length == 0 ? "" : " Caution: " + string.Join("; ", held) + ".";
        return where + module + task + access + clues + doubts;
    }

    /// <summary>A function of the kernel's library is only where it fell: who called it is where to look.</summary>
    private static string PassedOn(Crash crash)
    {
        if (IdOf(crash) is not ("kernel-oops" or "kernel-warning") || crash.Function is not { } function || !Library.Has(function) ||
            IsVictim(crash))
            return "";
        return Library.CallerOf(function, crash.Frames) is { Name: not null } by
            ? $"{Works}: {by.Told}."
            : $"{Works}; {NotHere}.";
    }

    private const string Works = " It works on what it is handed, so look at who called it", NotHere = "the caller is not in these lines";

    /// <summary><c>BUG: KASAN: use-after-free in f+0x48/0x3b8</c>: the checkers of memory name the place in their first line.</summary>
    private static string? InHeading(Crash crash) => crash.Kind is "kasan" or "kfence" or "kmsan" &&
        FrameLine.InText(crash.Source.Text) is { } name ? FrameLine.Bare(name) : null;

    /// <summary>The innermost function, where the report shows that the CPU was in it; a stuck CPU is told with no common one.</summary>
    private static StackFrame? PlaceOf(Crash crash)
    {
        StackFrame first = crash.Frames.FirstOrDefault(f => f.Reliable && !Printers.Fits(f.Function));
        return first.Name is not null && (IdOf(crash) == "kernel-oops" ||
            (IdOf(crash) is "soft-lockup" or "hard-lockup" && !NeverGuilty.Names.Fits(first.Function))) ? first : null;
    }

    /// <summary>
    /// Where a CPU stood that another one asked, by an NMI or its like: a common function is told, too, where it is all that is known.
    /// </summary>
    private static StackFrame? Standing(Crash crash)
    {
        StackFrame at = crash.Frames.FirstOrDefault(f => f.Reliable && !Printers.Fits(f.Function));
        return crash.Kind == "rcu-stall" && at.Name is not null && !Detected(crash) && crash.Frames[0] == at && !Switches.Fits(at.Function)
            ? at : null;
    }

    /// <summary>The stack of a task that does not run ends there: no CPU was in it.</summary>
    private static readonly NamePattern Switches = new(["^__schedule", "^schedule", "^__switch_to", "^context_switch"]);

    /// <summary>The function to blame called the one that fell: a copy, a list, a lock was handed something bad.</summary>
    private static string Deeper(Crash crash)
    {
        StackFrame at = crash.Frames.FirstOrDefault(f => f.Reliable);
        bool stalled = IdOf(crash) == "rcu-stall" && at.Name is not null && !Detected(crash) && !NeverGuilty.Names.Fits(at.Function);
        return at.Name is null || (IdOf(crash) != "kernel-oops" && !stalled) || IsVictim(crash) || at.Function == crash.Function ||
            Printers.Fits(at.Function) || FunctionNames.Shortest(at.Function) == crash.Function
            ? "" : $" The CPU was in {at.Function}().";
    }

    /// <summary>
    /// Where a stuck CPU was. The function of the title is chosen to be the same each time; the CPU itself was mostly deeper.
    /// </summary>
    public static string Stuck(Crash crash)
    {
        StackFrame first = crash.Frames.FirstOrDefault(f => f.Reliable);
        if (first.Name is not null && !Detected(crash) && !NeverGuilty.Names.Fits(first.Function))
            return $" in {first.Titled}";
        return crash.Function is null ? "" : $" in {crash.Function}";
    }

    /// <summary>The frame that the title of a lockup names, where that is not the function of the signature.</summary>
    private static StackFrame StuckAt(Crash crash)
    {
        StackFrame first = crash.Frames.FirstOrDefault(f => f.Reliable);
        return IdOf(crash) is "soft-lockup" or "hard-lockup" && first.Name is not null && !NeverGuilty.Names.Fits(first.Function) &&
            !Printers.Fits(first.Function) && FunctionNames.Shortest(first.Function) != crash.Function && first.Function != crash.Function
            ? first : default;
    }

    /// <summary>The frame of the function to blame.</summary>
    private static StackFrame FrameOf(Crash crash) =>
        crash.Frames.FirstOrDefault(f => f.Reliable && FunctionNames.Shortest(f.Function) == crash.Function);

    /// <summary>The frame whose source line is to be looked up: the one that the title and the text name.</summary>
    private static StackFrame ToLookUp(Crash crash)
    {
        if (LoopOf(crash) is { Name: not null } loop)
            return loop;
        return StuckAt(crash) is { Name: not null, Offset: >= 0, Size: > 0 } stuck ? stuck : FrameOf(crash);
    }

    /// <summary>The stack begins with the timer interrupt that found the stall and printed it, not with the code that ran.</summary>
    private static bool Detected(Crash crash) => crash.Frames.Any(f => f.Function is "sched_show_task" or "dump_cpu_task" or
        "rcu_dump_cpu_stacks" or "rcu_check_callbacks" or "rcu_sched_clock_irq" or "print_cpu_stall");

    /// <summary>Who takes a lock again and again, where the CPU was caught at that: the nearest of a module, else the caller.</summary>
    private static StackFrame LoopOf(Crash crash)
    {
        const int Close = 6;
        if (!crash.Clues.Any(c => c.Meaning == "at-lock"))
            return default;
        StackFrame[] near = [.. crash.Frames.Where(f => f.Reliable && !NeverGuilty.Names.Fits(f.Function)).Take(Close)];
        StackFrame by = Array.Find(near, f => f.Module is not null);
        return by.Name is null ? near.FirstOrDefault() : by;
    }

    /// <summary>The title of a lockup: a waiter is no looper, and a machine that was not run is neither.</summary>
    public static string HowStuck(Crash crash, string words) => crash.Clues.FirstOrDefault(c => c.Elsewhere)?.Meaning switch
    {
        "not-run" => "stood still, without even its timer",
        "waits-for-lock" => $"{words}{Stuck(crash)}, waiting for a lock",
        "waits-for-cpu" => $"{words}{Stuck(crash)}, waiting for another CPU",
        "prints-too-much" => $"{words}{Stuck(crash)}, printing",
        _ when LoopOf(crash) is { Name: not null } loop => $"{words} in {loop.Titled}",
        _ => Stuck(crash) switch
        {
            { Length: > 0 } place => words + place,
            _ when crash.Context.Comm is { Length: > 0 } comm &&
                !comm.StartsWith("swapper", StringComparison.Ordinal) => $"{words} while {comm} ran on it",
            _ => words,
        },
    };

    private static string Verb(string? access) => access switch
    {
        "read" => "It read at",
        "write" => "It wrote at",
        "execute" => "It jumped to",
        _ => "It used",
    };

    /// <summary>The module in whose code, or next to it, a kernel fell; null: none on its stack.</summary>
    public static string? DriverOf(Crash crash) =>
        (crash.Module ?? Nearest(crash)?.Module) is { } module && PlainWord.Is(module) ? module : null;

    /// <summary>What a stuck CPU may have been in, when the unwinder could confirm none of it: better than nothing at all.</summary>
    private static string Unconfirmed(Crash crash)
    {
        if (crash.Kind is not ("rcu-stall" or "soft-lockup") || Nearest(crash) is not null)
            return "";
        StackFrame frame = crash.Frames.FirstOrDefault(f => f is { Reliable: false, Size: > 0, Module: not null });
        return frame.Module is null ? ""
            : $" An entry of its stack that is not confirmed is {frame.Function}() of the module {frame.Module}.";
    }

    private static StackFrame? Nearest(Crash crash)
    {
        const int Near = 12;
        StackFrame frame = crash.Frames.Where(f => f.Reliable).Take(Near).FirstOrDefault(f => f.Module is not null);
        return frame.Module is null ? null : frame;
    }

    /// <summary>Programs that write or send the dump: a module below them is on its way.</summary>
    private static readonly string?[] Writers = ["makedumpfile", "cp", "dd", "kdump-save", "scp", "ssh", "cat", "ncftpput"];

    public static IEnumerable<Fix> Look(Crash crash)
    {
        foreach (Fix fix in crash.Clues.SelectMany(c => c.Fixes).DistinctBy(f => f.Text))
            yield return fix;
        if (crash.Boot?.Capture == true && DriverOf(crash) is { } through && Writers.Contains(crash.Context.Comm))
            yield return new Fix($"It fell while {crash.Context.Comm} wrote the dump through {through}: " +
                $"send the dump to a target that needs no {through} " +
                "(another file system, nfs, ssh), or use another kernel for the crash kernel");
        else if (crash.Boot?.Capture == true && DriverOf(crash) is { } driver)
        {
            foreach (Fix fix in CrashKernelOption.AddOn($"module_blacklist={driver}",
                $"the driver {driver} fell there; leave it out unless the dump is written through it", "its devices are then missing"))
                yield return fix;
            yield return new Fix($"If the dump needs {driver}: " +
                "a newer kernel for the crash kernel, and more memory (crashkernel=) where it was short of it");
        }
        if (!IsVictim(crash) && ToLookUp(crash) is { Name: { } name, Offset: >= 0, Size: > 0 } frame)
        {
            string file = frame.Module is null ? "vmlinux" : $"{frame.Module}.ko";
            yield return new Fix("Find the source line (needs the debug information of exactly this kernel)",
                $"scripts/faddr2line {file} {name}+0x{frame.Offset:x}/0x{frame.Size:x}");
        }
        if (crash.Access?.Meaning == "flipped-bit")
            yield return new Fix("Test the memory (memtest86+), and look for corrected errors of it before: ras-mc-ctl, the BMC's log");
        if (crash.Access?.Meaning is "freed-memory" or "list-poison" or "uninitialised-memory" or "outside-object" or "text")
            yield return Clues.FreeLists.Watched;
        if (crash.ForeignModule is { } foreign)
            yield return ForeignModules.Without(foreign);
    }
}
