using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;

namespace Kdump.Tests.Kernel.Structs;

/// <summary>hlist, llist and rbtree: whole, cut and circular.</summary>
public sealed class WalkTests
{
    private readonly KernelBuilder kernel = new();
    private readonly List<Damage> damages = [];
    private readonly VirtualAddress head;

    public WalkTests()
    {
        int pointer = kernel.Types.Pointer(0), word = kernel.Types.Int("unsigned long", 8);
        kernel.Types.Struct("hlist_node", 16, ("next", pointer, 0), ("pprev", pointer, 8));
        kernel.Types.Struct("llist_node", 8, ("next", pointer, 0));
        kernel.Types.Struct("rb_node", 24, ("__rb_parent_color", word, 0), ("rb_right", pointer, 8), ("rb_left", pointer, 16));
        head = kernel.Data("head", 16);
    }

    [Fact]
    public void A_bucket_of_a_hash_table_gives_its_nodes()
    {
        VirtualAddress a = Node(), b = Node();
        kernel.Memory.U64(head, a.Value).U64(a, b.Value);
        Assert.Equal([a, b], Walk((k, h) => HList.Walk(k, h, "head", damages)));
        Assert.Empty(damages);
    }

    [Fact]
    public void A_nulls_list_ends_at_its_mark()
    {
        VirtualAddress a = Node();
        kernel.Memory.U64(head, a.Value).U64(a, 77 << 1 | 1);
        Assert.Equal([a], Walk((k, h) => HList.Walk(k, h, "head", damages)));
        Assert.Empty(damages);
    }

    [Fact]
    public void A_lock_less_list_gives_its_nodes_and_an_empty_one_none()
    {
        Assert.Empty(Walk((k, h) => LList.Walk(k, h, "head", damages)));
        VirtualAddress a = Node(), b = Node();
        kernel.Memory.U64(head, a.Value).U64(a, b.Value);
        Assert.Equal([a, b], Walk((k, h) => LList.Walk(k, h, "head", damages)));
    }

    [Fact]
    public void A_chain_that_runs_in_a_circle_ends()
    {
        VirtualAddress a = Node(), b = Node(), c = Node();
        kernel.Memory.U64(head, a.Value).U64(a, b.Value).U64(b, c.Value).U64(c, b.Value);
        Assert.InRange(Walk((k, h) => HList.Walk(k, h, "head", damages)).Count, 3, 10);
        Assert.Contains("runs in a circle", Assert.Single(damages).Reason);
    }

    [Fact]
    public void A_chain_that_is_cut_says_where()
    {
        VirtualAddress a = Node(), b = kernel.Memory.Allocate(4096, 4096);
        kernel.Memory.U64(head, a.Value).U64(a, b.Value).Take(b, MemoryState.Excluded);
        Assert.Equal([a, b], Walk((k, h) => HList.Walk(k, h, "head", damages)));
        Assert.Contains("after 2 entries", Assert.Single(damages).Reason);
    }

    [Fact]
    public void A_tree_gives_its_nodes_in_order()
    {
        VirtualAddress[] nodes = [.. Enumerable.Range(0, 7).Select(_ => Node())];
        kernel.Memory.U64(head, nodes[3].Value);
        Children(nodes[3], nodes[1], nodes[5]);
        Children(nodes[1], nodes[0], nodes[2]);
        Children(nodes[5], nodes[4], nodes[6]);
        Assert.Equal(nodes, Tree());
        Assert.Empty(damages);
    }

    [Fact]
    public void A_tree_that_bites_its_tail_gives_each_node_once()
    {
        VirtualAddress a = Node(), b = Node();
        kernel.Memory.U64(head, a.Value);
        Children(a, b, b);
        Children(b, a, b);
        Assert.Equal([b, a], Tree());
        Assert.All(damages, d => Assert.Contains("twice", d.Reason));
    }

    [Fact]
    public void A_list_in_the_shape_of_a_tree_ends_at_a_depth_that_no_tree_has()
    {
        VirtualAddress[] nodes = [.. Enumerable.Range(0, 300).Select(_ => Node())];
        kernel.Memory.U64(head, nodes[0].Value);
        for (int i = 0; i + 1 < nodes.Length; i++)
            Children(nodes[i], nodes[i + 1], default);
        Assert.Equal(130, Tree().Count);
        Assert.Contains("no balanced tree", Assert.Single(damages).Reason);
    }

    [Fact]
    public void A_node_that_was_left_out_costs_its_branch()
    {
        VirtualAddress a = Node(), b = Node(), gone = kernel.Memory.Allocate(4096, 4096);
        kernel.Memory.U64(head, a.Value).Take(gone, MemoryState.Excluded);
        Children(a, gone, b);
        Assert.Equal([a, b], Tree());
        Assert.Contains("missing", Assert.Single(damages).Reason);
    }

    private VirtualAddress Node() => kernel.Memory.Allocate(24);

    private void Children(VirtualAddress node, VirtualAddress left, VirtualAddress right) =>
        kernel.Memory.U64(node + 8, right.Value).U64(node + 16, left.Value);

    private List<VirtualAddress> Tree() => Walk((k, h) => RbTree.Walk(k, h, "head", damages));

    private List<VirtualAddress> Walk(Func<Vmcore, VirtualAddress, IEnumerable<VirtualAddress>> walk)
    {
        using Vmcore vmcore = kernel.Open();
        return [.. walk(vmcore, head)];
    }
}
