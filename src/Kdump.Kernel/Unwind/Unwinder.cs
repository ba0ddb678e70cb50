using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Symbols;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Unwind;

/// <summary>
/// Walks kernel stacks with ORC, as arch/x86/kernel/unwind_orc.c does for a live one: through interrupt, exception and entry stacks by the
/// registers saved there, to user mode or the end of a kernel thread. Where proof ends, frames are guesses and say so.
/// </summary>
public sealed class Unwinder
{
    private const int MaxFrames = 512;
    private const int MaxGuesses = 64;
    private const int MaxSwitches = 16;
    private const ulong StackReach = 64 << 10;

    private readonly Vmcore vmcore;
    private readonly KernelMemory memory;
    private readonly Orc? orc;
    private readonly Dictionary<KernelModule, Orc?> moduleTables = [];
    private readonly Dictionary<ulong, Location?> located = [];

    public Unwinder(Vmcore vmcore)
    {
        this.vmcore = vmcore;
        memory = vmcore.Memory;
        orc = vmcore.Orc.Value;
    }

    /// <summary>From registers: a CPU that ran when the machine died.</summary>
    public Stack FromRegisters(PtRegs registers)
    {
        if (registers.UserMode)
            return new Stack([], null, registers);
        return Walk(new State { Ip = registers.Ip.Value, Sp = registers.Sp.Value, Bp = registers.Bp, Regs = registers, Signal = true });
    }

    /// <summary>From thread.sp of a task that sleeps: struct inactive_task_frame, arch/x86/include/asm/switch_to.h.</summary>
    public Stack FromSleep(VirtualAddress sp)
    {
        StructType? layout = vmcore.Btf.Value?.Struct("inactive_task_frame");
        int size = layout?.Size ?? 56;
        int bpAt = layout?.Find("bp")?.Offset ?? size - 16, retAt = layout?.Find("ret_addr")?.Offset ?? size - 8;
        if (!memory.TryU64(sp + bpAt, out ulong bp) || !memory.TryU64(sp + retAt, out ulong ret))
            return new Stack([], $"its stack at {sp} {memory.Read(sp, new byte[8]).Words()}", null);
        string? name = Locate(ret, exact: true)?.Symbol;
        return Walk(new State { Ip = ret, Sp = (sp + size).Value, Bp = bp, Signal = name is "ret_from_fork" or "ret_from_fork_asm" });
    }

    private Stack Walk(State state)
    {
        List<Frame> frames = [];
        int switches = 0;
        while (frames.Count < MaxFrames)
        {
            // A return address lies behind its call, which may be the last instruction of the caller.
            ulong lookup = state.Signal ? state.Ip : unchecked(state.Ip - 1);
            Location? location = Locate(lookup, state.Signal);
            frames.Add(new Frame(new VirtualAddress(state.Ip), new VirtualAddress(state.Sp), location, FrameKind.Call, null));
            if (Entry(new VirtualAddress(lookup)) is not { } entry)
                return Guess(frames, state, location is null ? $"{state.Ip:x16} is no kernel code" : "no ORC entry covers this frame");
            if (entry.Type == OrcType.EndOfStack)
                return new Stack(frames, null, null);
            if (entry.Type == OrcType.Undefined)
                return Guess(frames, state, "ORC does not describe this frame");
            ulong before = state.Sp;
            if (Step(ref state, entry) is { } trouble)
                return Guess(frames, state, trouble);
            if (entry.Type is not OrcType.Call)
            {
                FrameKind kind = KindOf(location?.Symbol);
                frames[^1] = frames[^1] with { Kind = kind, Registers = state.Regs };
                if (state.Regs!.UserMode)
                    return new Stack(frames, null, state.Regs);
            }
            bool near = state.Sp > before ? state.Sp - before < StackReach : before - state.Sp < StackReach;
            if (near ? state.Sp <= before : ++switches > MaxSwitches)
                return Guess(frames, state, $"the stack pointer went from {before:x16} to {state.Sp:x16}");
        }
        return new Stack(frames, $"more than {MaxFrames} frames", null);
    }

