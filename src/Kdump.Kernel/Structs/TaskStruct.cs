using System.Diagnostics;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>
/// A thread of the crashed kernel: struct task_struct of include/linux/sched.h. state was renamed __state by Linux commit 2f064a59a11f
/// ("sched: Change task_struct::state") (v5.14); cpu moved into thread_info by commit bcf9033e5449 ("sched: move CPU field back into
/// thread_info") (v5.16).
/// </summary>
[DebuggerDisplay("{Pid} {Comm}")]
public sealed class TaskStruct
{
    private const uint PfKthread = 0x0020_0000;

    private readonly StructReader reader;

    private readonly TaskStates states;

    /// <param name="states">The state bits of its kernel; null for those since 4.14.</param>
    public TaskStruct(StructReader reader, TaskStates? states = null)
    {
        this.reader = reader;
        this.states = states ?? TaskStates.Today;
        Pid = reader.S32("pid");
        Tgid = reader.S32("tgid");
        Comm = reader.Text("comm");
        Flags = reader.U32("flags");
        RawState = reader.First("__state", "state") ?? 0;
        ExitState = reader.First("exit_state") ?? 0;
        if (reader.Has("cpu"))
            Cpu = reader.S32("cpu");
        else
            Cpu = reader.Has("thread_info.cpu") ? reader.S32("thread_info.cpu") : 0;
    }

    public VirtualAddress Address => reader.Address;

    public int Pid { get; }

    public int Tgid { get; }

    public string Comm { get; }

    public uint Flags { get; }

    public ulong RawState { get; }

    public ulong ExitState { get; }

    /// <summary>The CPU on which the task runs, or ran last.</summary>
    public int Cpu { get; }

    public bool KernelThread => (Flags & PfKthread) != 0;

    /// <summary>True if the task is the current one of its CPU.</summary>
    public bool OnCpu { get; internal set; }

    /// <summary>Process id of the parent; 0 if there is none or it cannot be read.</summary>
    public int ParentPid { get; internal set; }

    /// <summary>
    /// Nanoseconds, by its CPU's clock, since the task last got the CPU; for a task that is not running, an upper bound of its waiting
    /// time. Null if the kernel does not record it (CONFIG_SCHED_INFO) or the task never ran.
    /// </summary>
    public ulong? NanosecondsSinceRun { get; internal set; }

    /// <summary>
    /// State in two letters: RU running or runnable, IN interruptible, UN uninterruptible, ID idle kernel thread, ST stopped, TR traced,
    /// PA parked, ZO zombie, DE dead, NE new, WA waking; ?? for an unknown value. UN includes <see cref="Killable"/> and
    /// <see cref="Frozen"/> tasks, as D does in /proc.
    /// </summary>
    public string State
    {
        get
        {
            const ulong exitDead = 0x10, exitZombie = 0x20;
            if ((ExitState & exitDead) != 0)
                return "DE";
            if ((ExitState & exitZombie) != 0)
                return "ZO";
            ulong state = RawState;
            if ((state & ~TaskStates.Known) != 0)
                return "??";
            if ((state & states.Dead) != 0)
                return "DE";
            if ((state & (TaskStates.Uninterruptible | TaskStates.NoLoad)) == (TaskStates.Uninterruptible | TaskStates.NoLoad))
                return "ID";
            return state switch
            {
                _ when (state & TaskStates.Fresh) != 0 => "NE",
                _ when (state & (TaskStates.Traced | TaskStates.TracedNew)) != 0 => "TR",
                _ when (state & TaskStates.Stopped) != 0 => "ST",
                _ when (state & states.Parked) != 0 => "PA",
                _ when (state & (TaskStates.Uninterruptible | TaskStates.RtLockWait | TaskStates.Frozen)) != 0 => "UN",
                _ when (state & TaskStates.Interruptible) != 0 => "IN",
                _ when (state & states.Waking) != 0 => "WA",
                _ when (state & states.WakeKill) != 0 => "UN",
                _ => "RU",
            };
        }
    }

    /// <summary>True if a fatal signal would end its uninterruptible sleep: TASK_KILLABLE.</summary>
    public bool Killable => State == "UN" && (RawState & states.WakeKill) != 0;

    /// <summary>True if the freezer holds it: for a suspend, or for a frozen control group (a paused container).</summary>
    public bool Frozen => State == "UN" && ((RawState & TaskStates.Frozen) != 0 || (Flags & states.FrozenFlag) != 0);

    /// <summary>
    /// True if it sleeps and neither a signal nor the freezer ends that: the tasks that kernel/hung_task.c examines, and on PREEMPT_RT
    /// those that wait for a spinlock.
    /// </summary>
    public bool Blocked => State == "UN" && !OnCpu && !Killable && !Frozen;

    /// <summary>What an uninterruptible sleep is, behind the state: killable, frozen; otherwise empty.</summary>
    public string SleepNote
    {
        get
        {
            if (Killable)
                return "killable";
            return Frozen ? "frozen" : "";
        }
    }

    /// <summary>Stack pointer of a task that is not running: thread.sp on x86-64, thread.cpu_context.sp on arm64.</summary>
    public VirtualAddress SleepingSp => reader.Pointer(reader.Has("thread.sp") ? "thread.sp" : "thread.cpu_context.sp");

    /// <summary>Lowest address of the task's kernel stack.</summary>
    public VirtualAddress StackBase => reader.Pointer("stack");

    public StructReader Struct => reader;
}
