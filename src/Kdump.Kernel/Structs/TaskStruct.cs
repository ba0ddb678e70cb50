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

    public TaskStruct(StructReader reader)
    {
        this.reader = reader;
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
    /// PA parked, ZO zombie, DE dead, NE new, WA waking; ?? for an unknown value.
    /// </summary>
    public string State
    {
        get
        {
            // State bits since Linux commit 8ef9925b02c2 ("sched/debug: Add explicit TASK_PARKED printing") (v4.14).
            const ulong interruptible = 1, uninterruptible = 2, stopped = 4, traced = 8, exitDead = 0x10, exitZombie = 0x20, parked = 0x40,
                dead = 0x80;
            const ulong wakeKill = 0x100, waking = 0x200, noLoad = 0x400, fresh = 0x800, locked = 0x1000, freezable = 0x2000,
                frozen = 0x8000, tracedNew = 0x10000;
            if ((ExitState & exitDead) != 0)
                return "DE";
            if ((ExitState & exitZombie) != 0)
                return "ZO";
            ulong state = RawState;
            if ((state & ~(0xFFFUL | locked | freezable | 0x4000 | frozen | tracedNew)) != 0)
                return "??";
            if ((state & dead) != 0)
                return "DE";
            if ((state & (uninterruptible | noLoad)) == (uninterruptible | noLoad))
                return "ID";
            return state switch
            {
                _ when (state & fresh) != 0 => "NE",
                _ when (state & (traced | tracedNew)) != 0 => "TR",
                _ when (state & stopped) != 0 => "ST",
                _ when (state & parked) != 0 => "PA",
                _ when (state & (uninterruptible | locked | frozen)) != 0 => "UN",
                _ when (state & interruptible) != 0 => "IN",
                _ when (state & waking) != 0 => "WA",
                _ when (state & wakeKill) != 0 => "UN",
                _ => "RU",
            };
        }
    }

    /// <summary>Stack pointer of a task that is not running: thread.sp on x86-64, thread.cpu_context.sp on arm64.</summary>
    public VirtualAddress SleepingSp => reader.Pointer(reader.Has("thread.sp") ? "thread.sp" : "thread.cpu_context.sp");

    /// <summary>Lowest address of the task's kernel stack.</summary>
    public VirtualAddress StackBase => reader.Pointer("stack");

    public StructReader Struct => reader;
}
