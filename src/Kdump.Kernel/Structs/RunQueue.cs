using Kdump.Formats.Bytes;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>Per-CPU struct rq of kernel/sched/sched.h: the current task, the idle task, and the CPU's clock.</summary>
public sealed record RunQueue(int Cpu, VirtualAddress Current, VirtualAddress Idle, ulong Clock)
{
    public static RunQueue Read(CrashedKernel kernel, int cpu)
    {
        PerCpu perCpu = kernel.PerCpu.Need(kernel.Dump.Name, "runqueues");
        StructReader rq = kernel.At("rq", perCpu.Address("runqueues", cpu));
        return new RunQueue(cpu, rq.Pointer("curr"), rq.Pointer("idle"), rq.Has("clock") ? rq.U64("clock") : 0);
    }
}
