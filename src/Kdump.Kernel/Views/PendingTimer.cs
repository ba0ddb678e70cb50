using Kdump.Formats.Bytes;
using Kdump.Kernel.Symbols;

namespace Kdump.Kernel.Views;

/// <summary>A timer that had not fired.</summary>
/// <param name="Clock">jiffies for one of the timer wheel, else the hrtimer's clock: monotonic, realtime, boottime, tai, and -soft of each.
/// </param>
/// <param name="Expires">In the units of its clock: jiffies or nanoseconds.</param>
/// <param name="Nanoseconds">From the last tick until it fires; negative where it is late. Null where the kernel's time is not
/// known.</param>
/// <param name="Function">What it calls.</param>
public sealed record PendingTimer(int Cpu, string Clock, VirtualAddress Address, long Expires, long? Nanoseconds, VirtualAddress Function,
    Location? Name)
{
    /// <summary>What is behind a function that many use: the function of a delayed work, the task that is woken; null for others.</summary>
    public string? For { get; init; }

    /// <summary>It may wait until its CPU wakes for something else: an idle CPU leaves it, and late it is no sign of trouble.</summary>
    public bool Deferrable { get; init; }
}
