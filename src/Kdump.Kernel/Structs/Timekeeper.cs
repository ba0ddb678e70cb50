using Kdump.Formats.Bytes;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>
/// The kernel's time at its last tick, struct timekeeper of include/linux/timekeeper_internal.h. It lies in tk_core behind a
/// sequence counter; that is struct tk_data since Linux commit 20c7b582e88b ("timekeeping: Move shadow_timekeeper into tk_core") (v6.13),
/// and the first of timekeeper_data[] where the kernel has auxiliary clocks (as in 7.2).
/// </summary>
/// <param name="Monotonic">Nanoseconds of CLOCK_MONOTONIC.</param>
/// <param name="Boot">Nanoseconds of CLOCK_BOOTTIME: those and the time asleep.</param>
/// <param name="RealSeconds">Seconds since 1970.</param>
/// <param name="TicksPerSecond">CONFIG_HZ, by the length of a tick.</param>
/// <param name="Jiffies">The tick counter; it began 300 seconds before 2^32.</param>
public sealed record Timekeeper(ulong Monotonic, ulong Boot, long RealSeconds, int TicksPerSecond, ulong Jiffies)
{
    /// <summary>
    /// Nanoseconds of CLOCK_MONOTONIC alone: at most one tick too few on a machine that was ticking. Null where it cannot be read.
    /// </summary>
    public static ulong? MonotonicOf(CrashedKernel kernel)
    {
        try
        {
            return MonotonicOf(At(kernel));
        }
        catch (InputException)
        {
            return null;
        }
    }

    private static ulong MonotonicOf(StructReader tk) =>
        tk.U64("tkr_mono.base") + (tk.U64("tkr_mono.xtime_nsec") >> (int)Math.Min(63, tk.U64("tkr_mono.shift")));

    private static StructReader At(CrashedKernel kernel)
    {
        VirtualAddress core = kernel.FindSymbol("tk_core") ?? kernel.Symbol("timekeeper_data");
        StructType type = kernel.Struct("timekeeper");
        return new(kernel.Memory, type, core + (kernel.Btf.Value?.Struct("tk_data")?.Find("timekeeper")?.Offset ?? Counter(kernel)));
    }

    /// <summary>Bytes of the sequence counter, with padding: on PREEMPT_RT it has a pointer to its lock (linux/seqlock_types.h).</summary>
    private static long Counter(CrashedKernel kernel) => ((kernel.Btf.Value?.Struct("seqcount_raw_spinlock")?.Size ?? 4) + 7) & ~7;

    /// <exception cref="InputException">A symbol, the types or the memory is missing, or what is there is no time.</exception>
    public static Timekeeper Read(CrashedKernel kernel)
    {
        StructReader tk = At(kernel);
        ulong monotonic = MonotonicOf(tk);
        // Length of a tick in nanoseconds, 32 bits of fraction below (NTP_SCALE_SHIFT).
        ulong tick = tk.U64("ntp_tick") >> 32;
        if (tick is < 100_000 or > 100_000_000)
            throw new InputException(kernel.Dump.Name, "timekeeper.ntp_tick", -1, $"{tick} ns are no length of a tick");
        ulong asleep = tk.U64("offs_boot");
        return new Timekeeper(monotonic, unchecked(monotonic + asleep), tk.S64("xtime_sec"), (int)Math.Round(1e9 / tick),
            kernel.Memory.U64(kernel.Symbol("jiffies_64"), "jiffies_64"));
    }
}
