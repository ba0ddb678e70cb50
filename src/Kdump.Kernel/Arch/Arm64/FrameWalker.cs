using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Symbols;
using Kdump.Kernel.Types;
using Kdump.Kernel.Unwind;

namespace Kdump.Kernel.Arch.Arm64;

/// <summary>
/// Walks kernel stacks by their frame records, as arch/arm64/kernel/stacktrace.c does for a live one: x29 points to the caller's x29 and
/// the return address, across the IRQ, overflow and SDEI stacks and through the registers that exceptions saved, to user mode or the end
/// of a kernel thread. A return address must follow a call instruction. Frames that cannot be proven are marked as guesses.
/// </summary>
public sealed class FrameWalker : StackWalker
{
    private const int MaxFrames = 512;
    private const int MaxGuesses = 64;
    private const int MaxSwitches = 16;
    private const ulong StackReach = 64 << 10;

    /// <summary>
    /// The entry of events that firmware delivers (SDEI), arch/arm64/kernel/entry.S: its frame record contains the interrupted x29 and
    /// pc, or two zeros if a program was interrupted. The interrupted x30 is not in it.
    /// </summary>
    private const string FirmwareEvent = "__sdei_asm_handler";

    private readonly CrashedKernel kernel;
    private readonly KernelMemory memory;
    private readonly SavedRegisters savedRegisters;
    private readonly ReplacedReturns replaced;
    private readonly ulong authentication;
    private readonly Dictionary<ulong, Location?> located = [];

    public FrameWalker(CrashedKernel kernel)
    {
        this.kernel = kernel;
        memory = kernel.Memory;
        savedRegisters = new SavedRegisters(kernel);
        replaced = new ReplacedReturns(kernel);
        authentication = kernel.Keys.Number("KERNELPACMASK") ?? 0;
    }

    public override (string Status, MemoryState? Missing) Tables => ("ok", null);

    public override Stack FromRegisters(Registers registers) => FromRegisters((Arm64Registers)registers, null);

    /// <summary>Walks the stack of a CPU. Return addresses that tracers replaced are looked up in the task that ran there.</summary>
    public override Stack OfCpu(int cpu, Registers registers)
    {
        StructReader? task = null;
        try
        {
            task = kernel.Btf.Value is null || kernel.PerCpu.Value is null ? null
                : kernel.At("task_struct", RunQueue.Read(kernel, cpu).Current);
        }
        catch (InputException)
        {
            // Without the task, a replaced return address is shown as the tracer's trampoline.
        }
        return FromRegisters((Arm64Registers)registers, task);
    }

    /// <summary>
    /// Walks the stack of a sleeping task from thread.cpu_context, where cpu_switch_to() saved x29, sp and the return address.
    /// </summary>
    public override Stack FromSleep(TaskStruct task)
    {
        StructReader of = task.Struct;
        ulong pc = of.U64("thread.cpu_context.pc");
        Location? location = Locate(pc);
        return Walk(new State
        {
            Ip = pc, Fp = of.U64("thread.cpu_context.fp"), Sp = of.U64("thread.cpu_context.sp"),
            Exact = location is { Offset: 0 } or { Symbol: "ret_from_fork" },
        }, of);
    }

    private Stack FromRegisters(Arm64Registers registers, StructReader? task) =>
        registers.UserMode ? new Stack([], null, registers) : Walk(State.Of(registers), task);

    private Stack Walk(State state, StructReader? task)
    {
        List<Frame> frames = [];
        ReplacedReturns.Walk returns = replaced.Of(task);
        int switches = 0;
        while (frames.Count < MaxFrames)
        {
            Location? location = state.Exact ? Locate(state.Ip) : Before(state.Ip);
            // An address outside of code is not accepted as proven, unless saved registers show that the processor was there.
            bool code = location is null ? InUnknownModule(state.Ip)
                : state.Exact || Code.MayReturnTo(memory, state.Ip) || replaced.IsTrampoline(state.Ip);
            frames.Add(new Frame(new VirtualAddress(state.Ip), new VirtualAddress(state.Sp), location,
                code || state.Registers is not null ? FrameKind.Call : FrameKind.Guess, null) { Exact = state.Exact });
            if (!code && state.Registers is null)
                return Guess(frames, state, location is null ? $"{state.Ip:x16} is not kernel code with a symbol"
                    : $"{state.Ip:x16} is not a return address: there is no call before it");
            if (state.Registers is { } interrupted && ByLink(interrupted, location) is { } link)
            {
                state = new State { Ip = link, Fp = state.Fp, Sp = state.Sp };
                continue;
            }
            if (state.Fp == 0)
                return new Stack(frames, null, null);
            if (Record(state.Fp, out ulong fp, out ulong lr) is { } missing)
                return new Stack(frames, $"the frame record at {state.Fp:x16} {missing.Words()}", null) { Missing = missing };
            if ((state.Fp & 7) != 0)
                return Guess(frames, state, $"{state.Fp:x16} is not the address of a frame record");
            ulong from = state.Fp;
            if (savedRegisters.Of(from, fp, lr) is { } saved)
            {
                FrameKind kind = KindOf(location?.Symbol, saved.Syscall);
                if (saved.Registers is { } registers)
                    frames[^1] = frames[^1] with { Kind = kind, Registers = registers };
                if (saved.Last)
                    return new Stack(frames, null, saved.Registers);
                state = State.Of(saved.Registers!);
            }
            else
            {
                ulong back = Plain(lr);
                if (replaced.IsTrampoline(back) && returns.Original(back) is { } original)
                    back = Plain(original);
                state = new State
                {
                    Ip = back, Fp = fp, Sp = unchecked(from + 16), Exact = location is { Symbol: FirmwareEvent, Module: null },
                };
            }
            // Callers are at higher addresses of the same stack. Another stack may be at any address, but the number of changes between
            // stacks is limited.
            bool up = state.Fp == 0 || state.Fp > from;
            bool away = state.Fp != 0 && (!up || state.Fp - from >= StackReach);
            if (away && ((from ^ state.Fp) < KernelMemory.BlockPage / 4 || ++switches > MaxSwitches))
                return Guess(frames, state, $"the frame pointer went from {from:x16} to {state.Fp:x16}");
        }
        return new Stack(frames, $"more than {MaxFrames} frames", null);
    }

