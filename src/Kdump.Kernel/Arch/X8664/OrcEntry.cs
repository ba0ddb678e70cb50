namespace Kdump.Kernel.Arch.X8664;

/// <summary>
/// Where a register's value of the caller comes from: ORC_REG_* of arch/x86/include/asm/orc_types.h, in no version's numbering.
/// </summary>
public enum OrcRegister : byte
{
    Undefined, PreviousSp, Ax, Dx, Di, Bp, Sp, R10, R13, BpIndirect, SpIndirect,
}

/// <summary>What lies at the frame: ORC_TYPE_*.</summary>
public enum OrcType : byte
{
    Undefined, EndOfStack, Call, Regs, RegsPartial,
}

/// <summary>One ORC entry, decoded.</summary>
public readonly record struct OrcEntry(short SpOffset, short BpOffset, OrcRegister Sp, OrcRegister Bp, OrcType Type, bool Signal);
