using Kdump.Diagnosis.Crashes;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>What a debugger's stack (crash, drgn, gdb) of the task that crashed says, where the kernel's own report is not given.</summary>
public sealed class StackOfDump : Rule
{
    public override string Id => "stack-of-dump";

    public override Entry Entry => new("stack-of-dump", "a debugger's stack of the crashed task shows why the kernel stopped")
    {
        Area = Area.Crashing,
        Signature = ["PID: … TASK: … CPU: … COMMAND: \"…\"", "#0 [ffff…] machine_kexec at …", "[exception RIP: …+…]",
            "#0  __crash_kexec (kernel/kexec_core.c:…)", "#0  panic (fmt=…) at kernel/panic.c:…"],
        Cause = "The frames between crash_kexec() or panic() and the code that ran say which way the kernel came to its end.",
        Fixes = [new("Read the kernel's own report in the dump", "kdt vmcore log vmcore | tail -n 80   # in crash: log")],
        Origin = "crash's bt: task.c, x86_64.c, arm64.c; drgn stack_trace.c; gdb stack.c; kernel/panic.c, kernel/watchdog.c, " +
            "drivers/tty/sysrq.c",
    };

    /// <summary>A stack with one of these is of the task that ended the kernel.</summary>
    private static readonly NamePattern Ends = new(
        ["^machine_kexec", "^__crash_kexec", "^crash_kexec", "^panic$", "^vpanic$", "^ipanic", "^nmi_panic", "^xmon",
            "^default_machine_kexec",
            "^crash_save_cpu", "^oops_end", "^die$", "^sysrq_handle_crash", "^sysrq_crash", "^page_fault_oops", "^die_kernel_fault",
            "^mce_panic"]);

    /// <summary>
    /// Kinds of crash by functions of their own; the first that fits decides, and the first of all is a requested crash.
    /// </summary>
    private static readonly (NamePattern Names, string Title, string Why)[] Ways =
    [
        (new(["^sysrq_handle_crash", "^sysrq_crash"]), "the kernel was crashed on purpose, by SysRq c",
            "sysrq_handle_crash() does nothing but crash: somebody, or a program, asked for it " +
                "(/proc/sysrq-trigger, keyboard, BREAK on a console). There is no fault to look for, except what made them ask."),
        (new(["^mce_panic", "^do_machine_check", "^mc_panic"]), "the kernel stopped because of a machine check",
            "The hardware reported an error that cannot be survived: bank and status stand in the dump's log."),
        (new(["^ghes_", "^__ghes_panic", "^apei_"]), "the kernel stopped because of a hardware error that firmware reported",
            "The record stands in the dump's log (GHES)."),
        (new(["^watchdog_overflow_callback", "^watchdog_hardlockup", "^watchdog_fire"]), "the kernel stopped because of a hard lockup",
            "A CPU took no interrupts for some ten seconds; what it did stands below the frames of the NMI."),
        (new(["^watchdog_timer_fn"]), "the kernel stopped because of a soft lockup",
            "A CPU did not schedule for more than twice kernel.watchdog_thresh; what it did stands below the timer interrupt."),
        (new(["^check_hung_uninterruptible", "^check_hung_task", "khungtaskd"]), "the kernel stopped because of a hung task",
            "This stack is only the watcher's: those of the waiting tasks are needed (foreach UN bt)."),
        (new(["^rcu_check_gp_stall", "^print_cpu_stall", "^print_other_cpu_stall", "^panic_on_rcu_stall"]),
            "the kernel stopped because of an RCU stall", "kernel.panic_on_rcu_stall is set; the stalled CPU's stack is needed."),
        (new(["^out_of_memory", "^oom_kill"]), "the kernel stopped because it had no memory",
            "The table of tasks stands in the dump's log."),
        (new(["^unknown_nmi_error", "^pci_serr_error", "^io_check_error", "^nmi_panic"]), "the kernel stopped because of an NMI",
            "Hardware or the management controller sent it: see the BMC's event log."),
        (new(["^do_exit", "^do_group_exit"]), "the kernel stopped because init ended", "Process 1 must not end: its exit code says why."),
    ];

