using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Arch.X8664;
using Kdump.Kernel.Unwind;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Kernel.Arch.X8664;

/// <summary>A kernel of a few functions with an ORC table in the numbering of 6.4, and stacks as they call each other.</summary>
public sealed class UnwinderTests
{
    private const ushort Call = 0x0205, CallByBp = 0x0204, End = 0x0100, Undefined = 0, RegsAtSp = 0x0B05, PartialAtSp = 0x0C05,
        Indirect = 0x0209;
    private readonly KernelBuilder kernel = new();
    private readonly List<(ulong Ip, short Sp, short Bp, ushort Flags)> orc = [];
    private readonly VirtualAddress outer, middle, inner, entry, hidden;
    private readonly VirtualAddress stack;

    public UnwinderTests()
    {
        kernel.WithBtf = false;
        outer = Function("outer", 8, Call);
        middle = Function("middle", 24, Call);
        inner = Function("inner", 16, Call);
        entry = Function("entry_SYSCALL_64_after_hwframe", 0, RegsAtSp);
        hidden = Function("hidden", 0, Undefined);
        Function("ret_from_fork_asm", 0, End);
        Function("asm_exc_page_fault", 0, PartialAtSp);
        Function("uses_bp", 16, CallByBp);
        Function("stays", 0, Call);
        Function("switches", 8, Indirect);
        Function("asm_call_irq_on_stack", 16, CallByBp);
        stack = kernel.Memory.Allocate(16384, 16384);
    }

    [Fact]
    public void A_stack_is_walked_from_registers_to_the_end_of_a_kernel_thread()
    {
        Push(0x100, Return("middle"), 0, 0, Return("outer"), Return("ret_from_fork_asm"));
        Stack walked = Walk(inner + 5, stack + 0xF8);
        Assert.Equal(["inner", "middle", "outer", "ret_from_fork_asm"], Names(walked));
        Assert.True(walked.Proven);
        Assert.Equal(5UL, walked.Frames[0].Location!.Value.Offset);
        Assert.Equal(0x20UL, walked.Frames[1].Location!.Value.Offset);
    }

    [Fact]
    public void The_registers_of_a_syscall_end_in_user_mode_and_stand_at_its_entry()
    {
        Push(0x100, Return("outer"), Return("entry_SYSCALL_64_after_hwframe"));
        Registers(stack + 0x110, ip: 0x40_1234, sp: 0x7FFF_0000, cs: 0x33);
        Stack walked = Walk(inner + 5, stack + 0xF8);
        Assert.Equal(["inner", "outer", "entry_SYSCALL_64_after_hwframe"], Names(walked));
        Assert.Equal((FrameKind.Syscall, 0x40_1234UL), (walked.Frames[2].Kind, walked.UserRegisters!.Ip.Value));
        Assert.True(walked.Proven);
    }

    [Fact]
    public void An_exception_goes_on_with_the_interrupted_instruction_not_one_before_it()
    {
        Push(0x100, Return("asm_exc_page_fault"));
        VirtualAddress interrupted = stack + 0x400;
        kernel.Memory.U64(stack + 0x108, outer.Value).U64(stack + 0x110, 0x10).U64(stack + 0x120, interrupted.Value);
        kernel.Memory.U64(interrupted, Return("ret_from_fork_asm").Value);
        Stack walked = Walk(inner + 5, stack + 0xF8);
        Assert.Equal(["inner", "asm_exc_page_fault", "outer", "ret_from_fork_asm"], Names(walked));
        Assert.Equal((FrameKind.Exception, 0UL), (walked.Frames[1].Kind, walked.Frames[2].Location!.Value.Offset));
        Assert.False(((PtRegs)walked.Frames[1].Registers!).Full);
    }

