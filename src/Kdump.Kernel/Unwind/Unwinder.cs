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
    private const int MaxDepth = 3;
    private const int MaxTries = 32;
    private const ulong StackReach = 64 << 10;
    private const ulong StackSize = 16 << 10;
    private const ulong LargestFrame = 4096;

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

    private Stack Walk(State state, int depth = 0)
    {
        List<Frame> frames = [];
        int downward = 0;
        while (frames.Count < MaxFrames)
        {
            // A return address lies behind its call, which may be the last instruction of the caller.
            ulong lookup = state.Signal ? state.Ip : unchecked(state.Ip - 1);
            Location? location = Locate(lookup, state.Signal);
            // What is no code proves nothing, unless the registers themselves say that the processor was there.
            frames.Add(new Frame(new VirtualAddress(state.Ip), new VirtualAddress(state.Sp), location,
                location is null && state.Regs is null ? FrameKind.Guess : FrameKind.Call, null));
            OrcEntry? found = Entry(new VirtualAddress(lookup));
            if (found is not { Type: not OrcType.Undefined } entry)
            {
                return Bridge(frames, state, location, depth) ?? Guess(frames, state, depth, location is null
                    ? $"{state.Ip:x16} is no kernel code that has a symbol" : found is null ? "no ORC entry covers this frame" : "ORC does not describe this frame");
            }
            if (entry.Type == OrcType.EndOfStack)
                return new Stack(frames, null, null);
            ulong before = state.Sp;
            if (Step(ref state, entry) is { } trouble)
                return Guess(frames, state, depth, trouble);
            if (entry.Type is not OrcType.Call)
            {
                frames[^1] = frames[^1] with { Kind = KindOf(location?.Symbol), Registers = state.Regs };
                if (state.Regs!.UserMode)
                    return new Stack(frames, null, state.Regs);
            }
            // A plain call goes up its own stack. Saved registers and a saved rsp may lie on any stack, but one cannot be left again and again.
            // asm_call_on_stack and its kin (5.8 to 5.11) switch stacks with nothing but rbp to tell of it.
            bool switches = entry.Type != OrcType.Call || entry.Sp is OrcRegister.SpIndirect or OrcRegister.BpIndirect
                || (entry.Sp == OrcRegister.Bp && location?.Symbol.StartsWith("asm_call_", StringComparison.Ordinal) == true);
            bool up = state.Sp > before;
            if (switches ? !up && ((before ^ state.Sp) < KernelMemory.BlockPage || ++downward > MaxSwitches) : !up || state.Sp - before >= StackReach)
                return Guess(frames, state, depth, $"the stack pointer went from {before:x16} to {state.Sp:x16}");
        }
        return new Stack(frames, $"more than {MaxFrames} frames", null);
    }

    /// <summary>
    /// Past a function that ORC leaves out (STACK_FRAME_NON_STANDARD: __crash_kexec, with which every panic ends): its caller left a return
    /// address behind a direct call to its very start. The nearest such word counts as proof when the walk from there reaches the end;
    /// that the function left rbp alone is tried, and wrong when a caller's frame does not hold together with it.
    /// </summary>
    private Stack? Bridge(List<Frame> frames, State state, Location? location, int depth)
    {
        if (depth >= MaxDepth)
            return null;
        if (location is not { } inside)
            return WildJump(frames, state, depth);
        ulong start = unchecked(state.Ip - inside.Offset);
        Span<byte> call = stackalloc byte[5];
        for (ulong at = (state.Sp + 7) & ~7UL; at - state.Sp < LargestFrame; at += 8)
        {
            if (!memory.TryU64(new VirtualAddress(at), out ulong word))
                return null;
            if (word < X8664Memory.StartKernelMap || !memory.TryRead(new VirtualAddress(word - 5), call) || call[0] != 0xE8
                || unchecked(word + (ulong)(long)System.Buffers.Binary.BinaryPrimitives.ReadInt32LittleEndian(call[1..])) != start)
                continue;
            Stack rest = Walk(new State { Ip = word, Sp = at + 8, Bp = state.Bp, BpUnknown = state.BpUnknown }, depth + 1);
            if (rest.Stopped is not null)
                return null;
            frames.AddRange(rest.Frames);
            return rest with { Frames = frames };
        }
        return null;
    }

    /// <summary>A call through a bad pointer (NULL, often): the processor stands where no code is, and the word at its rsp is where it came from.</summary>
    private Stack? WildJump(List<Frame> frames, State state, int depth)
    {
        if (state.Regs is null || !memory.TryU64(new VirtualAddress(state.Sp), out ulong caller) || !AfterCall(caller))
            return null;
        Stack rest = Walk(new State { Ip = caller, Sp = unchecked(state.Sp + 8), Bp = state.Bp }, depth + 1);
        if (rest.Stopped is not null)
            return null;
        frames.AddRange(rest.Frames);
        return rest with { Frames = frames };
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
                next.BpUnknown = next.Regs is not { Full: true } && state.BpUnknown;
                break;
            case OrcRegister.PreviousSp:
                next.BpUnknown = false;
                if (!memory.TryU64(at + entry.BpOffset, out next.Bp))
                    return $"rbp at {at + entry.BpOffset} {memory.Read(at + entry.BpOffset, new byte[8]).Words()}";
                break;
            case OrcRegister.Bp:
                if (state.BpUnknown)
                    return "rbp is not known";
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
    /// After proof has ended. On a kernel with frame pointers: while they chain upwards to return addresses. Else from the first word of the
    /// stack that points behind a call and from which ORC leads to the end; else every such word. All of it is marked as a guess.
    /// </summary>
    private Stack Guess(List<Frame> frames, State state, int depth, string why)
    {
        if (depth >= MaxDepth)
            return new Stack(frames, why, null);
        int proven = frames.Count;
        if (orc is null || frames[^1].Location is null)
            FollowFramePointers(frames, state);
        if (frames.Count > proven)
            return new Stack(frames, why, null);
        int tries = 0;
        ulong end = (state.Sp | (StackSize - 1)) + 1;
        for (ulong at = state.Sp & ~7UL; at < end && at >= 1UL << 63 && frames.Count - proven < MaxGuesses; at += 8)
        {
            if (!memory.TryU64(new VirtualAddress(at), out ulong word))
                break;
            if (!AfterCall(word))
                continue;
            if (orc is not null && ++tries <= MaxTries && Walk(new State { Ip = word, Sp = at + 8, BpUnknown = true }, MaxDepth) is { Stopped: null } rest)
            {
                frames.RemoveRange(proven, frames.Count - proven);
                frames.AddRange(rest.Frames.Select(f => f with { Kind = FrameKind.Guess }));
                return new Stack(frames, why, rest.UserRegisters);
            }
            frames.Add(new Frame(new VirtualAddress(word), new VirtualAddress(at + 8), Locate(word - 1, false), FrameKind.Guess, null));
        }
        return new Stack(frames, why, null);
    }

    private void FollowFramePointers(List<Frame> frames, State state)
    {
        ulong bp = state.BpUnknown ? 0 : state.Bp, sp = state.Sp;
        for (int guesses = 0; guesses < MaxGuesses && bp > sp && bp - sp < StackReach && (bp & 7) == 0; guesses++)
        {
            if (!memory.TryU64(new VirtualAddress(bp) + 8, out ulong ret) || !AfterCall(ret) || !memory.TryU64(new VirtualAddress(bp), out ulong up))
                return;
            sp = unchecked(bp + 16);
            frames.Add(new Frame(new VirtualAddress(ret), new VirtualAddress(sp), Locate(ret - 1, false), FrameKind.Guess, null));
            bp = up;
        }
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
        public bool BpUnknown;

        /// <summary>Registers other than rip, rsp and rbp are known only right after they were saved.</summary>
        public readonly PtRegs? Known => Regs is { Full: true } ? Regs : Previous is { Full: true } ? Previous : null;
    }
}
