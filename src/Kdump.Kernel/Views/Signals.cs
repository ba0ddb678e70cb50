using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>
/// Signals of a thread: pending and blocked signals, and the action of its process for each (include/linux/sched/signal.h).
/// </summary>
public static class Signals
{
    private const int MaxQueued = 100_000;

    private static readonly string[] Names =
    [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD",
        "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    /// <summary>
    /// Name of a signal as in kill -l on x86 and arm: SIGTERM, SIGRTMIN+3. The C library reserves 32 and 33 for itself.
    /// </summary>
    public static string Name(int number) => number switch
    {
        >= 1 and <= 31 => $"SIG{Names[number - 1]}",
        32 or 33 => $"signal {number}",
        34 => "SIGRTMIN",
        > 34 and < 64 => $"SIGRTMIN+{number - 34}",
        64 => "SIGRTMAX",
        _ => $"signal {number}",
    };

    /// <summary>Numbers of the signals in a bitmap; bit 0 is signal 1.</summary>
    public static IEnumerable<int> Numbers(ulong set)
    {
        for (int i = 0; i < 64; i++)
            if ((set >> i & 1) != 0)
                yield return i + 1;
    }

    /// <exception cref="InputException">Memory of the task is missing.</exception>
    public static SignalState Of(CrashedKernel kernel, TaskStruct task)
    {
        List<Damage> damages = [];
        StructReader shared = task.Struct.Follow("signal")
            ?? throw new InputException(kernel.Dump.Name, "task_struct.signal", -1, "is NULL: the task has gone");
        List<SignalAction> actions = [];
        if (task.Struct.Follow("sighand") is { } hands && hands.Type.Of("action") is { } action)
        {
            int count = (int)Math.Min(128, hands.Type.Length("action"));
            for (int i = 0; i < count; i++)
            {
                StructReader one = new(kernel.Memory, action, hands.AddressOf("action") + (long)i * action.Size);
                actions.Add(new SignalAction(i + 1, one.U64("sa.sa_handler"), one.U64("sa.sa_flags")));
            }
        }
        return new SignalState(task.Pid, task.Struct.U64("blocked"), task.Struct.U64("pending.signal"), shared.U64("shared_pending.signal"),
            Queued(kernel, task.Struct.AddressOf("pending.list"), damages),
                Queued(kernel, shared.AddressOf("shared_pending.list"), damages),
            actions, damages);
    }

    private static List<QueuedSignal> Queued(CrashedKernel kernel, VirtualAddress list, List<Damage> damages)
    {
        List<QueuedSignal> found = [];
        foreach (StructReader queued in ListOf.Entries(kernel, list, "sigqueue", "list", damages, MaxQueued))
        {
            try
            {
                int code = queued.S32("info.si_code");
                bool sent = code is 0 or -1 or -3 or -6 && queued.Has("info._sifields._kill._pid");
                found.Add(new QueuedSignal(queued.S32("info.si_signo"), code, sent ? queued.S32("info._sifields._kill._pid") : null));
            }
            catch (InputException e)
            {
                damages.Add(Damage.From(e));
            }
        }
        return found;
    }
}