    [Fact]
    public void An_interrupt_stack_leads_back_to_the_tasks()
    {
        VirtualAddress irq = kernel.Memory.Allocate(16384, 16384);
        kernel.Memory.U64(irq + 0x200, Return("switches").Value).U64(irq + 0x208, (stack + 0x100).Value);
        kernel.Memory.U64(stack + 0x100, Return("ret_from_fork_asm").Value);
        Stack walked = Walk(inner + 5, irq + 0x1F8);
        Assert.Equal(["inner", "switches", "ret_from_fork_asm"], Names(walked));
        Assert.True(walked.Proven);
    }

    /// <summary>5.8 to 5.11 leave the interrupt stack by rbp alone; any other function that jumps so far has a broken rbp.</summary>
    [Theory]
    [InlineData("asm_call_irq_on_stack", true)]
    [InlineData("uses_bp", false)]
    public void Only_the_function_that_switches_stacks_by_rbp_may_jump_to_another_one(string function, bool proven)
    {
        VirtualAddress irq = kernel.Memory.Allocate(16384, 16384);
        kernel.Memory.U64(irq + 0x200, Return(function).Value);
        kernel.Memory.U64(stack + 0x100, 0).U64(stack + 0x108, Return("ret_from_fork_asm").Value);
        Stack walked = Walk(inner + 5, irq + 0x1F8, bp: stack.Value + 0x100);
        Assert.Equal(proven, walked.Proven);
        if (proven)
            Assert.Equal(["inner", function, "ret_from_fork_asm"], Names(walked));
    }

    [Fact]
    public void A_page_of_the_stack_that_was_left_out_ends_the_walk_with_its_address()
    {
        Push(0xFF8, Return("middle"));
        kernel.Memory.Take(stack + 0x1000, MemoryState.Excluded);
        Stack walked = Walk(inner + 5, stack + 0xFF0);
        Assert.Equal(["inner", "middle"], Names(walked));
        Assert.Contains("excluded from the dump", walked.Stopped);
        Assert.False(walked.Proven);
    }

    [Fact]
    public void A_stack_pointer_that_does_not_move_ends_the_walk()
    {
        Push(0xF8, Return("stays"));
        Stack walked = Walk(Address("stays") + 5, stack + 0x100);
        Assert.Contains("the stack pointer went", walked.Stopped);
        Assert.InRange(walked.Frames.Count, 1, 70);
    }

    [Fact]
    public void Past_a_function_without_ORC_a_direct_call_to_it_is_proof()
    {
        // A stale word of another call lies below: only a call to the function itself counts.
        VirtualAddress after = CallSite(outer, hidden);
        Push(0x100, Return("middle"), 0x1234, after, Return("ret_from_fork_asm"));
        Stack walked = Walk(hidden + 5, stack + 0x100);
        Assert.Equal(["hidden", "outer", "ret_from_fork_asm"], Names(walked));
        Assert.True(walked.Proven);
    }

    [Fact]
    public void Past_a_function_without_ORC_what_merely_looks_right_is_a_guess()
    {
        VirtualAddress after = CallSite(outer, inner);
        Push(0x100, 0x1234, after, Return("ret_from_fork_asm"));
        Stack walked = Walk(hidden + 5, stack + 0x100);
        Assert.Equal(["hidden", "outer", "ret_from_fork_asm"], Names(walked));
        Assert.Equal([FrameKind.Call, FrameKind.Guess, FrameKind.Guess], walked.Frames.Select(f => f.Kind));
        Assert.Equal("ORC does not describe this frame", walked.Stopped);
    }

    [Fact]
    public void A_call_through_NULL_is_unwound_by_the_word_at_the_stack_pointer()
    {
        VirtualAddress after = CallSite(outer, inner);
        Push(0x100, after, Return("ret_from_fork_asm"));
        Stack walked = Walk(new VirtualAddress(0), stack + 0x100);
        Assert.Equal([null, "outer", "ret_from_fork_asm"], walked.Frames.Select(f => f.Location?.Symbol));
        Assert.True(walked.Proven);
    }

    [Fact]
    public void A_return_address_that_is_no_code_is_never_proven()
    {
        Push(0x100, 0x1234_5678);
        Stack walked = Walk(inner + 5, stack + 0xF8);
        Assert.Equal(FrameKind.Guess, walked.Frames[1].Kind);
        Assert.False(walked.Proven);
    }

