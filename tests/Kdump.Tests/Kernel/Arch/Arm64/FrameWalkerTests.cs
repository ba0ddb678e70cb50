using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Arch.Arm64;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Unwind;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Kernel.Arch.Arm64;

/// <summary>A kernel of a few functions in A64, and stacks of frame records as they call each other.</summary>
public sealed class FrameWalkerTests
{
    private const uint Stp = 0xA9BF_7BFD, MovFp = 0x9100_03FD, Bl = 0x9400_0000, Ldp = 0xA8C1_7BFD, Ret = 0xD65F_03C0, Nop = 0xD503_201F,
        Blr = 0xD63F_0060, Cbz = 0xB400_0000;
    private const ulong El1 = 0x5, El0 = 0x0;
    private const long RecordAt = 0x130;

    private readonly KernelBuilder kernel = new() { WithBtf = false };
    private readonly VirtualAddress stack, irqStack;

    public FrameWalkerTests()
    {
        kernel.Info.Append("NUMBER(VA_BITS)=48\nNUMBER(kimage_voffset)=0xffffffff80000000\nNUMBER(PHYS_OFFSET)=0x0\n");
        foreach (string name in (string[])["outer", "middle", "inner", "el0t_64_sync", "el1h_64_irq", "call_on_irq_stack",
            "ret_from_fork", "kthread", "__sdei_asm_handler"])
            Function(name, Stp, MovFp, Nop, Bl, Nop, Nop, Ldp, Ret);
        // A leaf that makes a frame only on one of its two ways.
        Function("leaf", Nop, Cbz | 6 << 5, Stp, MovFp, Bl, Ldp, Ret, Nop, Ret);
        Function("calls_pointer", Stp, MovFp, Nop, Blr, Nop, Nop, Ldp, Ret);
        stack = kernel.Memory.Allocate(16384, 16384);
        irqStack = kernel.Memory.Allocate(16384, 16384);
    }

    [Fact]
    public void Records_lead_from_registers_to_the_program()
    {
        Chain(stack + 0x100, "middle", "outer", "el0t_64_sync");
        Saved(stack + 0x1000, pc: 0x41_2345, sp: 0x7FFF_0000, pstate: El0, record: (0, 0));
        Link(stack + 0x120, stack + (0x1000 + RecordAt));
        Stack walked = Walk(At("inner", 5), stack + 0x100, pstate: El1);
        Assert.Equal(["inner", "middle", "outer", "el0t_64_sync"], Names(walked));
        Assert.True(walked.Proven);
        Assert.Equal((0x41_2345UL, FrameKind.Syscall), (walked.UserRegisters!.Ip.Value, walked.Frames[3].Kind));
        Assert.Equal((20UL, 16UL), (walked.Frames[0].Location!.Value.Offset, walked.Frames[1].Location!.Value.Offset));
    }

