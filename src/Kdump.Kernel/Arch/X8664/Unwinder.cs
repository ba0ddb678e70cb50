using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Symbols;
using Kdump.Kernel.Types;
using Kdump.Kernel.Unwind;

namespace Kdump.Kernel.Arch.X8664;

/// <summary>
/// Walks kernel stacks with ORC, as arch/x86/kernel/unwind_orc.c does for a live one: through interrupt, exception and entry stacks by
/// the registers saved there, to user mode or the end of a kernel thread. Frames that cannot be proven are marked as guesses.
/// </summary>
public sealed class Unwinder : StackWalker
{
    private const int MaxFrames = 512;
    private const int MaxGuesses = 64;
    private const int MaxSwitches = 16;
    private const int MaxDepth = 3;
    private const int MaxTries = 32;
    private const int MaxReturns = 256;
    private const ulong StackReach = 64 << 10;
    private const ulong LargestFrame = 4096;

    private readonly CrashedKernel kernel;
    private readonly KernelMemory memory;
    private readonly Layer<Orc> orc;
    private readonly OrcTables tables;
    private readonly Dictionary<ulong, Location?> located = [];

    public Unwinder(CrashedKernel kernel)
    {
        this.kernel = kernel;
        memory = kernel.Memory;
        orc = Layer<Orc>.Of(() => Orc.OfImage(kernel));
        tables = new OrcTables(kernel, orc.Value);
    }

    public override (string Status, MemoryState? Missing) Tables => (orc.Status, orc.Missing);

    /// <summary>Version of the table's layout; null if there is no table.</summary>
    public OrcVersion? Version => orc.Value?.Version;

    public override Stack FromRegisters(Registers registers)
    {
        if (registers.UserMode)
            return new Stack([], null, registers);
        PtRegs regs = (PtRegs)registers;
        return Walk(new UnwindState { Ip = regs.Ip.Value, Sp = regs.Sp.Value, Bp = regs.Bp, Regs = regs,
            Signal = true });
    }

    /// <summary>
    /// Walks an exception stack and continues from there. The walk begins at the lowest return address on it (after a call of
    /// <paramref name="callee"/>, if not null) from which ORC leads to the registers that the exception saved. Null if there is no such
    /// address.
    /// </summary>
    public Stack? Through(ExceptionStack stack, VirtualAddress? callee)
    {
        int tries = 0;
        for (VirtualAddress at = stack.Start; at < stack.SavedAt && tries < MaxReturns; at += 8)
        {
            if (!memory.TryU64(at, out ulong word) ||
                (callee is { } function ? !CallBefore.To(memory, function.Value, word) : !IsReturn(word)))
                continue;
            tries++;
            Stack walked = Walk(new UnwindState { Ip = word, Sp = (at + 8).Value, BpUnknown = true }, callee is null ? MaxDepth : 0);
            if (walked.Proven && walked.Frames.Any(stack.SavedBy))
                return walked;
        }
        return null;
    }

    public override Stack FromSleep(TaskStruct task) => FromSleep(task.SleepingSp);

    /// <summary>Walks the stack of a CPU. If the CPU was handling a double fault, the frames on the stack of #DF come first.</summary>
    public override Stack OfCpu(int cpu, Registers registers)
    {
        Stack? fault = ExceptionStack.OfDoubleFault(kernel, cpu) is { } stack && stack.Saved.Ip == registers.Ip &&
            stack.Saved.Sp == registers.Sp && kernel.FindSymbol("machine_kexec") is { } end ? Through(stack, end) : null;
        return fault ?? FromRegisters(registers);
    }

    /// <summary>
    /// Walks the stack of a CPU without registers, by the NMI that it may have been handling. This shows where the CPU was before the
    /// NMI, but not for sure what it did afterwards.
    /// </summary>
    public override Stack? WithoutRegisters(int cpu, string why)
    {
        if (ExceptionStack.OfNmi(kernel, cpu) is not { } stack || Through(stack, null) is not { } walked)
            return null;
        List<Frame> frames = [.. walked.Frames];
        for (int i = 0; !stack.SavedBy(frames[i]); i++)
            frames[i] = frames[i] with { Kind = FrameKind.Guess };
        return walked with { Frames = frames, Stopped = $"{why}: it was handling an NMI" };
    }

