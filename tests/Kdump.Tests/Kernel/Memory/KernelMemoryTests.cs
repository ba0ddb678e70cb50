using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Kernel.Memory;

public sealed class KernelMemoryTests
{
    private readonly MemoryBuilder memory = new();

    [Fact]
    public void A_missing_page_is_never_zeros()
    {
        VirtualAddress at = memory.Allocate(3 * 4096, 4096);
        memory.Take(at + 4096, MemoryState.Excluded);
        Assert.Equal(MemoryState.Excluded, memory.Read(at + 4090, new byte[16]));
        InputException e = Assert.Throws<InputException>(() => memory.U64(at + 4096, "task_struct.mm"));
        Assert.Equal($"memory: task_struct.mm: address {at + 4096} is in a page that was excluded from the dump", e.Message);
    }

    [Fact]
    public void A_block_knows_which_of_its_pages_are_missing()
    {
        VirtualAddress at = memory.Allocate(3 * 4096, 4096);
        memory.Take(at + 4096, MemoryState.Damaged);
        MemoryBlock block = memory.ReadBlock(at + 100, 2 * 4096);
        Assert.False(block.Whole);
        Assert.Equal(MemoryState.Present, block.State(0, 3996));
        Assert.Equal(MemoryState.Damaged, block.State(3990, 10));
        Assert.Equal(MemoryState.Present, block.State(8092, 100));
        Assert.Equal(MemoryState.Unmapped, block.State(8092, 101));
        Assert.Throws<InputException>(() => block.Slice(4000, 8, "prb_desc").Length);
    }

    [Fact]
    public void A_string_may_end_right_before_a_hole()
    {
        VirtualAddress at = memory.Allocate(4096, 4096);
        memory.Text(at + 4090, "hello");
        Assert.Equal("hello", memory.Text(at + 4090));
        memory.Write(at + 4090, "world!"u8);
        Assert.Null(memory.Text(at + 4090));
    }
}
