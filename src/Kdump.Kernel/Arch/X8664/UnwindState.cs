namespace Kdump.Kernel.Arch.X8664;

/// <summary>Current state of a stack walk: the registers that ORC needs, as far as they are known.</summary>
internal struct UnwindState
{
    public ulong Ip;
    public ulong Sp;
    public ulong Bp;
    public PtRegs? Regs;
    public PtRegs? Previous;
    public bool Signal;
    public bool BpUnknown;

    /// <summary>Registers other than rip, rsp and rbp are known only right after they were saved.</summary>
    public readonly PtRegs? Known
    {
        get
        {
            if (Regs is { Full: true })
                return Regs;
            return Previous is { Full: true } ? Previous : null;
        }
    }
}