    private static readonly (NamePattern Names, string What)[] Traps =
    [
        (new(["general_protection"]), "a general protection fault: a pointer that is no address (non-canonical)"),
        (new(["page_fault", "do_user_addr_fault", "do_kern_addr_fault", "no_context", "kernelmode_fixup", "do_mem_abort", "el1_abort",
            "do_translation_fault", "bad_page_fault", "die_kernel_fault"]), "an access to an address where nothing is mapped"),
        (new(["invalid_op", "do_trap_bug", "handle_bug", "bug_handler", "brk_handler", "el1_dbg", "do_debug_exception"]),
            "a check of the kernel's own that failed (BUG)"),
        (new(["divide_error"]), "a division by zero"),
        (new(["double_fault"]), "a double fault, mostly a stack that overflowed"),
        (new(["stack_segment"]), "a stack segment fault"),
        (new(["do_sea", "serror", "arm64_serror"]), "an access that the bus or the memory refused"),
    ];

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        if (facts.Of<Crash>().Any())
            yield break;
        if (facts.Of<ProgramStack>() is [{ Signal.Length: 0 } program, ..] && !facts.Of<PastedStack>().Any())
        {
            yield return new Unknown("why the program stopped: this is a stack of a program, not of the kernel" +
                (program.Functions.Any(f => f is "abort" or "__GI_abort") ? ", which called abort() itself" : ""),
                "its own words before (journalctl, coredumpctl info); for a crash of the kernel its log or its dump")
            { Evidence = [program.Source] };
        }
        // Stacks that the kernel printed itself belong to reports.
        PastedStack[] all = [.. facts.Of<PastedStack>().Where(s => s.By != "kernel")];
        foreach (PastedStack stack in all.Where(s => s.Functions.Any(Ends.Fits)).Take(1))
            yield return Of(stack);
        if (all.Length > 0 && !all.Any(s => s.Functions.Any(Ends.Fits)) && (all[0].By == "crash" || !StackWaits.Of(facts).Any()))
            yield return new Unknown("why the kernel stopped: none of these stacks is of the task that stopped it",
                "the dump's own log (in crash: log), and the stack of the panic task (in crash: bt -p)") { Evidence = [all[0].Source] };
    }

    private Finding Of(PastedStack stack)
    {
        string who = WhoOf(stack);
        Source[] evidence = [stack.Source, .. stack.FaultedAt is { } at ? new[] { at } : []];
        Fix[] fixes = [.. Entry.Fixes];
        // What a trap interrupted is nearer to the cause than what called die() afterwards.
        (NamePattern _, string? title, string? why) = Ways.FirstOrDefault(w => stack.Functions.Any(w.Names.Fits));
        bool asked = title == Ways[0].Title;
        if (title is not null && (asked || stack.Faulted is null || !stack.Functions.Any(f => Traps.Any(t => t.Names.Fits(f)))))
            return new Finding(Id, title, asked ? Severity.Info : Severity.Error, 0.9,
                why + who + (stack.Faulted is { } there ? $" The CPU was in {there}()." : ""))
            {
                Evidence = evidence,
                Fixes = asked ? [] : fixes,
            };
        string? trap = Traps.FirstOrDefault(t => stack.Functions.Any(t.Names.Fits)).What;
        string? place = stack.Faulted ?? BelowTrap(stack);
        return new Finding(Id, place is null ? "the kernel crashed; its stack does not show where"
            : $"the kernel crashed in {place}",
            Severity.Error, place is null ? 0.5 : 0.85, (trap is null ? "" : $"It was {trap}. ") +
            $"The stack is what {stack.By} made of the dump; " +
                $"the kernel's own report has the address and the first words.{PlaceOf(stack, place)}" +
            who)
        {
            Evidence = evidence,
            Fixes = fixes,
        };
    }

    internal static string WhoOf(PastedStack stack) => stack.Command.Length == 0 ? ""
        : $" The task was {stack.Command} ({stack.Pid})" + (stack.Cpu is { } cpu ? $" on CPU {cpu}." : ".");

    /// <summary>A stack of the task that ended the kernel.</summary>
    internal static bool IsEnd(PastedStack stack) => stack.Functions.Any(Ends.Fits);

    /// <summary>File and line of the function, and who called it.</summary>
    internal static string PlaceOf(PastedStack stack, string? function)
    {
        int at = function is null ? -1 : stack.Functions.ToList().FindIndex(f => f == function);
        if (at < 0)
            return "";
        string module = stack.Modules.Count > at && stack.Modules[at] is { } name ? $" It is of the module {name}." : "";
        return (stack.Places.Count > at && stack.Places[at].Length > 0 ? $" It was at {stack.Places[at]}." : "") + module +
            (at + 1 < stack.Functions.Count ? $" {stack.Functions[at + 1]}() had called it." : "");
    }

    /// <summary>The frame below the last one of the trap.</summary>
    private static string? BelowTrap(PastedStack stack)
    {
        int last = -1;
        for (int i = 0; i < stack.Functions.Count; i++)
        {
            if (Traps.Any(t => t.Names.Fits(stack.Functions[i])) || Ends.Fits(stack.Functions[i]))
                last = i;
        }
        return last >= 0 && last + 1 < stack.Functions.Count ? stack.Functions[last + 1] : null;
    }
}
