using Kdump.Formats.Bytes;
using Kdump.Kernel.Symbols;

namespace Kdump.Kernel.Views;

/// <summary>A timer that had not fired.</summary>
/// <param name="Clock">jiffies for a timer of the timer wheel, otherwise the clock of the hrtimer: monotonic, realtime, boottime, tai,
/// each also with -soft.</param>
/// <param name="Expires">Expiry time in units of the clock: jiffies or nanoseconds.</param>
/// <param name="Nanoseconds">Nanoseconds from the last tick until the timer expires; negative if it is late. Null if the kernel's time is
/// not known.</param>
/// <param name="Function">The function that the timer calls.</param>
public sealed record PendingTimer(int Cpu, string Clock, VirtualAddress Address, long Expires, long? Nanoseconds, VirtualAddress Function,
    Location? Name)
{
    /// <summary>
    /// What a function that many timers share will do: the function of a delayed work, or the task that is woken; null for other
    /// functions.
    /// </summary>
    public string? For { get; init; }

    /// <summary>
    /// True if the timer may wait until its CPU wakes for another reason: an idle CPU ignores it, so being late is not a problem.
    /// </summary>
    public bool Deferrable { get; init; }
}
