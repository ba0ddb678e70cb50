namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// How a task that hangs is named: by what it waits for where that is one of the kernel's great bottlenecks, else by who called the wait.
/// </summary>
internal static class Waiting
{
    private const string GracePeriod = "synchronize_rcu";

    /// <summary>Tasks that wait for these are victims of one and the same holder.</summary>
    private static readonly (string Part, string? Name)[] Bottlenecks =
    [
        ("rtnl_lock", null), (GracePeriod, GracePeriod), ("synchronize_srcu", GracePeriod), ("synchronize_net", GracePeriod),
            ("synchronize_sched", GracePeriod), ("blkdev_issue_flush", null),
    ];

    private static readonly NamePattern Waits = new(
        ["sched", "_lock", "_slowlock", "down", "rwsem", "completion", "kthread", "wait", "synchronize", "context_switch", "__switch_to",
            "cancel_delayed_work", "rcu_barrier"]);

    /// <summary>A function of the kernel's own means to wait, and none that decides to.</summary>
    public static bool IsWait(string function) => Waits.Fits(function);

    public static int Caller(IReadOnlyList<string> names, out string name)
    {
        for (int i = 0; i < names.Count; i++)
        {
            foreach ((string part, string? replacement) in Bottlenecks)
            {
                if (names[i].Contains(part, StringComparison.Ordinal))
                {
                    name = replacement ?? names[i];
                    return i;
                }
            }
        }
        for (int i = 0; i < names.Count; i++)
        {
            if (!Waits.Fits(names[i]))
            {
                name = names[i];
                return i;
            }
        }
        name = "";
        return -1;
    }
}
