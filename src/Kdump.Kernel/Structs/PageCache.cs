using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Structs;

/// <summary>
/// Pages of a file that were in memory: the XArray i_pages of struct address_space (include/linux/fs.h). An entry may be a folio of
/// several pages: its first slot contains the entry, the following ones are sibling entries that refer to the first
/// (include/linux/xarray.h).
/// </summary>
public sealed class PageCache
{
    private const int MaxDepth = 12;

    private readonly CrashedKernel kernel;
    private readonly PageMap pages;
    private readonly ulong head;
    private readonly int shiftAt;
    private readonly int slotsAt;

    /// <param name="mapping">The file's struct address_space.</param>
    /// <exception cref="InputException">The struct is missing from the dump.</exception>
    public PageCache(CrashedKernel kernel, PageMap pages, StructReader mapping)
    {
        this.kernel = kernel;
        this.pages = pages;
        head = mapping.U64("i_pages.xa_head");
        StructType node = kernel.Struct("xa_node");
        shiftAt = node.Offset("shift");
        slotsAt = node.Offset("slots");
    }

    /// <summary>
    /// PFN of a page of the file, by its index in pages; null if the page was not in memory, or if this is not known from the dump.
    /// </summary>
    public Pfn? Find(ulong index)
    {
        ulong entry = head;
        byte[] shift = new byte[1];
        // Without a node the file has only one page in memory, the first.
        if (((entry & 3) != 2 || entry <= 4096) && index != 0)
            return null;
        for (int depth = 0; depth < MaxDepth; depth++)
        {
            if ((entry & 3) != 2 || entry <= 4096)
                break;
            VirtualAddress node = new(entry - 2);
            if (!kernel.Memory.TryRead(node + shiftAt, shift) || shift[0] > 60)
                return null;
            ulong slot = index >> shift[0];
            // The root node covers no higher index.
            if (depth == 0 && slot > 63)
                return null;
            entry = Slot(node, slot & 63);
            // A sibling entry: it contains the number of the slot with the entry.
            if ((entry & 3) == 2 && entry < 256)
                entry = Slot(node, entry >> 2);
        }
        // Value entries (bit 0 set) are pages that were swapped out or reclaimed.
        if (entry == 0 || (entry & 3) != 0 || pages.FrameOf(new VirtualAddress(entry)) is not { } first)
            return null;
        try
        {
            StructReader page = pages.Of(first);
            ulong from = page.First("index", "__folio_index") ?? 0;
            return index >= from && index - from < 1 << 18 ? new Pfn(first.Value + (index - from)) : null;
        }
        catch (InputException)
        {
            return null;
        }
    }

    private ulong Slot(VirtualAddress node, ulong slot)
    {
        Span<byte> raw = stackalloc byte[8];
        return kernel.Memory.TryRead(node + slotsAt + 8 * (long)slot, raw) ? BinaryPrimitives.ReadUInt64LittleEndian(raw) : 0;
    }
}
