using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>
/// Areas of the vmalloc address range, in ascending order: the list vmap_area_list until Linux commits d093602919ad and later ("mm:
/// vmalloc: remove global vmap_area_root rb-tree") (v6.9), since then a tree in each of vmap_nodes[].
/// </summary>
public sealed class VmallocAreas
{
    private const int MaxAreas = 4_000_000;
    private const int MaxNodes = 1024;

    /// <summary>VM_* of include/linux/vmalloc.h, with the words of /proc/vmallocinfo.</summary>
    private static readonly (uint Bit, string Word)[] Kinds =
        [(1, "ioremap"), (2, "vmalloc"), (4, "vmap"), (8, "user"), (0x10, "dma-coherent"), (0x20, "uninitialized"), (0x400, "huge")];

    private readonly CrashedKernel kernel;
    private readonly List<VmallocArea> all = [];
    private readonly List<Damage> damages = [];
    private readonly StructType area;

    /// <exception cref="InputException">There is no BTF, or the areas cannot be found.</exception>
    public VmallocAreas(CrashedKernel kernel)
    {
        this.kernel = kernel;
        area = kernel.Struct("vmap_area");
        if (kernel.FindSymbol("vmap_area_list") is { } head)
        {
            int link = area.Offset("list");
            foreach (VirtualAddress entry in KernelList.Walk(kernel.Memory, head, "vmap_area_list", damages, MaxAreas))
                Add(entry + -link);
        }
        else
        {
            StructType node = kernel.Struct("vmap_node");
            VirtualAddress nodes = kernel.Memory.Pointer(kernel.Symbol("vmap_nodes"), "vmap_nodes");
            uint count = kernel.FindSymbol("nr_vmap_nodes") is { } at && kernel.Memory.TryU32(at, out uint told) ? told : 1;
            if (count > MaxNodes)
                damages.Add(new Damage(kernel.Dump.Name, "nr_vmap_nodes", -1, $"{count} are no number of nodes"));
            int link = area.Offset("rb_node");
            for (int i = 0; i < Math.Min(count, MaxNodes); i++)
                foreach (VirtualAddress entry in RbTree.Walk(kernel, nodes + (long)i * node.Size + node.Offset("busy.root"),
                    "vmap_node.busy",
                    damages, MaxAreas))
                    Add(entry + -link);
        }
        all.Sort((a, b) => a.Start.CompareTo(b.Start));
    }

    public IReadOnlyList<VmallocArea> All => all;

    public IReadOnlyList<Damage> Damages => damages;

    private void Add(VirtualAddress at)
    {
        try
        {
            StructReader one = new(kernel.Memory, area, at);
            VirtualAddress start = one.Pointer("va_start");
            ulong size = unchecked(one.U64("va_end") - start.Value);
            // vm is in a union with subtree_max_size, which only free areas use.
            if (one.Follow("vm") is not { } vm || vm.Pointer("addr") != start)
            {
                all.Add(new VmallocArea(start, size, 0, [], null, default, null));
                return;
            }
            ulong flags = vm.U64("flags");
            VirtualAddress caller = vm.Pointer("caller");
            ulong physical = vm.U64("phys_addr");
            all.Add(new VmallocArea(start, vm.U64("size"), vm.U32("nr_pages"),
                [.. Kinds.Where(k => (flags & k.Bit) != 0).Select(k => k.Word)],
                caller.Value == 0 ? null : kernel.Locate(caller), caller, physical == 0 ? null : physical));
        }
        catch (InputException e)
        {
            damages.Add(Damage.From(e));
        }
    }
}