    /// <summary>To the caller; what went wrong, or null. The state is then unchanged.</summary>
    private string? Step(ref State state, OrcEntry entry)
    {
        if (Base(state, entry) is not { } cfa)
            return $"the frame is found by a register that is not known ({entry.Sp})";
        if (entry.Sp is OrcRegister.SpIndirect or OrcRegister.BpIndirect)
        {
            if (!memory.TryU64(new VirtualAddress(cfa), out cfa))
                return $"{cfa:x16}, where the stack pointer was kept, {memory.Read(new VirtualAddress(cfa), new byte[8]).Words()}";
            if (entry.Sp == OrcRegister.SpIndirect)
                cfa = unchecked(cfa + (ulong)(long)entry.SpOffset);
        }
        State next = state;
        VirtualAddress at = new(cfa);
        switch (entry.Type)
        {
            case OrcType.Call:
                if (!memory.TryU64(at + -8, out next.Ip))
                    return $"the return address at {at + -8} {memory.Read(at + -8, new byte[8]).Words()}";
                next.Sp = cfa;
                next.Regs = null;
                next.Previous = null;
                next.Signal = entry.Signal;
                break;
            case OrcType.Regs:
                if (PtRegs.Read(memory, at) is not { } full)
                    return $"the registers at {at} {memory.Read(at, new byte[PtRegs.Bytes]).Words()}";
                next = From(full, null);
                break;
            default:
                if (PtRegs.ReadPartial(memory, at) is not { } partial)
                    return $"the interrupt frame at {at} {memory.Read(at, new byte[40]).Words()}";
                next = From(partial, state.Regs ?? state.Previous);
                break;
        }
        // rbp of the caller: where ORC does not say, it is unchanged, or what was saved with the registers.
        switch (entry.Bp)
        {
            case OrcRegister.Undefined:
                next.Bp = next.Regs is { Full: true } saved ? saved.Bp : state.Bp;
                break;
            case OrcRegister.PreviousSp:
                if (!memory.TryU64(at + entry.BpOffset, out next.Bp))
                    return $"rbp at {at + entry.BpOffset} {memory.Read(at + entry.BpOffset, new byte[8]).Words()}";
                break;
            case OrcRegister.Bp:
                VirtualAddress kept = new VirtualAddress(state.Bp) + entry.BpOffset;
                if (!memory.TryU64(kept, out next.Bp))
                    return $"rbp at {kept} {memory.Read(kept, new byte[8]).Words()}";
                break;
            default:
                return $"rbp is kept in a way that is not known ({entry.Bp})";
        }
        if (next.Regs is not { UserMode: true } && (next.Sp & 7) != 0)
            return $"{next.Sp:x16} is no stack pointer";
        state = next;
        return null;
    }

    private static State From(PtRegs regs, PtRegs? previous) =>
        new() { Ip = regs.Ip.Value, Sp = regs.Sp.Value, Bp = regs.Bp, Regs = regs, Previous = previous, Signal = true };

