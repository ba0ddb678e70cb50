using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>
/// Zones of all nodes, with their free memory: struct pglist_data and zone of include/linux/mmzone.h. Per-CPU lists: zone.pageset until
/// Linux commit 28f836b6777b ("mm/page_alloc: split per cpu page lists and zone stats") (v5.14), zone.per_cpu_pageset since.
/// </summary>
public sealed class Zones
{
    private const int MaxNodes = 1024;
    private const int MaxZones = 8;
    private const int MaxOrders = 16;

    private readonly CrashedKernel kernel;
    private readonly List<Zone> all = [];
    private readonly List<Damage> damages = [];
    private readonly int freeIndex;

    /// <exception cref="InputException">There is no BTF, or the nodes cannot be found.</exception>
    public Zones(CrashedKernel kernel)
    {
        this.kernel = kernel;
        StructType node = kernel.Struct("pglist_data"), zone = kernel.Struct("zone");
        freeIndex = (int)(kernel.Btf.Value?.Enumerator("zone_stat_item", "NR_FREE_PAGES")
            ?? throw new InputException(kernel.Dump.Name, "enum zone_stat_item", -1, "does not tell where a zone counts its free pages"));
        foreach (VirtualAddress at in Nodes())
        {
            try
            {
                StructReader one = new(kernel.Memory, node, at);
                int id = one.S32("node_id"), zones = one.S32("nr_zones");
                if (zones is < 0 or > MaxZones)
                    throw new InputException(kernel.Dump.Name, "pglist_data.nr_zones", -1, $"{zones} is no number of zones");
                for (int i = 0; i < zones; i++)
                    Add(id, new StructReader(kernel.Memory, zone, one.AddressOf("node_zones") + (long)i * zone.Size));
            }
            catch (InputException e)
            {
                damages.Add(Damage.From(e));
            }
        }
    }

    /// <summary>Zones that have memory.</summary>
    public IReadOnlyList<Zone> All => all;

    public IReadOnlyList<Damage> Damages => damages;

    /// <summary>
    /// The nodes: node_data[] of a kernel with NUMA, with a pointer for each node (NULL if it does not exist); otherwise the only node.
    /// </summary>
    private List<VirtualAddress> Nodes()
    {
        if (kernel.FindSymbol("node_data") is not { } table)
            return [kernel.Symbol("contig_page_data")];
        List<VirtualAddress> nodes = [];
        int count = 1;
        if (kernel.FindSymbol("nr_node_ids") is { } at && kernel.Memory.TryU32(at, out uint ids))
            count = ids <= MaxNodes ? (int)ids
                : throw new InputException(kernel.Dump.Name, "nr_node_ids", -1, $"{ids} is no number of nodes");
        for (int i = 0; i < count; i++)
            if (kernel.Memory.U64(table + 8L * i, "node_data") is not 0 and var node)
                nodes.Add(new VirtualAddress(node));
        return nodes;
    }

    private void Add(int node, StructReader zone)
    {
        try
        {
            long present = zone.S64("present_pages");
            if (present == 0)
                return;
            StructType area = kernel.Struct("free_area");
            List<long> free = [];
            int orders = (int)Math.Min(MaxOrders, zone.Type.Length("free_area"));
            for (int i = 0; i < orders; i++)
                free.Add((long)new StructReader(kernel.Memory, area, zone.AddressOf("free_area") + (long)i * area.Size).U64("nr_free"));
            long Mark(int i) => unchecked((long)kernel.Memory.U64(zone.AddressOf("_watermark") + 8L * i, "zone._watermark"));
            all.Add(new Zone(node, zone.TextAt("name") ?? "?", zone.S64("spanned_pages"), present, zone.S64("managed_pages"),
                unchecked((long)kernel.Memory.U64(zone.AddressOf("vm_stat") + 8L * freeIndex, "zone.vm_stat")), Mark(0), Mark(1), Mark(2),
                zone.Has("watermark_boost") ? zone.S64("watermark_boost") : 0, InCpuLists(zone), free));
        }
        catch (InputException e)
        {
            damages.Add(Damage.From(e));
        }
    }

    private long? InCpuLists(StructReader zone)
    {
        if (kernel.PerCpu.Value is not { } perCpu)
            return null;
        try
        {
            bool split = zone.Has("per_cpu_pageset");
            StructType type = kernel.Struct(split ? "per_cpu_pages" : "per_cpu_pageset");
            VirtualAddress at = zone.Pointer(split ? "per_cpu_pageset" : "pageset");
            long pages = 0;
            foreach (int cpu in perCpu.Online)
                pages += new StructReader(kernel.Memory, type, perCpu.Address(at, cpu)).S32(split ? "count" : "pcp.count");
            return pages;
        }
        catch (InputException e)
        {
            damages.Add(Damage.From(e));
            return null;
        }
    }
}
