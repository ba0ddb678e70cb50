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
        memory.U64(entries[6], entries[3].Value).U64(entries[3] + 8, 0);
        int count = KernelList.Walk(memory, entries[0], "list", damages).Count();
        Assert.InRange(count, 6, 32);
        Assert.Contains("runs in a circle", Assert.Single(damages).Reason);
    }

    [Fact]
    public void An_entry_that_does_not_lead_back_is_none_of_the_list()
    {
        VirtualAddress[] entries = List(5), others = List(3);
        memory.U64(entries[2], others[1].Value);
        Assert.Equal(entries[1..3], KernelList.Walk(memory, entries[0], "list", damages));
        Assert.Contains("does not lead back", Assert.Single(damages).Reason);
    }

    /// <summary>__list_add() and __list_del() write the next entry's link back first.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_list_that_was_changed_at_the_crash_is_whole(bool added)
    {
        VirtualAddress[] entries = List(5);
        memory.U64(entries[3] + 8, entries[added ? 2 : 1].Value);
        if (added)
        {
            VirtualAddress fresh = memory.Allocate(16);
            memory.U64(fresh, entries[3].Value).U64(fresh + 8, entries[2].Value).U64(entries[2], fresh.Value);
            entries = [.. entries[..3], fresh, .. entries[3..]];
        }
        Assert.Equal(entries[1..], KernelList.Walk(memory, entries[0], "list", damages));
        Assert.Empty(damages);
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
