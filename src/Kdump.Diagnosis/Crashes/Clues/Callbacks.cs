namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// The kernel calls functions back that others have queued: RCU, timers, tasklets, work items, notifiers. If the CPU jumped to nowhere
/// from there, the queued object was freed or overwritten while it was still in the list; who did that is not on the stack.
/// </summary>
internal static class Callbacks
{
    private const string Timers = "The object (its driver or module) was freed without timer_delete_sync()";

    private static readonly (NamePattern Callers, string What, string Mostly)[] Table =
    [
        (new(["^rcu_do_batch$", "^rcu_core$", "^__rcu_process_callbacks$", "^rcu_process_callbacks$", "^srcu_invoke_callbacks$",
            "^rcu_nocb_cb_kthread$", "^invoke_rcu_core$", "^rcu_cblist_", "^rcu_segcblist_"]), "an RCU callback",
            "An object was queued by call_rcu() and freed or used anew before its time, or queued twice; " +
            "or a module was unloaded without rcu_barrier()"),
        (new(["^call_timer_fn$", "^expire_timers$", "^__run_timers", "^run_timer_softirq$"]), "the function of a timer", Timers),
        (new(["^__hrtimer_run_queues$", "^__run_hrtimer$", "^hrtimer_interrupt$", "^hrtimer_run_softirq$"]),
            "the function of a high-resolution timer", Timers),
        (new(["^tasklet_action", "^__tasklet_"]), "a tasklet", "The driver was freed or unloaded without tasklet_kill()"),
        (new(["^process_one_work$", "^process_scheduled_works$"]), "a work item",
            "The object that holds the work was freed or unloaded without cancel_work_sync()"),
        (new(["^notifier_call_chain$", "^atomic_notifier_call_chain$", "^blocking_notifier_call_chain$", "^raw_notifier_call_chain$"]),
            "a notifier", "A module was unloaded, or an object freed, without taking its notifier out of the list"),
        (new(["^__handle_irq_event_percpu$", "^handle_irq_event_percpu$"]), "an interrupt handler",
            "The driver was unloaded, or its data overwritten, while its interrupt was still set up"),
    ];

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        bool entry = input.Access is { Meaning: "module-area", Kind: not "execute" };
        if (!entry && input.Access is not { Kind: "execute" } && WildJumps.Nowhere(input) is null)
            yield break;
        ReportLine? register = LinkRegister.In(input.Lines.Take(WildJumps.Head));
        string? caller = register is { } held ? FrameLine.AtStart(LinkRegister.SymbolOf(held.Text)) : null;
        string[] near = [.. new[] { caller }.OfType<string>().Concat(input.Frames.Where(f => f.Reliable).Take(2).Select(f => f.Function))];
        foreach (string name in near)
        {
            (NamePattern callers, string? what, string? mostly) = Array.Find(Table, t => t.Callers.Fits(FrameLine.Bare(name)));
            if (callers is null)
                continue;
            string how = entry
                ? $"{name}() went through the queue of such callbacks ({what}), and an entry of it lies in memory that is gone: "
                : $"{name}() was about to call {what}, and its pointer leads to no code: ";
            yield return new Clue("stale-callback", how +
                "the object that held it was freed or overwritten while it was still queued (use after free). " +
                $"{mostly}. Who queued it is not on this stack.",
                (register ?? input.Find(name + "+0x")) is { } at ? input.SourceOf(at) : input.Report.Heading)
            {
                Elsewhere = true,
                Fixes = [new Fix("Boot with slub_debug=FZPU, or a kernel with KASAN and CONFIG_DEBUG_OBJECTS: the next report then names " +
                    "who freed or overwrote it", Risk: "slower, and more memory")],
            };
            yield break;
        }
    }
}