    /// <summary>
    /// Walks the stack of a sleeping task from thread.sp: struct inactive_task_frame, arch/x86/include/asm/switch_to.h.
    /// </summary>
    public Stack FromSleep(VirtualAddress sp)
    {
        StructType? layout = kernel.Btf.Value?.Struct("inactive_task_frame");
        int size = layout?.Size ?? 56;
        int bpAt = layout?.Find("bp")?.Offset ?? size - 16, retAt = layout?.Find("ret_addr")?.Offset ?? size - 8;
        if (!memory.TryU64(sp + bpAt, out ulong bp) || !memory.TryU64(sp + retAt, out ulong ret))
        {
            MemoryState state = memory.Read(sp, new byte[8]);
            return new Stack([], $"its stack at {sp} {state.Words()}", null) { Missing = state };
        }
        string? name = Locate(ret, exact: true)?.Symbol;
        return Walk(new UnwindState { Ip = ret, Sp = (sp + size).Value, Bp = bp, Signal = name is "ret_from_fork" or "ret_from_fork_asm" });
    }

    private Stack Walk(UnwindState state, int depth = 0)
    {
        List<Frame> frames = [];
        int downward = 0;
        while (frames.Count < MaxFrames)
        {
            // A return address follows its call, which may be the last instruction of the caller, so look up the byte before it.
            ulong lookup = state.Signal ? state.Ip : unchecked(state.Ip - 1);
            Location? location = Locate(lookup, state.Signal);
            // An address outside of code is not accepted as proven, unless saved registers show that the processor was there.
            frames.Add(new Frame(new VirtualAddress(state.Ip), new VirtualAddress(state.Sp), location,
                location is null && state.Regs is null ? FrameKind.Guess : FrameKind.Call, null) { Exact = state.Signal });
            OrcEntry? found = tables.Find(new VirtualAddress(lookup), symbol: location is not null);
            if (found is not { Type: not OrcType.Undefined } entry)
            {
                return Bridge(frames, state, location, depth) ?? Guess(frames, state, depth, location switch
                {
                    null => $"{state.Ip:x16} is not kernel code with a symbol",
                    _ when found is null => "no ORC entry covers this frame",
                    _ => "ORC does not describe this frame",
                });
            }
            if (entry.Type == OrcType.EndOfStack)
                return new Stack(frames, null, null);
            ulong before = state.Sp;
            if (OrcStep.ToCaller(memory, ref state, entry) is { } trouble)
                return Guess(frames, state, depth, trouble.Why) with { Missing = trouble.State };
            if (entry.Type is not OrcType.Call)
            {
                frames[^1] = frames[^1] with { Kind = KindOf(location?.Symbol), Registers = state.Regs };
                if (state.Regs!.UserMode)
                    return new Stack(frames, null, state.Regs);
            }
            // The frame of a plain call's caller is higher on the same stack. Saved registers and a saved rsp may be on any stack, but
            // the number of changes is limited. asm_call_on_stack and similar functions (5.8 to 5.11) switch stacks and record it only in
            // rbp.
            bool switches = entry.Type != OrcType.Call || entry.Sp is OrcRegister.SpIndirect or OrcRegister.BpIndirect
                || (entry.Sp == OrcRegister.Bp && location?.Symbol.StartsWith("asm_call_", StringComparison.Ordinal) == true);
            bool up = state.Sp > before;
            if (switches ? !up && ((before ^ state.Sp) < KernelMemory.BlockPage || ++downward > MaxSwitches) : !up ||
                state.Sp - before >= StackReach)
                return Guess(frames, state, depth, $"the stack pointer went from {before:x16} to {state.Sp:x16}");
        }
        return new Stack(frames, $"more than {MaxFrames} frames", null);
    }

    /// <summary>
    /// Continues past a function without ORC entries (STACK_FRAME_NON_STANDARD: __crash_kexec, with which every panic ends): searches the
    /// stack for a return address after a direct call to that function. The nearest such word counts as proven if the walk from there
    /// reaches the end. First rbp is assumed to be unchanged by the function; this is rejected if a caller's frame is inconsistent with
    /// it.
    /// </summary>
    private Stack? Bridge(List<Frame> frames, UnwindState state, Location? location, int depth)
    {
        if (depth >= MaxDepth)
            return null;
        if (location is not { } inside)
            return WildJump(frames, state, depth);
        ulong start = unchecked(state.Ip - inside.Offset);
        for (ulong at = (state.Sp + 7) & ~7UL; at - state.Sp < LargestFrame; at += 8)
        {
            if (!memory.TryU64(new VirtualAddress(at), out ulong word))
                return null;
            if (!CallBefore.To(memory, start, word))
                continue;
            Stack rest = Walk(new UnwindState { Ip = word, Sp = at + 8, Bp = state.Bp, BpUnknown = state.BpUnknown }, depth + 1);
            if (rest.Stopped is not null)
                return null;
            frames.AddRange(rest.Frames);
            return rest with { Frames = frames };
        }
        return null;
    }