    [Fact]
    public void A_kernel_thread_ends_where_its_records_do()
    {
        Chain(stack + 0x100, "kthread", "ret_from_fork");
        Link(stack + 0x110, stack + (0x1000 + RecordAt));
        Saved(stack + 0x1000, pc: 0, sp: 0, pstate: El1, record: (0, 0));
        Stack walked = Walk(At("inner", 5), stack + 0x100);
        Assert.Equal(["inner", "kthread", "ret_from_fork"], Names(walked));
        Assert.True(walked.Proven);
        Assert.Null(walked.UserRegisters);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_exception_is_passed_by_the_record_in_its_registers_of_both_forms(bool meta)
    {
        Interrupt(At("outer", 5), meta);
        Stack walked = Walk(At("inner", 5), irqStack + 0x100);
        Assert.Equal(["inner", "call_on_irq_stack", "el1h_64_irq", "outer", "ret_from_fork"], Names(walked));
        Assert.True(walked.Proven);
        Assert.Equal(FrameKind.Interrupt, walked.Frames[2].Kind);
        Assert.Equal(At("outer", 5), walked.Frames[2].Registers!.Ip);
        Assert.Equal(20UL, walked.Frames[3].Location!.Value.Offset);
    }

    /// <summary>arch/arm64/kernel/entry.S: the record of the entry has the interrupted pc, where no call needs to stand.</summary>
    [Fact]
    public void An_event_of_the_firmware_leads_to_what_it_interrupted()
    {
        Chain(irqStack + 0x100, "__sdei_asm_handler");
        kernel.Memory.U64(irqStack + 0x110, stack.Value + 0xA00).U64(irqStack + 0x118, At("outer", 7).Value);
        Chain(stack + 0xA00, "ret_from_fork");
        Link(stack + 0xA00, stack + (0x1000 + RecordAt));
        Saved(stack + 0x1000, pc: 0, sp: 0, pstate: El1, record: (0, 0));
        Stack walked = Walk(At("inner", 5), irqStack + 0x100);
        Assert.Equal(["inner", "__sdei_asm_handler", "outer", "ret_from_fork"], Names(walked));
        Assert.True(walked.Proven);
        Assert.Equal(28UL, walked.Frames[2].Location!.Value.Offset);
    }

    [Fact]
    public void An_event_of_the_firmware_in_a_program_ends_the_stack()
    {
        Chain(irqStack + 0x100, "__sdei_asm_handler");
        kernel.Memory.U64(irqStack + 0x110, 0).U64(irqStack + 0x118, 0);
        Stack walked = Walk(At("inner", 5), irqStack + 0x100);
        Assert.Equal(["inner", "__sdei_asm_handler"], Names(walked));
        Assert.True(walked.Proven);
    }

    [Theory]
    [InlineData("leaf", 0, true)]
    [InlineData("leaf", 7, true)]
    [InlineData("leaf", 3, true)]
    [InlineData("leaf", 4, false)]
    [InlineData("leaf", 6, true)]
    [InlineData("outer", 0, true)]
    [InlineData("outer", 1, true)]
    [InlineData("outer", 2, false)]
    [InlineData("outer", 7, true)]
    public void The_caller_of_an_interrupted_function_without_a_frame_is_in_x30(string function, int instruction, bool byLink)
    {
        Interrupt(At(function, instruction), meta: true, link: At("kthread", 4));
        string[] rest = byLink ? [function, "kthread", "ret_from_fork"] : [function, "ret_from_fork"];
        Stack walked = Walk(At("inner", 5), irqStack + 0x100);
        Assert.Equal(["inner", "call_on_irq_stack", "el1h_64_irq", .. rest], Names(walked));
        Assert.True(walked.Proven);
    }

    [Fact]
    public void A_call_through_a_bad_pointer_names_the_caller()
    {
        Chain(stack + 0x100, "outer", "ret_from_fork");
        Saved(stack + 0x1000, pc: 0, sp: 0, pstate: El1, record: (0, 0));
        Link(stack + 0x110, stack + (0x1000 + RecordAt));
        Stack walked = Walk(default, stack + 0x100, link: At("calls_pointer", 4));
        Assert.Equal([null, "calls_pointer", "outer", "ret_from_fork"], Names(walked));
        Assert.True(walked.Proven);
    }

    [Fact]
    public void A_signed_return_address_is_read_without_its_code()
    {
        kernel.Info.Append("NUMBER(KERNELPACMASK)=0xffff000000000000\n");
        Chain(stack + 0x100, "middle", "ret_from_fork");
        kernel.Memory.U64(stack + 0x108, At("middle", 4).Value & 0x00FF_FFFF_FFFF_FFFF & ~(0x7FUL << 48) | 0x1280_0000_0000_0000);
        Saved(stack + 0x1000, pc: 0, sp: 0, pstate: El1, record: (0, 0));
        Link(stack + 0x110, stack + (0x1000 + RecordAt));
        Stack walked = Walk(At("inner", 5), stack + 0x100);
        Assert.Equal(["inner", "middle", "ret_from_fork"], Names(walked));
        Assert.Equal(At("middle", 4), walked.Frames[1].Ip);
    }

    [Fact]
    public void A_word_that_no_call_is_before_is_a_guess()
    {
        Chain(stack + 0x100, "middle", "ret_from_fork");
        kernel.Memory.U64(stack + 0x108, At("middle", 2).Value);
        Stack walked = Walk(At("inner", 5), stack + 0x100);
        Assert.Contains("there is no call before it", walked.Stopped, StringComparison.Ordinal);
        Assert.Equal((FrameKind.Call, FrameKind.Guess), (walked.Frames[0].Kind, walked.Frames[1].Kind));
    }

    /// <summary>The kernel of these tests has no list of modules.</summary>
    [Fact]
    public void A_call_in_a_module_that_nothing_names_is_passed()
    {
        VirtualAddress module = kernel.Memory.Allocate(4096, 4096);
        kernel.Memory.U32(module + 0x10, Bl);
        Chain(stack + 0x100, "middle", "ret_from_fork");
        kernel.Memory.U64(stack + 0x108, module.Value + 0x14);
        Link(stack + 0x110, stack + (0x1000 + RecordAt));
        Saved(stack + 0x1000, pc: 0, sp: 0, pstate: El1, record: (0, 0));
        Stack walked = Walk(At("inner", 5), stack + 0x100);
        Assert.Equal(["inner", null, "ret_from_fork"], Names(walked));
        Assert.True(walked.Proven);
    }

    [Fact]
    public void Records_that_go_in_circles_end()
    {
        Chain(stack + 0x100, "middle", "outer", "middle");
        Link(stack + 0x120, stack + 0x100);
        Stack walked = Walk(At("inner", 5), stack + 0x100);
        Assert.Contains("the frame pointer went from", walked.Stopped, StringComparison.Ordinal);
        Assert.True(walked.Frames.Count < 80);
    }

    [Theory]
    [InlineData(MemoryState.Excluded)]
    [InlineData(MemoryState.Unmapped)]
    public void A_stack_that_is_missing_says_what_state_its_memory_is_in(MemoryState state)
    {
        kernel.Memory.Take(stack, state);
        Stack walked = Walk(At("inner", 5), stack + 0x100);
        Assert.Equal(state, walked.Missing);
        Assert.Equal(["inner"], Names(walked));
    }

    [Fact]
    public void A_CPU_in_a_program_has_no_kernel_stack()
    {
        Stack walked = Walk(new VirtualAddress(0x40_0000), stack + 0x100, pstate: El0);
        Assert.Empty(walked.Frames);
        Assert.Equal(0x40_0000UL, walked.UserRegisters!.Ip.Value);
    }

    [Fact]
    public void Registers_are_printed_as_the_kernel_does()
    {
        byte[] raw = new byte[Arm64Registers.Bytes];
        for (int i = 0; i < 34; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(raw.AsSpan(8 * i), (ulong)i);
        string[] lines = [.. Arm64Registers.Of(raw)!.Lines()];
        Assert.Equal("pc : 0000000000000020  lr : 000000000000001e  pstate: 00000021", lines[0]);
        Assert.Equal("x29: 000000000000001d  x28: 000000000000001c  x27: 000000000000001b", lines[2]);
        Assert.Equal("x26: 000000000000001a  x25: 0000000000000019  x24: 0000000000000018", lines[3]);
        Assert.Equal("x2 : 0000000000000002  x1 : 0000000000000001  x0 : 0000000000000000", lines[^1]);
        Assert.Null(Arm64Registers.Of(raw.AsSpan(0, 271)));
    }

    /// <summary>On the IRQ stack a handler; below it the task's, interrupted.</summary>
    private void Interrupt(VirtualAddress pc, bool meta, VirtualAddress? link = null)
    {
        VirtualAddress saved = stack + 0x800, outer = stack + 0xA00;
        Chain(irqStack + 0x100, "call_on_irq_stack", "el1h_64_irq");
        Link(irqStack + 0x110, saved + RecordAt);
        Saved(saved, pc.Value, sp: outer.Value, El1, meta ? (0, 0) : (outer.Value, pc.Value), fp: outer.Value, lr: link?.Value ?? 0);
        if (meta)
            kernel.Memory.U64(saved + RecordAt + 16, 2);
        Chain(outer, "ret_from_fork");
        Link(outer, stack + (0x1000 + RecordAt));
        Saved(stack + 0x1000, pc: 0, sp: 0, pstate: El1, record: (0, 0));
        if (meta)
            kernel.Memory.U64(stack + 0x1000 + RecordAt + 16, 1);
    }

    private void Function(string name, params uint[] code)
    {
        VirtualAddress at = kernel.Function(name, 64);
        for (int i = 0; i < 16; i++)
            kernel.Memory.U32(at + 4 * i, i < code.Length ? code[i] : Nop);
    }

    private VirtualAddress At(string function, int instruction) =>
        new(kernel.Symbols.Symbols.First(s => s.Name == function).Address + 4 * (ulong)instruction);

    /// <summary>Records of 16 bytes one behind the other, whose return addresses lie behind the bl of these functions.</summary>
    private void Chain(VirtualAddress at, params string[] functions)
    {
        for (int i = 0; i < functions.Length; i++)
            kernel.Memory.U64(at + 16 * i, (at + 16 * (i + 1)).Value).U64(at + 16 * i + 8, At(functions[i], 4).Value);
    }

    /// <summary>The record at an address has its caller's elsewhere.</summary>
    private void Link(VirtualAddress record, VirtualAddress caller) => kernel.Memory.U64(record, caller.Value);

    private void Saved(VirtualAddress at, ulong pc, ulong sp, ulong pstate, (ulong Fp, ulong Lr) record, ulong fp = 0, ulong lr = 0) =>
        kernel.Memory.U64(at + 8 * 29, fp).U64(at + 8 * 30, lr).U64(at + 8 * 31, sp).U64(at + 8 * 32, pc).U64(at + 8 * 33, pstate)
            .U64(at + RecordAt, record.Fp).U64(at + RecordAt + 8, record.Lr);

    private Stack Walk(VirtualAddress pc, VirtualAddress fp, ulong pstate = El1, VirtualAddress? link = null)
    {
        byte[] raw = new byte[Arm64Registers.Bytes];
        BinaryPrimitives.WriteUInt64LittleEndian(raw.AsSpan(8 * 29), fp.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(raw.AsSpan(8 * 30), link?.Value ?? 0);
        BinaryPrimitives.WriteUInt64LittleEndian(raw.AsSpan(8 * 31), fp.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(raw.AsSpan(8 * 32), pc.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(raw.AsSpan(8 * 33), pstate);
        FakeDump dump = kernel.Dump();
        dump.Machine = "aarch64";
        using Vmcore vmcore = Vmcore.Open(dump);
        return vmcore.Walker.Need("fake", "stacks").FromRegisters(Arm64Registers.Of(raw)!);
    }

    private static IEnumerable<string?> Names(Stack stack) => stack.Frames.Select(f => f.Location?.Symbol);
}
