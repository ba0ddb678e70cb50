using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Unwind;
using Kdump.Kernel.Views;

namespace Kdump.Tests.Kernel.Views;

public sealed class UserRegistersTests
{
    private const int Stack = 16 << 10;
    private readonly KernelBuilder kernel = new();
    private readonly VirtualAddress task;
    private readonly VirtualAddress stack;

    public UserRegistersTests()
    {
        BtfBuilder t = kernel.Types;
        int u32 = t.Int("int", 4), u64 = t.Int("long", 8), comm = t.Array(t.Int("char", 1), 16);
        t.Struct("task_struct", 128, ("pid", u32, 0), ("tgid", u32, 4), ("flags", u32, 8), ("stack", t.Pointer(0), 16), ("comm", comm, 64),
            ("thread", t.Struct("thread_struct", 16, ("fsbase", u64, 0), ("sp", u64, 8)), 80));
        task = kernel.Memory.Allocate(128);
        stack = kernel.Memory.Allocate(Stack, Stack);
        kernel.Memory.U64(task + 16, stack.Value).U64(task + 80, 0x7F00_1234_0000);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    public void Registers_stand_at_the_top_of_the_stack_also_where_FRED_leaves_two_words(int padding)
    {
        VirtualAddress at = stack + Stack + -padding + -168;
        kernel.Memory.U64(at + 8 * 16, 0x40_1234).U64(at + 8 * 17, 0x33).U64(at + 8 * 19, 0x7FFF_0000).U64(at + 8 * 20, 0x2B);
        UserRegisters? found = Read();
        Assert.Equal((0x40_1234UL, 0x7FFF_0000UL, 0x7F00_1234_0000UL),
            (found!.InstructionPointer.Value, found.StackPointer.Value, found.Values[21]));
    }

    [Fact]
    public void A_stack_without_a_programs_registers_gives_none()
    {
        Assert.Null(Read());
    }

    private UserRegisters? Read()
    {
        using Vmcore vmcore = kernel.Open();
        return UserRegisters.Of(vmcore, new TaskStruct(vmcore.At("task_struct", task)), new Dictionary<int, Registers>());
    }
}
