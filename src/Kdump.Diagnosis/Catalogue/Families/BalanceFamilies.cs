namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>Code of the kernel that came back with locks or interrupts otherwise than it was called.</summary>
internal static class BalanceFamilies
{
    public static readonly Family Preemption = new("preempt-count-unbalanced", "kernel code came back with locks unbalanced")
    {
        Area = Area.Crashing,
        Confidence = 0.9,
        Cause = "Each lock that spins, and each ban of interrupts, is counted (preempt_count). " +
            "The count must be the same before and after a call. If it is lower, the code gave back a lock that it did not take, " +
            "or allowed something once too often; if it is " +
            "higher, it kept one. The kernel repairs the count and goes on; a data structure may be damaged, and often a crash follows.",
        Fixes =
        [
            new("Name the function: a kernel with symbols prints it, else look its address up", "sort /proc/kallsyms | less"),
            new("If it is of a module from outside the kernel, see whether it also happens without it"),
        ],
        Explains = ["kernel-oops", "soft-lockup", "hard-lockup"],
        Tellings =
        [
            new("huh, entered softirq {w} {w} {w} with preempt_count {w}, exited with {w}",
                "a soft interrupt ({2}) came back with another preempt count than it was called with") { Subject = 2, Reads = WhatRan },
            new("huh, entered {w} with preempt_count {w}, exited with {w}",
                "a timer function ({1}) came back with another preempt count than it was called with"),
        ],
        Origin = "kernel/softirq.c handle_softirqs(), kernel/timer.c __run_timers() of old kernels",
    };

    public static readonly Family[] All = [Preemption];

    /// <summary>What runs in a soft interrupt of that name: include/linux/interrupt.h.</summary>
    private static string? WhatRan(IReadOnlyList<string> taken) =>
        $"{Kind(taken[1])} It was called with {taken[3].TrimEnd(',')} and came back with {taken[4].TrimEnd('?')}.";

    private static string Kind(string name) => name switch
    {
        "HI" or "TASKLET" => "It runs tasklets, which drivers use for the work behind an interrupt.",
        "NET_RX" or "NET_TX" => "It runs the receiving and sending of network drivers.",
        "TIMER" or "HRTIMER" => "It runs the functions of timers.",
        "BLOCK" or "BLOCK_IOPOLL" or "IRQ_POLL" => "It runs the completion of requests to disks.",
        "RCU" => "It runs functions that RCU was asked to call later.",
        "SCHED" => "It balances tasks among the CPUs.",
        _ => "",
    };
}
