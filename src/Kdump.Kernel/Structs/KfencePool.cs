using Kdump.Formats.Bytes;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>
/// The objects that KFENCE guards (mm/kfence/core.c): each stands alone in a page of its pool, at the page's begin or end. The page looks
/// like a slab of its cache, also after the object was freed; only KFENCE's own table tells which.
/// </summary>
internal sealed class KfencePool
{
    /// <summary>KFENCE_OBJECT_ALLOCATED of enum kfence_object_state.</summary>
    private const uint Allocated = 1;

    /// <summary>CONFIG_KFENCE_NUM_OBJECTS is at most 65535; two pages for each, and two before the first.</summary>
    private const ulong MaxObjects = 65535;

    private readonly CrashedKernel kernel;
    private readonly StructType type;
    private readonly VirtualAddress table;
    private readonly ulong start;

    private KfencePool(CrashedKernel kernel, StructType type, VirtualAddress table, ulong start) =>
        (this.kernel, this.type, this.table, this.start) = (kernel, type, table, start);

    /// <summary>Null where there is none.</summary>
    public static KfencePool? Of(CrashedKernel kernel)
    {
        if (kernel.FindSymbol("__kfence_pool") is not { } named || !kernel.Memory.TryU64(named, out ulong start) || start == 0 ||
            kernel.FindSymbol("kfence_metadata") is not { } table || kernel.Btf.Value?.Struct("kfence_metadata") is not { } type)
            return null;
        // An array until Linux 6.6, which allocates it at the start.
        if (kernel.FindSymbol("kfence_metadata_init") is not null)
        {
            if (!kernel.Memory.TryU64(table, out ulong at) || at == 0)
                return null;
            table = new(at);
        }
        return new KfencePool(kernel, type, table, start);
    }

    /// <summary>True for a page of the pool: its record names an object in it.</summary>
    public bool Holds(VirtualAddress page) => RecordOf(page) is { } record &&
        kernel.Memory.TryU64(record.AddressOf("addr"), out ulong at) && at - at % (ulong)kernel.PageSize == page.Value;

    public (VirtualAddress At, bool Free)? ObjectAt(VirtualAddress page, List<Damage> damages)
    {
        try
        {
            return RecordOf(page) is { } record ? (record.Pointer("addr"), record.U32("state") != Allocated) : null;
        }
        catch (InputException e)
        {
            damages.Add(Damage.From(e));
            return null;
        }
    }

    private StructReader? RecordOf(VirtualAddress page)
    {
        if (page.Value < start || page.Value - start >= 2 * (MaxObjects + 1) * (ulong)kernel.PageSize)
            return null;
        // addr_to_metadata(): the first two pages have no object.
        ulong index = (page.Value - start) / (2 * (ulong)kernel.PageSize);
        return index == 0 ? null : new StructReader(kernel.Memory, type, table + checked((long)((index - 1) * (ulong)type.Size)));
    }
}
