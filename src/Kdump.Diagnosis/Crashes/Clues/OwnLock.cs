namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// A task that waits for a lock which it took itself, further up its own stack: a deadlock with itself, and no other task has to be
/// looked for. Told for locks of which it is known who holds them.
/// </summary>
internal static class OwnLock
{
    /// <param name="Takes">The innermost frame that sleeps for the lock.</param>
    /// <param name="Holds">Functions that run with it held.</param>
    private sealed record Lock(string Name, NamePattern Takes, NamePattern Holds);

    private static readonly Lock[] Locks =
    [
        new("rtnl_lock", new(["^rtnl_lock$", "^rtnl_lock_killable$"]),
            new(["^do_setlink$", "^__dev_open$", "^dev_open$", "^__dev_change_flags$", "^dev_change_flags$",
                "^netif_change_flags$", "^dev_close_many$", "^register_netdevice$", "^unregister_netdevice_queue$",
                "^unregister_netdevice_many", "^linkwatch_do_dev$", "^__dev_notify_flags$", "^dev_set_mtu$",
                "^call_netdevice_notifiers"])),
        new("cpus_write_lock", new(["^cpus_read_lock$", "^cpus_write_lock$", "^get_online_cpus$"]), new(["^_cpu_down$", "^_cpu_up$"])),
    ];

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        if (input.Kind != "hung-task")
            yield break;
        StackFrame[] stack = [.. input.Frames.Where(f => f.Reliable)];
        foreach (Lock held in Locks)
        {
            int takes = Array.FindIndex(stack, f => held.Takes.Fits(f.Function));
            int holds = takes < 0 ? -1 : Array.FindIndex(stack, takes + 1, f => held.Holds.Fits(f.Function));
            if (holds < 0 || takes > 8)
                continue;
            StackFrame by = stack.Skip(takes + 1).FirstOrDefault(f => !held.Takes.Fits(f.Function));
            if (held.Holds.Fits(by.Function))
                continue;
            yield return new Clue("own-lock",
                $"It waits for a lock that it has itself: {held.Name} is held in {stack[holds].Function}(), " +
                $"further up its own stack, and {by.Told} asks for it " +
                "again. That is a deadlock of this task with itself, and all others that need the lock hang behind it; " +
                "no other task holds it up.",
                input.Find(by.Function + "+0x") is { } line ? input.SourceOf(line) : input.Report.Heading);
            yield break;
        }
    }
}
