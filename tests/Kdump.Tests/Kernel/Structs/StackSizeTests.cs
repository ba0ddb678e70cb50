using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Arch.Arm64;

namespace Kdump.Tests.Kernel.Structs;

/// <summary>THREAD_SIZE is what the dump says, and only then what is usual.</summary>
public sealed class StackSizeTests
{
    private readonly KernelBuilder kernel = new();

    [Theory]
    [InlineData("__start_init_stack", "__end_init_stack")]
    [InlineData("__start_init_task", "__end_init_task")]
    public void Without_the_union_it_is_the_room_of_the_first_task(string start, string end)
    {
        kernel.Types.Int("int", 4);
        Reserve(start, end, 64 << 10);
        Assert.Equal(64 << 10, Size());
    }

    [Fact]
    public void The_union_in_BTF_comes_first()
    {
        kernel.Types.Struct("thread_union", 32 << 10, ("stack", kernel.Types.Int("long", 8), 0));
        Reserve("__start_init_stack", "__end_init_stack", 64 << 10);
        Assert.Equal(32 << 10, Size());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0x3040)]
    [InlineData(2 << 20)]
    public void A_size_that_no_stack_can_have_is_not_taken(int bytes)
    {
        kernel.Types.Int("int", 4);
        Reserve("__start_init_stack", "__end_init_stack", bytes);
        Assert.Equal(16 << 10, Size());
    }

    [Theory]
    [InlineData(4 << 10, 16 << 10)]
    [InlineData(16 << 10, 16 << 10)]
    [InlineData(64 << 10, 64 << 10)]
    public void On_arm64_it_is_usually_at_least_a_page(int page, int stack) =>
        Assert.Equal(stack, new Arm64Architecture().UsualStack(page));

    private void Reserve(string start, string end, int bytes)
    {
        VirtualAddress from = kernel.Data(start, 64);
        kernel.Symbols.Add(end, from.Value + (ulong)bytes, 'D');
    }

    private int Size()
    {
        using Vmcore vmcore = kernel.Open();
        return vmcore.StackSize;
    }
}
