using Kdump.Formats.Bytes;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>
/// Nodes of a slab cache, and its sheaves: arrays of free objects that CPUs and nodes keep for allocations, Linux commit 2d517aa09bbc
/// ("slab: add opt-in caching layer of percpu sheaves") (v6.18). kmem_cache.node[] became per_node[], a node and its barn of sheaves, in
/// 7.x.
/// </summary>
public static class SlubSheaves
{
    private const int MaxSheaves = 100_000;
    private const uint MaxObjects = 1 << 16;

    /// <summary>nr_node_ids; 1 where the kernel has no such variable.</summary>
    public static int NodeCount(CrashedKernel kernel) =>
        kernel.FindSymbol("nr_node_ids") is { } ids && kernel.Memory.TryU32(ids, out uint count) ? (int)Math.Min(count, 1024) : 1;

    /// <summary>The struct kmem_cache_cpu of each CPU; none where the kernel has none, or no per-CPU areas that can be read.</summary>
    public static IEnumerable<(int Cpu, StructReader Slab)> OfCpus(CrashedKernel kernel, StructReader cache)
    {
        if (kernel.PerCpu.Value is not { } perCpu || !cache.Has("cpu_slab") || cache.Type.Of("cpu_slab") is not { } type ||
            cache.Pointer("cpu_slab") is not { Value: not 0 } area)
            yield break;
        foreach (int cpu in perCpu.Possible)
            yield return (cpu, new StructReader(kernel.Memory, type, perCpu.Address(area, cpu)));
    }

    /// <summary>The struct kmem_cache_node of each NUMA node that has one.</summary>
    /// <param name="nodes">nr_node_ids; higher entries of the array are unused.</param>
    public static IEnumerable<StructReader> Nodes(CrashedKernel kernel, StructReader cache, int nodes)
    {
        StructType node = kernel.Struct("kmem_cache_node");
        foreach (VirtualAddress slot in Slots(cache, nodes, "node"))
            if (kernel.Memory.Pointer(slot, "kmem_cache.node") is { Value: not 0 } at)
                yield return new StructReader(kernel.Memory, node, at);
    }

    /// <summary>Sheaves of every CPU and of the nodes' barns, each with a description of its place.</summary>
    /// <exception cref="InputException">Memory of a sheaf is missing.</exception>
    public static IEnumerable<(StructReader Sheaf, string Where)> All(CrashedKernel kernel, StructReader cache, int nodes,
        List<Damage> damages)
    {
        if (cache.Has("cpu_sheaves") && cache.Pointer("cpu_sheaves") is { Value: not 0 } area && cache.Type.Of("cpu_sheaves") is { } type &&
            kernel.PerCpu.Value is { } perCpu)
        {
            foreach (int cpu in perCpu.Possible)
            {
                StructReader one = new(kernel.Memory, type, perCpu.Address(area, cpu));
                foreach (string name in (string[])["main", "spare"])
                    if (one.Has(name) && one.Follow(name) is { } sheaf)
                        yield return (sheaf, $"in a sheaf of CPU {cpu}");
            }
        }
        foreach (StructReader barn in Barns(kernel, cache, nodes))
        {
            StructType sheaf = kernel.Struct("slab_sheaf");
            int link = sheaf.Offset("barn_list");
            foreach (VirtualAddress entry in KernelList.Walk(kernel.Memory, barn.AddressOf("sheaves_full"), "node_barn.sheaves_full",
                damages,
                MaxSheaves))
                yield return (new StructReader(kernel.Memory, sheaf, entry + -link), "in a sheaf of a node");
        }
    }

    /// <summary>Addresses of the objects in a sheaf.</summary>
    public static IEnumerable<ulong> Objects(StructReader sheaf)
    {
        for (uint i = 0; i < Math.Min(sheaf.U32("size"), MaxObjects); i++)
            if (sheaf.Memory.TryU64(sheaf.AddressOf("objects") + 8L * i, out ulong at))
                yield return at;
    }

    private static IEnumerable<StructReader> Barns(CrashedKernel kernel, StructReader cache, int nodes)
    {
        if (kernel.Btf.Value?.Struct("node_barn") is not { } barn)
            yield break;
        if (cache.Has("per_node"))
        {
            foreach (VirtualAddress slot in Slots(cache, nodes, "barn"))
                if (kernel.Memory.Pointer(slot, "kmem_cache.per_node") is { Value: not 0 } at)
                    yield return new StructReader(kernel.Memory, barn, at);
            yield break;
        }
        foreach (StructReader node in Nodes(kernel, cache, nodes))
            if (node.Has("barn") && node.Pointer("barn") is { Value: not 0 } at)
                yield return new StructReader(kernel.Memory, barn, at);
    }

    /// <summary>Addresses of the per-node pointers, one for each node.</summary>
    private static IEnumerable<VirtualAddress> Slots(StructReader cache, int nodes, string member)
    {
        bool together = cache.Has("per_node");
        string array = together ? "per_node" : "node";
        StructType? pair = together ? cache.Type.Of(array) : null;
        int count = Math.Min(nodes, (int)cache.Type.Length(array));
        for (int i = 0; i < count; i++)
            yield return cache.AddressOf(array) + (pair is null ? 8L * i : (long)i * pair.Size + pair.Offset(member));
    }
}