    /// <summary>The return address of the interrupted function, if it is in x30 and not in a record.</summary>
    private ulong? ByLink(Arm64Registers interrupted, Location? location)
    {
        ulong link = Plain(interrupted.Lr);
        // A call through a bad pointer: pc is outside of code, and x30 contains the return address.
        if (location is not { } inside)
            return Before(link) is not null && Code.MayReturnTo(memory, link) ? link : null;
        if (Before(link) is null || !Code.MayReturnTo(memory, link))
            return null;
        if (FrameState.ReturnsByLink(memory, interrupted.Ip.Value, inside) is { } told)
            return told ? link : null;
        ulong start = unchecked(interrupted.Ip.Value - inside.Offset);
        bool byRecord = Record(interrupted.Fp, out _, out ulong lr) is null && Code.Called(memory, Plain(lr), start);
        return !byRecord && Code.Called(memory, link, start) ? link : null;
    }

    /// <summary>
    /// True for an address after a call that has no symbol because the addresses of modules are not known (a kernel without
    /// CONFIG_KALLSYMS_ALL).
    /// </summary>
    private bool InUnknownModule(ulong address) => kernel.Modules.Value is null && (address & 3) == 0 &&
        memory.TryU32(new VirtualAddress(unchecked(address - Code.Bytes)), out uint before) && Code.Calls(before);

    /// <summary>Reads a frame record; returns null, or the state of its memory if that is missing.</summary>
    private MemoryState? Record(ulong at, out ulong fp, out ulong lr)
    {
        Span<byte> raw = stackalloc byte[16];
        MemoryState state = memory.Read(new VirtualAddress(at), raw);
        bool there = state == MemoryState.Present;
        fp = there ? System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(raw) : 0;
        lr = there ? System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(raw[8..]) : 0;
        return there ? null : state;
    }

    /// <summary>A return address without the pointer authentication code (PAC); bit 55 determines the upper bits.</summary>
    private ulong Plain(ulong address)
    {
        if (authentication == 0)
            return address;
        return (address >> 55 & 1) != 0 ? address | authentication : address & ~authentication;
    }

    private static FrameKind KindOf(string? symbol, bool syscall) => symbol switch
    {
        _ when syscall => FrameKind.Syscall,
        null => FrameKind.Exception,
        _ when symbol.Contains("_irq", StringComparison.Ordinal) || symbol.Contains("_fiq", StringComparison.Ordinal) =>
            FrameKind.Interrupt,
        _ => FrameKind.Exception,
    };

    /// <summary>
    /// Continues after the last proven frame: follows records at rising addresses that contain return addresses. All these frames are
    /// marked as guesses.
    /// </summary>
    private Stack Guess(List<Frame> frames, State state, string why)
    {
        ulong fp = state.Fp;
        for (int guesses = 0; guesses < MaxGuesses && fp != 0 && (fp & 7) == 0; guesses++)
        {
            if (Record(fp, out ulong up, out ulong lr) is not null)
                break;
            VirtualAddress caller = new(Plain(lr));
            if (Before(caller.Value) is not { } location || !Code.MayReturnTo(memory, caller.Value))
                break;
            frames.Add(new Frame(caller, new VirtualAddress(unchecked(fp + 16)), location, FrameKind.Guess, null));
            if (up <= fp || up - fp >= StackReach)
                break;
            fp = up;
        }
        return new Stack(frames, why, null);
    }

    /// <summary>The symbol of the call instruction before a return address, with the offset of the return address.</summary>
    private Location? Before(ulong address) =>
        Locate(unchecked(address - 1)) is { } before ? before with { Offset = before.Offset + 1 } : null;

    private Location? Locate(ulong address)
    {
        if (!located.TryGetValue(address, out Location? location))
            located[address] = location = kernel.Locate(new VirtualAddress(address));
        return location;
    }

    /// <summary>The current state of a walk.</summary>
    private readonly record struct State
    {
        public ulong Ip { get; init; }

        public ulong Fp { get; init; }

        public ulong Sp { get; init; }

        /// <summary>True if Ip is the address of the instruction itself, not a return address after a call.</summary>
        public bool Exact { get; init; }

        /// <summary>The registers that the processor saved there; they prove the frame.</summary>
        public Arm64Registers? Registers { get; init; }

        public static State Of(Arm64Registers saved) =>
            new() { Ip = saved.Ip.Value, Fp = saved.Fp, Sp = saved.Sp.Value, Exact = true, Registers = saved };
    }
}