    [Fact]
    public void A_sleeping_task_begins_at_its_saved_return_address()
    {
        // struct inactive_task_frame without BTF: r15 r14 r13 r12 bx bp ret_addr.
        Push(0x100 + 48, Return("outer"), Return("ret_from_fork_asm"));
        using Vmcore vmcore = Open();
        Stack walked = new Unwinder(vmcore).FromSleep(stack + 0x100);
        Assert.Equal(["outer", "ret_from_fork_asm"], Names(walked));
        Assert.Contains("is not mapped", new Unwinder(vmcore).FromSleep(new VirtualAddress(0xFFFF_C900_0000_0000)).Stopped);
    }

    [Fact]
    public void A_fault_on_a_stack_of_its_own_is_walked_from_the_innermost_call_of_the_crash()
    {
        (ExceptionStack fault, _) = FaultOnItsOwnStack();
        using Vmcore vmcore = Open();
        Stack walked = new Unwinder(vmcore).Through(fault, inner)!;
        Assert.Equal(["middle", "entry_SYSCALL_64_after_hwframe", "outer", "ret_from_fork_asm"], Names(walked));
        Assert.True(walked.Proven);
    }

    [Fact]
    public void What_an_earlier_fault_left_on_its_stack_is_not_taken_for_this_one()
    {
        (ExceptionStack fault, PtRegs other) = FaultOnItsOwnStack();
        using Vmcore vmcore = Open();
        Assert.Null(new Unwinder(vmcore).Through(fault with { Saved = other }, inner));
        Assert.Null(new Unwinder(vmcore).Through(fault, hidden));
    }

    [Fact]
    public void Without_a_call_to_look_for_the_lowest_return_address_that_leads_through_counts()
    {
        (ExceptionStack fault, _) = FaultOnItsOwnStack();
        // Stale, below, and leading nowhere; then one that leads into the live frames.
        VirtualAddress after = CallSite(outer, hidden);
        kernel.Memory.U64(fault.Start + 0x40, after.Value).U64(fault.Start + 0xF8, after.Value);
        using Vmcore vmcore = Open();
        Assert.Equal(["outer", "middle", "entry_SYSCALL_64_after_hwframe", "outer", "ret_from_fork_asm"],
            Names(new Unwinder(vmcore).Through(fault, null)!));
    }

    [Fact]
    public void Random_stacks_end_and_never_throw()
    {
        Random random = new(11);
        CallSite(outer, inner);
        using Vmcore vmcore = Open();
        ulong[] likely = [.. kernel.Symbols.Symbols.Select(s => s.Address + 0x20), stack.Value, (stack + 0x800).Value, 0, ulong.MaxValue,
            1UL << 63];
        Unwinder unwinder = new(vmcore);
        for (int round = 0; round < 300; round++)
        {
            // The pages of the dump are the builder's own: what is written now is what is read, but for the cache.
            byte[] raw = new byte[PtRegs.Bytes];
            for (int i = 0; i < 21; i++)
                BinaryPrimitives.WriteUInt64LittleEndian(raw.AsSpan(8 * i),
                    unchecked(likely[random.Next(likely.Length)] + (ulong)random.Next(64)));
            raw[17 * 8] = 0x10;
            Stack walked = unwinder.FromRegisters(PtRegs.Full21(raw)!);
            Assert.InRange(walked.Frames.Count, 1, 600);
        }
    }

