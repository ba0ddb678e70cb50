namespace Kdump.Kernel.Arch.X8664;

/// <summary>
/// Source of a register's value in the caller: ORC_REG_* of arch/x86/include/asm/orc_types.h. The numbers here are not those of any
/// kernel version.
/// </summary>
public enum OrcRegister : byte
{
    Undefined, PreviousSp, Ax, Dx, Di, Bp, Sp, R10, R13, BpIndirect, SpIndirect,
}

/// <summary>Type of the frame: ORC_TYPE_*.</summary>
public enum OrcType : byte
{
    Undefined, EndOfStack, Call, Regs, RegsPartial,
}

/// <summary>One ORC entry, decoded.</summary>
public readonly record struct OrcEntry(short SpOffset, short BpOffset, OrcRegister Sp, OrcRegister Bp, OrcType Type, bool Signal);
