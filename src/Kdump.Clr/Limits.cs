using System.Runtime.InteropServices;

namespace Kdump.Clr;

/// <summary>
/// The runtime's own reader is native code that believes the memory it reads: it gets two minutes of the processor, 8 GB, no core of its
/// own and no way to more rights.
/// </summary>
internal static partial class Limits
{
    private const int Cpu = 0, Data = 2, Core = 4, NoNewPrivileges = 38;
    private const ulong Seconds = 120, Bytes = 8UL << 30;

    public static void Set()
    {
        Lower(Cpu, Seconds);
        Lower(Data, Bytes);
        Lower(Core, 0);
        _ = Prctl(NoNewPrivileges, 1, 0, 0, 0);
    }

    private static void Lower(int what, ulong most)
    {
        Limit limit = new() { Soft = most, Hard = most };
        _ = SetLimit(what, ref limit);
    }

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int what, ref Limit limit);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Prctl(int option, nuint a, nuint b, nuint c, nuint d);

    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
