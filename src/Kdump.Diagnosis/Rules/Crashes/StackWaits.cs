using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Crashes.Clues;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>
/// Stacks by a debugger that are not of the task that ended the kernel: each shows what its task waits for, or which lock its CPU spins
/// for. People paste them of machines that hang.
/// </summary>
public sealed class StackWaits : Rule
{
    private const int MostShown = 6, Innermost = 4;

    public override string Id => "stack-waits";

    public override Entry Entry => new("stack-waits", "a debugger's stack shows what a task waits for")
    {
        Area = Area.Crashing,
        Signature = ["#1 [ffff…] schedule at …", "#0  context_switch (kernel/sched/core.c:…)",
            "#0  0xffff… in native_queued_spin_lock_slowpath (…) at kernel/locking/qspinlock.c:…"],
        Cause = "A task that sleeps or spins is the victim of whoever holds what it waits for.",
        Origin = "kernel/sched/core.c, kernel/locking; crash's bt, drgn, gdb",
    };

    private static readonly NamePattern Sleeps = new(["^__schedule$", "^schedule$", "^context_switch$", "^io_schedule", "^__switch_to$",
        // Cut off, or not confirmed: these sleep, too.
        "^schedule_", "^__mutex_lock", "^mutex_lock", "^rwsem_down", "^__down", "^wait_for_completion", "^__wait_on_bit"]);

    private static readonly NamePattern Spins = new(["queued_spin_lock_slowpath", "^_raw_spin_lock", "^_raw_read_lock", "^_raw_write_lock",
        "queued_write_lock_slowpath", "queued_read_lock_slowpath", "^arch_spin_lock", "^do_raw_spin_lock", "^osq_lock", "^mutex_spin"]);

    /// <summary>The innermost function of a loop that waits for another CPU: inlined into whoever spins.</summary>
    private static readonly NamePattern Pauses = new(["^rep_nop$", "^cpu_relax$", "^__cpu_relax", "^native_pause", "^virt_spin_lock",
        "^__read_once_size$", "^csd_lock_wait", "^smp_call_function"]);

    /// <summary>Functions of a thread that has nothing to do, and those at the foot of its stack.</summary>
    private static readonly NamePattern Idle = new(["^worker_thread$", "^kthread$", "^do_idle$", "^cpu_startup_entry$", "^ret_from_fork",
        "^smpboot_thread_fn$", "^rcu_gp_kthread", "^kswapd$", "^do_nanosleep", "^ep_poll", "^do_epoll_wait", "^do_select",
        "^futex_wait", "^do_wait$", "^poll_schedule"]);

    public override IEnumerable<Opinion> Judge(Facts facts) => facts.Any<Crash>() ? [] : Of(facts).Take(MostShown);

    internal static IEnumerable<Finding> Of(Facts facts)
    {
        PastedStack[] all = [.. facts.Of<PastedStack>().Where(s => !StackOfDump.IsEnd(s))];
        PastedStack[] pausing = [.. all.Where(s => s.Cpu is not null && s.Functions.Count == 1 &&
            (Pauses.Fits(s.Functions[0]) || Spins.Fits(s.Functions[0])))];
        IEnumerable<Finding> each = all.Except(pausing).Select(Of).OfType<Finding>().DistinctBy(f => f.Subject);
        return pausing.Length == 0 ? each : each.Prepend(Pausing(pausing));
    }

    /// <summary>A finding for stacks that show only the place of each CPU.</summary>
    private static Finding Pausing(PastedStack[] cpus) =>
        new("stack-waits", (cpus.Length == 1 ? $"CPU {cpus[0].Cpu} waits" : $"{cpus.Length} CPUs wait") +
            $" in a busy loop ({string.Join(", ", cpus.Select(c => c.Functions[0]).Distinct().Take(3))})", Severity.Warning, 0.6,
            "That is how a spin lock waits, and a call that other CPUs must answer. " +
            "CPUs that all do so for good have locked each other out (a deadlock). Which lock, the callers say.")
        {
            Subject = "busy-loop",
            Fixes = [new("Read the stack of each CPU", "thread apply all bt   # in gdb")],
            Evidence = [.. cpus.Take(MostShown).Select(c => c.Source)],
        };

    private static Finding? Of(PastedStack stack)
    {
        string task = stack.Command.Length == 0 ? "a task" : $"{stack.Command} ({stack.Pid})";
        int spin = Find(stack, Spins), sleep = Find(stack, Sleeps);
        // A task that sleeps does so in its innermost frames.
        sleep = sleep < Innermost ? sleep : -1;
        if (spin >= 0 && sleep < 0)
        {
            int caller = spin;
            while (caller < stack.Functions.Count && (Spins.Fits(stack.Functions[caller]) || stack.Functions[caller].Contains("spin_lock")))
                caller++;
            return caller == stack.Functions.Count ? null : Told(stack, stack.Functions[caller],
                $"a CPU spins on a lock in {stack.Functions[caller]}",
                "Another CPU, or the same one in code that this interrupted, holds the lock. If the holder cannot run, " +
                    "that is a deadlock: a lock that is also taken in an interrupt must be taken with interrupts off.",
                new Fix("Read the stacks of all CPUs at that moment: one of them holds the lock",
                    "bt -a   # in crash; in gdb: thread apply all bt"));
        }
        if (sleep < 0 || Waiting.Caller([.. stack.Functions.Skip(sleep).Where(f => f is not ("msleep" or "schedule_timeout" or
            "schedule_timeout_uninterruptible"))], out string function) < 0 || Idle.Fits(function))
            return null;
        StackFrame[] frames = [.. stack.Functions.Select((f, i) => new StackFrame(f, -1, -1, stack.Modules.ElementAtOrDefault(i), true))];
        Awaited? awaited = Awaited.Of(frames, stack.Command);
        string where = $"{task} waits in {function}";
        return Told(stack, function, awaited is null ? where : $"{where}, for {awaited.Words}",
            "The stack shows the waiting task, not the holder." + (awaited is null ? "" : $" Look at {awaited.Look}."),
            new Fix("Read the stacks of all blocked tasks: the one that waits for something else holds the lock",
                "foreach UN bt   # in crash; on the live machine: echo w > /proc/sysrq-trigger"));
    }

    private static Finding Told(PastedStack stack, string function, string title, string why, Fix fix) =>
        new("stack-waits", title, Severity.Warning, 0.75, why + StackOfDump.PlaceOf(stack, function) + StackOfDump.WhoOf(stack))
        {
            Subject = function,
            Fixes = [fix],
            Evidence = [stack.Source],
        };

    private static int Find(PastedStack stack, NamePattern names)
    {
        for (int i = 0; i < stack.Functions.Count; i++)
        {
            if (names.Fits(stack.Functions[i]))
                return i;
        }
        return -1;
    }
}
