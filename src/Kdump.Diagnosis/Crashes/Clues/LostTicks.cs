using System.Globalization;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// RCU stalls that no code of this kernel explains: CPUs without a single tick, timers that did not fire (kernel/rcu/tree_stall.h
/// print_cpu_stall_info, rcu_check_gp_kthread_expired_fqs_timer).
/// </summary>
internal static class LostTicks
{
    public static IEnumerable<Clue> Read(ClueInput input)
    {
        if (input.Kind != "rcu-stall")
            yield break;
        int stalled = 0, tickless = 0, idle = 0;
        ReportLine? first = null;
        var taken = new List<string>();
        foreach (ReportLine line in input.Lines)
        {
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
            else if (Shape.Find(line.Text, "timer wakeup didn't happen for {w} jiffies", taken) >= 0)
                yield return new Clue("timer-lost",
                    $"The kernel says itself that a timer did not fire for {taken[0]} jiffies: timer interrupts were lost or came late " +
                    "(a virtual machine that was paused, migrated or not run, or a broken timer).", input.SourceOf(line));
            else if (Shape.Find(line.Text, "kthread starved for {w} jiffies", taken) >= 0)
                yield return new Clue("rcu-thread-starved",
                    $"RCU's own thread did not run for {taken[0]} jiffies: without it no grace period ends, whatever the other CPUs do.",
                    input.SourceOf(line));
        }
        if (tickless == 0 || tickless < stalled || first is not { } told)
            yield break;
        string who = tickless == 1 ? "The CPU that is waited for" : string.Create(CultureInfo.InvariantCulture,
            $"All {tickless} CPUs that are waited for");
        yield return new Clue("no-ticks",
            $"{who} had 0 timer ticks in all that time{(idle > 0 ? " and sat in the idle loop" : "")}: no code looped there. " +
            "It was not run, or got no timer interrupts: a host that did not run, paused or migrated this virtual machine, a suspend, " +
            "or a timer that stands.", input.SourceOf(told)) { Elsewhere = true };
    }
}