    /// <summary>middle has called inner on a stack whose exception interrupted outer; and registers that no exception saved.</summary>
    private (ExceptionStack Fault, PtRegs Other) FaultOnItsOwnStack()
    {
        VirtualAddress own = kernel.Memory.Allocate(8192, 4096);
        kernel.Memory.U64(own + 0x100, CallSite(middle, inner).Value).U64(own + 0x118, Return("entry_SYSCALL_64_after_hwframe").Value);
        Registers(own + 0x120, ip: outer.Value, sp: stack.Value + 0x400, cs: 0x10);
        Push(0x400, Return("ret_from_fork_asm"));
        byte[] raw = new byte[PtRegs.Bytes];
        BinaryPrimitives.WriteUInt64LittleEndian(raw.AsSpan(19 * 8), stack.Value + 0x400);
        PtRegs other = PtRegs.Full21(raw)!;
        BinaryPrimitives.WriteUInt64LittleEndian(raw.AsSpan(16 * 8), outer.Value);
        return (new ExceptionStack(own, own + 0x120, PtRegs.Full21(raw)!), other);
    }

    private VirtualAddress Function(string name, short spOffset, ushort flags)
    {
        VirtualAddress at = kernel.Function(name, 0x40);
        orc.Add((at.Value, spOffset, 0, flags));
        return at;
    }

    private VirtualAddress Address(string name) => new(kernel.Symbols.Symbols.First(s => s.Name == name).Address);

    private VirtualAddress Return(string name) => Address(name) + 0x20;

    /// <summary>Writes a call to <paramref name="callee"/> into a function; the address behind it.</summary>
    private VirtualAddress CallSite(VirtualAddress caller, VirtualAddress callee)
    {
        VirtualAddress after = caller + 0x30;
        byte[] call = new byte[5];
        call[0] = 0xE8;
        BinaryPrimitives.WriteInt32LittleEndian(call.AsSpan(1),
            (int)((long)(callee.Value - MemoryBuilder.ImageStart) - (long)(after.Value - MemoryBuilder.ImageStart)));
        kernel.Memory.Write(after + -5, call);
        return after;
    }

    private void Push(int at, params object[] words)
    {
        foreach (object word in words)
        {
            kernel.Memory.U64(stack + at, word is VirtualAddress address ? address.Value : (ulong)(int)word);
            at += 8;
        }
    }

    private void Registers(VirtualAddress at, ulong ip, ulong sp, ulong cs) =>
        kernel.Memory.U64(at + 16 * 8, ip).U64(at + 17 * 8, cs).U64(at + 19 * 8, sp);

    private Vmcore Open()
    {
        VirtualAddress ips = kernel.Data("__start_orc_unwind_ip", 4 * orc.Count, 4);
        kernel.Symbols.Add("__stop_orc_unwind_ip", (ips + 4 * orc.Count).Value, 'R');
        VirtualAddress table = kernel.Data("__start_orc_unwind", 6 * orc.Count, 2);
        for (int i = 0; i < orc.Count; i++)
        {
            byte[] raw = new byte[6];
            BinaryPrimitives.WriteInt16LittleEndian(raw, orc[i].Sp);
            BinaryPrimitives.WriteInt16LittleEndian(raw.AsSpan(2), orc[i].Bp);
            BinaryPrimitives.WriteUInt16LittleEndian(raw.AsSpan(4), orc[i].Flags);
            kernel.Memory.U32(ips + 4 * i, unchecked((uint)(orc[i].Ip - (ips + 4 * i).Value))).Write(table + 6 * i, raw);
        }
        return kernel.Open();
    }

    private Stack Walk(VirtualAddress ip, VirtualAddress sp, ulong bp = 0)
    {
        byte[] raw = new byte[PtRegs.Bytes];
        BinaryPrimitives.WriteUInt64LittleEndian(raw.AsSpan(4 * 8), bp);
        BinaryPrimitives.WriteUInt64LittleEndian(raw.AsSpan(16 * 8), ip.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(raw.AsSpan(17 * 8), 0x10);
        BinaryPrimitives.WriteUInt64LittleEndian(raw.AsSpan(19 * 8), sp.Value);
        using Vmcore vmcore = Open();
        Assert.Equal(OrcVersion.Three, new Unwinder(vmcore).Version);
        return new Unwinder(vmcore).FromRegisters(PtRegs.Full21(raw)!);
    }

    private static IEnumerable<string?> Names(Stack stack) => stack.Frames.Select(f => f.Location?.Symbol);
}
