using Kdump.Formats.Bytes;
using Kdump.Kernel.Arch.X8664;
using Kdump.Kernel;

namespace Kdump.Tests.Kernel.Arch.X8664;

public sealed class ExceptionStackTests
{
    private const int Df = 4096, Nmi = 3 * 4096, Size = 4096;
    private readonly KernelBuilder kernel = new();
    private readonly VirtualAddress stacks;

    public ExceptionStackTests()
    {
        int stack = kernel.Types.Array(kernel.Types.Int("char", 1), Size);
        kernel.Types.Struct("cea_exception_stacks", 4 * 4096, ("DF_stack", stack, Df), ("NMI_stack", stack, Nmi));
        stacks = kernel.Memory.Allocate(4 * 4096, 4096);
        // Per-CPU variables of CPU 1 lie 0x40 behind their symbols.
        kernel.Memory.U64(kernel.Data("__per_cpu_offset", 128) + 8, 0x40);
        kernel.Memory.U64(kernel.Data("__cpu_possible_mask", 8), 3);
        kernel.Memory.U64(kernel.Data("cea_exception_stacks", 128) + 0x40, stacks.Value);
    }

    [Fact]
    public void The_registers_of_a_double_fault_end_its_stack()
    {
        kernel.Memory.U64(stacks + (Df + Size - 5 * 8), 0xFFFF_FFFF_8123_4567).U64(stacks + (Df + Size - 2 * 8), 0xFFFF_C900_0000_1000);
        using Vmcore vmcore = kernel.Open();
        ExceptionStack fault = ExceptionStack.OfDoubleFault(vmcore, 1)!;
        Assert.Equal((stacks + Df, 0xFFFF_FFFF_8123_4567, 0xFFFF_C900_0000_1000),
            (fault.Start, fault.Saved.Ip.Value, fault.Saved.Sp.Value));
    }

    /// <summary>
    /// Below the processor's frame: a word for rdx, the word that says so, the frame to return by, and the one that ends pt_regs.
    /// </summary>
    [Theory]
    [InlineData(1, true)]
    [InlineData(0, false)]
    public void An_NMI_is_being_handled_when_its_stack_says_so(ulong executing, bool handled)
    {
        kernel.Memory.U64(stacks + (Nmi + Size - 7 * 8), executing).U64(stacks + (Nmi + Size - 17 * 8), 0xFFFF_FFFF_8123_4567);
        using Vmcore vmcore = kernel.Open();
        Assert.Equal(handled ? 0xFFFF_FFFF_8123_4567UL : null, ExceptionStack.OfNmi(vmcore, 1)?.Saved.Ip.Value);
    }

    [Fact]
    public void A_kernel_without_them_has_none()
    {
        kernel.Memory.Take(stacks + Nmi, Kdump.Kernel.Memory.MemoryState.Excluded);
        using Vmcore vmcore = kernel.Open();
        Assert.Null(ExceptionStack.OfNmi(vmcore, 1));
        Assert.Null(ExceptionStack.OfDoubleFault(vmcore, 9000));
        using Vmcore without = new KernelBuilder().Open();
        Assert.Null(ExceptionStack.OfNmi(without, 0));
    }
}