    /// <summary>A call through a bad pointer (often NULL): rip is outside of code, and the word at rsp is the return address.</summary>
    private Stack? WildJump(List<Frame> frames, UnwindState state, int depth)
    {
        if (state.Regs is null || !memory.TryU64(new VirtualAddress(state.Sp), out ulong caller) || !IsReturn(caller))
            return null;
        Stack rest = Walk(new UnwindState { Ip = caller, Sp = unchecked(state.Sp + 8), Bp = state.Bp }, depth + 1);
        if (rest.Stopped is not null)
            return null;
        frames.AddRange(rest.Frames);
        return rest with { Frames = frames };
    }

    private static FrameKind KindOf(string? symbol) => symbol switch
    {
        null => FrameKind.Exception,
        _ when symbol.StartsWith("entry_", StringComparison.Ordinal) || symbol.StartsWith("ret_from_fork", StringComparison.Ordinal)
            || symbol.StartsWith("syscall_return", StringComparison.Ordinal) => FrameKind.Syscall,
        _ when symbol.Contains("sysvec_", StringComparison.Ordinal) || symbol.Contains("interrupt", StringComparison.Ordinal)
            || symbol.StartsWith("ret_from_intr", StringComparison.Ordinal) || symbol.Contains("irq_entries", StringComparison.Ordinal) =>
                FrameKind.Interrupt,
        _ => FrameKind.Exception,
    };

    /// <summary>
    /// Continues after the last proven frame. On a kernel with frame pointers, follows them as long as they lead to higher addresses and
    /// to return addresses. Otherwise continues from the first word of the stack that points after a call and from which ORC leads to the
    /// end; otherwise lists every such word. All these frames are marked as guesses.
    /// </summary>
    private Stack Guess(List<Frame> frames, UnwindState state, int depth, string why)
    {
        if (depth >= MaxDepth)
            return new Stack(frames, why, null);
        int proven = frames.Count;
        if (!tables.Any || frames[^1].Location is null)
            FollowFramePointers(frames, state);
        if (frames.Count > proven)
            return new Stack(frames, why, null);
        int tries = 0;
        ulong end = (state.Sp | ((ulong)kernel.StackSize - 1)) + 1;
        for (ulong at = state.Sp & ~7UL; at < end && at >= 1UL << 63 && frames.Count - proven < MaxGuesses; at += 8)
        {
            if (!memory.TryU64(new VirtualAddress(at), out ulong word))
                break;
            if (!IsReturn(word))
                continue;
            if (tables.Any && ++tries <= MaxTries &&
                Walk(new UnwindState { Ip = word, Sp = at + 8, BpUnknown = true }, MaxDepth) is { Stopped: null } rest)
            {
                frames.RemoveRange(proven, frames.Count - proven);
                frames.AddRange(rest.Frames.Select(f => f with { Kind = FrameKind.Guess }));
                return new Stack(frames, why, rest.UserRegisters);
            }
            frames.Add(new Frame(new VirtualAddress(word), new VirtualAddress(at + 8), Locate(word - 1, false), FrameKind.Guess, null));
        }
        return new Stack(frames, why, null);
    }

    private void FollowFramePointers(List<Frame> frames, UnwindState state)
    {
        ulong bp = state.BpUnknown ? 0 : state.Bp, sp = state.Sp;
        for (int guesses = 0; guesses < MaxGuesses && bp > sp && bp - sp < StackReach && (bp & 7) == 0; guesses++)
        {
            if (!memory.TryU64(new VirtualAddress(bp) + 8, out ulong ret) || !IsReturn(ret) ||
                !memory.TryU64(new VirtualAddress(bp), out ulong up))
                return;
            sp = unchecked(bp + 16);
            frames.Add(new Frame(new VirtualAddress(ret), new VirtualAddress(sp), Locate(ret - 1, false), FrameKind.Guess, null));
            bp = up;
        }
    }

    /// <summary>True if the address is kernel code directly after a call.</summary>
    private bool IsReturn(ulong address) =>
        address >= X8664Memory.StartKernelMap && Locate(address - 1, false) is not null && CallBefore.Any(memory, address);

    private Location? Locate(ulong address, bool exact)
    {
        if (!located.TryGetValue(address, out Location? location))
            located[address] = location = kernel.Locate(new VirtualAddress(address));
        return exact || location is not { } before ? location : before with { Offset = before.Offset + 1 };
    }
}
