using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Arch.X8664;

/// <summary>
/// One step of a stack walk: computes the caller's registers from an ORC entry, like unwind_next_frame() in arch/x86/kernel/unwind_orc.c.
/// </summary>
internal static class OrcStep
{
    /// <summary>
    /// Changes the state to that of the caller. Returns null, or the reason of a failure, in which case the state is unchanged.
    /// </summary>
    public static Trouble? ToCaller(KernelMemory memory, ref UnwindState state, OrcEntry entry)
    {
        if (Base(state, entry) is not { } cfa)
            return new Trouble($"the frame is found by a register that is not known ({entry.Sp})");
        if (entry.Sp is OrcRegister.SpIndirect or OrcRegister.BpIndirect)
        {
            if (!memory.TryU64(new VirtualAddress(cfa), out cfa))
                return Trouble.Missing($"{cfa:x16}, where the stack pointer was saved,", memory.Read(new VirtualAddress(cfa), new byte[8]));
            if (entry.Sp == OrcRegister.SpIndirect)
                cfa = unchecked(cfa + (ulong)(long)entry.SpOffset);
        }
        UnwindState next = state;
        VirtualAddress at = new(cfa);
        switch (entry.Type)
        {
            case OrcType.Call:
                if (!memory.TryU64(at + -8, out next.Ip))
                    return Trouble.Missing($"the return address at {at + -8}", memory.Read(at + -8, new byte[8]));
                next.Sp = cfa;
                next.Regs = null;
                next.Previous = null;
                next.Signal = entry.Signal;
                break;
            case OrcType.Regs:
                if (PtRegs.Read(memory, at) is not { } full)
                    return Trouble.Missing($"the registers at {at}", memory.Read(at, new byte[PtRegs.Bytes]));
                next = From(full, null);
                break;
            default:
                if (PtRegs.ReadPartial(memory, at) is not { } partial)
                    return Trouble.Missing($"the interrupt frame at {at}", memory.Read(at, new byte[40]));
                next = From(partial, state.Regs ?? state.Previous);
                break;
        }
        // rbp of the caller: if ORC does not specify it, it is unchanged, or the value that was saved with the registers.
        switch (entry.Bp)
        {
            case OrcRegister.Undefined:
                next.Bp = next.Regs is { Full: true } saved ? saved.Bp : state.Bp;
                next.BpUnknown = next.Regs is not { Full: true } && state.BpUnknown;
                break;
            case OrcRegister.PreviousSp:
                next.BpUnknown = false;
                if (!memory.TryU64(at + entry.BpOffset, out next.Bp))
                    return Trouble.Missing($"rbp at {at + entry.BpOffset}", memory.Read(at + entry.BpOffset, new byte[8]));
                break;
            case OrcRegister.Bp:
                if (state.BpUnknown)
                    return new Trouble("rbp is not known");
                VirtualAddress kept = new VirtualAddress(state.Bp) + entry.BpOffset;
                if (!memory.TryU64(kept, out next.Bp))
                    return Trouble.Missing($"rbp at {kept}", memory.Read(kept, new byte[8]));
                break;
            default:
                return new Trouble($"rbp is kept in a way that is not known ({entry.Bp})");
        }
        if (next.Regs is not { UserMode: true } && (next.Sp & 7) != 0)
            return new Trouble($"{next.Sp:x16} is no stack pointer");
        state = next;
        return null;
    }

    /// <summary>Why a step cannot be taken.</summary>
    /// <param name="State">The state of the missing memory if that is the reason; otherwise null.</param>
    internal readonly record struct Trouble(string Why, MemoryState? State = null)
    {
        public static Trouble Missing(string what, MemoryState state) => new($"{what} {state.Words()}", state);
    }

    private static UnwindState From(PtRegs regs, PtRegs? previous) =>
        new() { Ip = regs.Ip.Value, Sp = regs.Sp.Value, Bp = regs.Bp, Regs = regs, Previous = previous, Signal = true };

    private static ulong? Base(UnwindState state, OrcEntry entry)
    {
        ulong? register = entry.Sp switch
        {
            OrcRegister.Sp or OrcRegister.SpIndirect => state.Sp,
            OrcRegister.Bp or OrcRegister.BpIndirect => state.BpUnknown ? null : state.Bp,
            OrcRegister.R10 => state.Known?.R10,
            OrcRegister.R13 => state.Known?.R13,
            OrcRegister.Di => state.Known?.Di,
            OrcRegister.Dx => state.Known?.Dx,
            OrcRegister.Ax => state.Known?.Ax,
            _ => null,
        };
        if (register is not { } value)
            return null;
        // An indirect sp is dereferenced before its offset is added, an indirect bp after.
        return entry.Sp == OrcRegister.SpIndirect ||
            entry.Sp is OrcRegister.R10 or OrcRegister.R13 or OrcRegister.Di or OrcRegister.Dx or OrcRegister.Ax
            ? value : unchecked(value + (ulong)(long)entry.SpOffset);
    }
}