    private static ulong? Base(State state, OrcEntry entry)
    {
        ulong? register = entry.Sp switch
        {
            OrcRegister.Sp or OrcRegister.SpIndirect => state.Sp,
            OrcRegister.Bp or OrcRegister.BpIndirect => state.Bp,
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
        return entry.Sp == OrcRegister.SpIndirect || entry.Sp is OrcRegister.R10 or OrcRegister.R13 or OrcRegister.Di or OrcRegister.Dx or OrcRegister.Ax
            ? value : unchecked(value + (ulong)(long)entry.SpOffset);
    }

    private static FrameKind KindOf(string? symbol) => symbol switch
    {
        null => FrameKind.Exception,
        _ when symbol.StartsWith("entry_", StringComparison.Ordinal) || symbol.StartsWith("ret_from_fork", StringComparison.Ordinal)
            || symbol.StartsWith("syscall_return", StringComparison.Ordinal) => FrameKind.Syscall,
        _ when symbol.Contains("sysvec_", StringComparison.Ordinal) || symbol.Contains("interrupt", StringComparison.Ordinal)
            || symbol.StartsWith("ret_from_intr", StringComparison.Ordinal) || symbol.Contains("irq_entries", StringComparison.Ordinal) => FrameKind.Interrupt,
        _ => FrameKind.Exception,
    };

    /// <summary>
    /// After proof has ended: frame pointers while they chain upwards to return addresses, else every word of the rest of the stack that
    /// points behind a call instruction.
    /// </summary>
    private Stack Guess(List<Frame> frames, State state, string why)
    {
        // An entry that cannot be gone on from may itself be wild: the first frame came from registers, later ones were proven by their callee.
        ulong bp = state.Bp, sp = state.Sp;
        int guesses = 0;
        while (guesses < MaxGuesses && bp > sp && bp - sp < StackReach && (bp & 7) == 0
            && memory.TryU64(new VirtualAddress(bp) + 8, out ulong ret) && AfterCall(ret) && memory.TryU64(new VirtualAddress(bp), out ulong up))
        {
            sp = unchecked(bp + 16);
            frames.Add(new Frame(new VirtualAddress(ret), new VirtualAddress(sp), Locate(ret - 1, false), FrameKind.Guess, null));
            guesses++;
            bp = up;
        }
        if (guesses > 0)
            return new Stack(frames, why, null);
        ulong end = (sp | (16 << 10) - 1) + 1;
        for (ulong at = sp & ~7UL; at < end && at >= 1UL << 63 && guesses < MaxGuesses; at += 8)
        {
            if (!memory.TryU64(new VirtualAddress(at), out ulong word))
                break;
            if (!AfterCall(word))
                continue;
            frames.Add(new Frame(new VirtualAddress(word), new VirtualAddress(at + 8), Locate(word - 1, false), FrameKind.Guess, null));
            guesses++;
        }
        return new Stack(frames, why, null);
    }

    /// <summary>Kernel code right behind call rel32 or call r/m64.</summary>
    private bool AfterCall(ulong address)
    {
        if (address < X8664Memory.StartKernelMap || Locate(address - 1, false) is null)
            return false;
        Span<byte> code = stackalloc byte[7];
        if (!memory.TryRead(new VirtualAddress(address - 7), code))
            return false;
        return code[2] == 0xE8 || IsCallModRm(code[5..]) || IsCallModRm(code[4..]) || IsCallModRm(code[1..]) || IsCallModRm(code);

        static bool IsCallModRm(ReadOnlySpan<byte> code) => code[0] == 0xFF && (code[1] >> 3 & 7) == 2;
    }

    private Location? Locate(ulong address, bool exact)
    {
        if (!located.TryGetValue(address, out Location? location))
            located[address] = location = vmcore.Locate(new VirtualAddress(address));
        return exact || location is not { } before ? location : before with { Offset = before.Offset + 1 };
    }

    private OrcEntry? Entry(VirtualAddress address)
    {
        if (vmcore.Modules.Value?.At(address) is not { } module)
            return located.TryGetValue(address.Value, out Location? known) && known is null ? null : orc?.Find(address);
        if (!moduleTables.TryGetValue(module, out Orc? table))
            moduleTables[module] = table = OfModule(module);
        return table?.Find(address);
    }

    /// <summary>module.arch: num_orcs, orc_unwind_ip, orc_unwind.</summary>
    private Orc? OfModule(KernelModule module)
    {
        try
        {
            StructReader arch = module.Struct.Inner("arch");
            uint count = arch.U32("num_orcs");
            if (count is 0 or > Orc.MaxEntries)
                return null;
            return Orc.Read(memory, arch.Pointer("orc_unwind_ip"), arch.Pointer("orc_unwind"), (int)count, null, orc?.Version);
        }
        catch (InputException)
        {
            // The frame that needs it becomes a guess, with the reason "no ORC entry".
            return null;
        }
    }

    private struct State
    {
        public ulong Ip;
        public ulong Sp;
        public ulong Bp;
        public PtRegs? Regs;
        public PtRegs? Previous;
        public bool Signal;

        /// <summary>Registers other than rip, rsp and rbp are known only right after they were saved.</summary>
        public readonly PtRegs? Known => Regs is { Full: true } ? Regs : Previous is { Full: true } ? Previous : null;
    }
}
