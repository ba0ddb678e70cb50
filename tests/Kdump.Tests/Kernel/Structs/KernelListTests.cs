using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Kernel.Structs;

public sealed class KernelListTests
{
    private readonly MemoryBuilder memory = new();
    private readonly List<Damage> damages = [];

    [Fact]
    public void A_list_is_walked_to_its_head_and_backwards()
    {
        VirtualAddress[] entries = List(5);
        Assert.Equal(entries[1..], KernelList.Walk(memory, entries[0], "list", damages));
        Assert.Equal(entries[1..].Reverse(), KernelList.Walk(memory, entries[0], "list", damages, forward: false));
        Assert.Empty(damages);
    }

    [Fact]
    public void A_circle_that_misses_the_head_is_damage()
    {
        VirtualAddress[] entries = List(7);
        memory.U64(entries[6], entries[3].Value);
        int count = KernelList.Walk(memory, entries[0], "list", damages).Count();
        Assert.InRange(count, 6, 32);
        Assert.Contains("runs in a circle", Assert.Single(damages).Reason);
    }

    [Fact]
    public void A_list_that_leaves_the_dump_says_after_how_many_entries()
    {
        VirtualAddress[] entries = List(4);
        memory.U64(entries[2], 0xFFFF_8880_DEAD_0000);
        Assert.Equal(3, KernelList.Walk(memory, entries[0], "list", damages).Count());
        Assert.StartsWith("the list breaks off after 3 entries", Assert.Single(damages).Reason);
    }

    [Fact]
    public void An_endless_list_ends_at_the_limit()
    {
        VirtualAddress[] entries = List(100);
        Assert.Equal(10, KernelList.Walk(memory, entries[0], "list", damages, limit: 10).Count());
        Assert.Contains("more than 10 entries", Assert.Single(damages).Reason);
    }

    private VirtualAddress[] List(int count)
    {
        VirtualAddress[] entries = [.. Enumerable.Range(0, count).Select(_ => memory.Allocate(16))];
        for (int i = 0; i < count; i++)
            memory.U64(entries[i], entries[(i + 1) % count].Value).U64(entries[i] + 8, entries[(i + count - 1) % count].Value);
        return entries;
    }
}
