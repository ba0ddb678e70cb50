using System.Globalization;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// RCU stalls that no code of this kernel explains: CPUs without a single tick, timers that did not fire (kernel/rcu/tree_stall.h
/// print_cpu_stall_info, rcu_check_gp_kthread_expired_fqs_timer).
/// </summary>
internal static class LostTicks
{
    private const int MostTold = 8;

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        if (input.Kind != "rcu-stall")
            yield break;
        int stalled = 0, tickless = 0, idle = 0;
        ReportLine? first = null;
        var taken = new List<string>();
        var awaited = new List<(int Cpu, ReportLine Line)>();
        foreach (ReportLine line in input.Lines)
        {
            if ((line.Text.Contains(" ticks this GP)", StringComparison.Ordinal) ||
                line.Text.Contains(" GPs behind) ", StringComparison.Ordinal)) && NumberOf(CpuOf(line.Text)) is { } cpu)
                awaited.Add((cpu, line));
            if (line.Text.Contains(" ticks this GP)", StringComparison.Ordinal))
            {
                stalled++;
                if (line.Text.Contains("(0 ticks this GP)", StringComparison.Ordinal))
                {
                    tickless++;
                    first ??= line;
                }
            }
            else if (line.Text.Contains("skipped: idling at ", StringComparison.Ordinal))
                idle++;
            else if (Shape.Find(line.Text, "All QSes seen, last {w} kthread activity {w} (", taken) >= 0)
                yield return new Clue("rcu-all-passed",
                    "Every CPU and task had passed through a quiescent state, but the grace period was not ended: " +
                        $"its thread {taken[0]} was last active {taken[1]} jiffies before. " +
                        "It was kept from its work (no CPU time, a lost wake-up or timer), or was at it.",
                    input.SourceOf(line)) { Elsewhere = true };
            else if (Shape.Find(line.Text, "expedited stalls on CPUs/tasks: * P{w} ", taken) >= 0)
                yield return new Clue("rcu-blocked-task",
                    $"The task with the pid {taken[0]} is within an RCU read section and was preempted there, or sleeps: " +
                    "the expedited grace period waits for it.", input.SourceOf(line));
            else if (Shape.Find(line.Text, "timer wakeup didn't happen for {w} jiffies", taken) >= 0)
                yield return new Clue("timer-lost",
                    $"The kernel says itself that a timer did not fire for {taken[0]} jiffies: timer interrupts were lost or came late " +
                    "(a virtual machine that was paused, migrated or not run, or a broken timer).", input.SourceOf(line));
            else if (Shape.Find(line.Text, "kthread starved for {w} jiffies", taken) >= 0)
                yield return new Clue("rcu-thread-starved",
                    $"RCU's own thread did not run for {taken[0]} jiffies: without it no grace period ends, whatever the other CPUs do.",
                    input.SourceOf(line));
        }
        if (Lasting(input) is { } lasting)
            yield return lasting;
        if (stalled == 1 && tickless == 0 && (Busy(input) ?? Standing(input)) is { } one)
            yield return one;
        else if (tickless == 0 && input.Function is null && awaited.Count is > 0 and <= MostTold)
            yield return new Clue("awaited-cpus", $"The grace period waits for CPU {string.Join(", ", awaited.Select(a => a.Cpu))}.",
                input.SourceOf(awaited[0].Line)) { Cpu = awaited.Count == 1 ? awaited[0].Cpu : null };
        if (tickless == 0 || tickless < stalled || first is not { } told)
            yield break;
        idle += InIdle(input) ? 1 : 0;
        bool guest = input.Context.Hardware is null || Stalls.Hypervisor(input.Context.Hardware) is not null;
        int? number = tickless == 1 ? NumberOf(CpuOf(told.Text)) : null;
        if (number is { } alone && idle == 0 && InterruptsOff(input, alone) is { } off)
        {
            yield return new Clue("interrupts-off", string.Create(CultureInfo.InvariantCulture,
                $"CPU {alone}, which is waited for, had 0 timer ticks in all that time because its interrupts were off ({off}); ") +
                "it was run, for it answered with its stack: what it does there does not end, or waits for a lock or a device.",
                input.SourceOf(told)) { Cpu = number };
            yield break;
        }
        string who = string.Create(CultureInfo.InvariantCulture, $"All {tickless} CPUs that are waited for");
        if (tickless == 1)
            who = number is not null ? $"CPU {number}, which is waited for," : "The CPU that is waited for";
        yield return new Clue("no-ticks",
            $"{who} had 0 timer ticks in all that time{(idle > 0 ? " and sat in the idle loop" : "")}: no code looped there. " +
            (guest ? "It was not run, or got no timer interrupts: " +
                "a host that did not run, paused or migrated this virtual machine, a suspend, or a timer that stands."
                : "It got no timer interrupts: a timer that stands or does not wake the CPU out of a deep idle state, " +
                    "interrupts that are lost, or a suspend.") + (input.Find(" fqs=0 ") is null ? "" :
                " RCU's own thread did not look either (fqs=0), so it was not woken in that time."), input.SourceOf(told))
            { Elsewhere = true, Cpu = number };
    }

    /// <summary>
    /// The state in which an NMI found the CPU: x86 clears bit 9 of the flags, arm64 writes the mask that is set as a capital I.
    /// </summary>
    private static string? InterruptsOff(ClueInput input, int cpu)
    {
        const ulong InterruptFlag = 0x200;
        if (input.Context.Cpu != cpu || input.Find($"NMI backtrace for cpu {cpu}") is not { } asked ||
            asked.Text.Contains("skipped", StringComparison.Ordinal))
            return null;
        if (input.Register("EFLAGS") is { } flags && ulong.TryParse(flags, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
            out ulong bits))
            return (bits & InterruptFlag) == 0 ? $"EFLAGS {flags}" : null;
        var taken = new List<string>();
        return input.Lines.Any(l => Shape.Find(l.Text, "pstate: {w} ({w} {w} ", taken) >= 0) && taken[2].Length == 4 &&
            taken[2].Contains('I') ? $"pstate {taken[0]}" : null;
    }

    /// <summary>The stack of the CPU that is waited for begins in the idle loop.</summary>
    private static bool InIdle(ClueInput input) => input.Context.Pid is 0 && input.Lines.Any(
        l => FaultLine.TryParse(l.Text, out StackFrame? at) && at is { Function: { } f } && Idle.Fits(f));

    internal static readonly NamePattern Idle = new(
        ["cpu_idle", "safe_halt", "cpu_do_idle", "mwait_idle", "default_idle", "cpuidle_enter", "acpi_idle", "intel_idle",
            "wait_for_interr"]);

    /// <summary>
    /// <c>0-....: (2099 ticks this GP)</c> beside <c>(t=2100 jiffies</c>: its timer ticked all the time, so the CPU was run, and what runs
    /// on it does not let go.
    /// </summary>
    private static Clue? Busy(ClueInput input)
    {
        if (Ticks(input) is not var (cpu, ticks, passed, line) || ticks < passed / 10 * 9)
            return null;
        return new Clue("ran-all-the-time", string.Create(CultureInfo.InvariantCulture,
            $"CPU {cpu} had {ticks} timer ticks in those {passed} jiffies: it was run all the time, " +
            $"and what ran on it did not let go (a loop, or interrupts without end)."), input.SourceOf(line)) { Cpu = NumberOf(cpu) };
    }

    private static int? NumberOf(string cpu) => int.TryParse(cpu, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        ? number : null;

    /// <summary>
    /// <c>0-...0: (5 ticks this GP)</c> beside <c>t=5252 jiffies</c>: the CPU that is waited for ticked at first and then no more.
    /// </summary>
    private static Clue? Standing(ClueInput input)
    {
        const int Few = 10;
        if (Ticks(input) is not var (cpu, ticks, passed, line) || ticks > passed / Few)
            return null;
        string silent = input.Find($"to CPUs {cpu}:") is not null && input.Find($"NMI backtrace for cpu {cpu}") is null
            ? " It did not answer the request for its stack either." : "";
        return new Clue("few-ticks", string.Create(CultureInfo.InvariantCulture,
            $"The grace period waits for CPU {cpu}, which had {ticks} timer ticks in those {passed} jiffies: " +
            $"it stands with its interrupts off (in the kernel or in firmware), or its timer stands.{silent}"), input.SourceOf(line))
            { Cpu = NumberOf(cpu) };
    }

    /// <summary>The one CPU that is waited for, its ticks, the jiffies that passed, and the line.</summary>
    private static (string Cpu, long Ticks, long Passed, ReportLine Line)? Ticks(ClueInput input)
    {
        const string Mark = " ticks this GP)";
        if (Jiffies(input) is not { } passed || input.Find(Mark) is not { } line)
            return null;
        int end = line.Text.IndexOf(Mark, StringComparison.Ordinal), open = line.Text.LastIndexOf('(', end);
        if (open < 0 || !long.TryParse(line.Text.AsSpan((open + 1)..end), NumberStyles.None, CultureInfo.InvariantCulture,
            out long ticks))
            return null;
        return (CpuOf(line.Text), ticks, passed, line);
    }

    /// <summary>The number in <c>rcu: 	1-...!: (0 ticks this GP) idle=…</c>, or what stands in its place.</summary>
    private static string CpuOf(string text)
    {
        int open = text.IndexOf('(');
        return (open < 0 ? text : text[..open]).TrimEnd(" :".ToCharArray()).Split(' ', '\t', ':')[^1].Split('-')[0];
    }

    /// <summary>
    /// The first report comes after 21 s (60 s on some distributions): a longer time says that it went on for that long. How long a
    /// jiffy is depends on the kernel's CONFIG_HZ, 100 to 1000 of them a second.
    /// </summary>
    private static Clue? Lasting(ClueInput input)
    {
        const long LongestFirst = 65_000;
        if (Jiffies(input) is not { } passed || passed < LongestFirst)
            return null;
        static string Span(double seconds) => seconds < 5400
            ? string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0} minutes")
            : string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:0.#} hours");
        return new Clue("stall-lasts", string.Create(CultureInfo.InvariantCulture,
            $"It had lasted {passed} jiffies by then: " +
                $"{Span(passed / 1000.0)} where a second has 1000 of them (RHEL, Arch), {Span(passed / 250.0)} where it has 250 " +
                $"(Debian, Ubuntu). This is not its first report: what began it stands earlier in the log."), input.Report.Heading);
    }

    /// <summary><c>(t=2100 jiffies</c></summary>
    private static long? Jiffies(ClueInput input)
    {
        var taken = new List<string>();
        return input.Lines.Any(l => Shape.Find(l.Text, "t={w} jiffies", taken) >= 0) &&
            long.TryParse(taken[0], NumberStyles.None, CultureInfo.InvariantCulture, out long passed) ? passed : null;
    }
}
