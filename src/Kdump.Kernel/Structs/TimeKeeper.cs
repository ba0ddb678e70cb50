using Kdump.Formats.Bytes;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>
/// CLOCK_MONOTONIC as the last tick left it: tk_core of kernel/time/timekeeping.c, a seqcount with a struct timekeeper behind it (struct
/// tk_data since Linux commit 20c7b582e88b "timekeeping: Move shadow_timekeeper into tk_core", v6.13).
/// </summary>
public static class TimeKeeper
{
    /// <summary>Nanoseconds since boot; at most one tick too few on a machine that was ticking. Null where it cannot be read.</summary>
    public static ulong? Monotonic(CrashedKernel kernel)
    {
        try
        {
            if (kernel.FindSymbol("tk_core") is not { } at || kernel.Btf.Value?.Struct("timekeeper") is not { } type)
                return null;
            long offset = kernel.Btf.Value.Struct("tk_data") is { } whole && whole.Has("timekeeper") ? whole.Offset("timekeeper") : 8;
            StructReader keeper = new(kernel.Memory, type, at + offset);
            int shift = keeper.S32("tkr_mono.shift");
            return shift is >= 0 and < 64 ? keeper.U64("tkr_mono.base") + (keeper.U64("tkr_mono.xtime_nsec") >> shift) : null;
        }
        catch (InputException)
        {
            return null;
        }
    }
}
