using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Arch.Arm64;

/// <summary>
/// A process's page tables on arm64. The form of an entry without the valid bit has changed: PROT_NONE is bit 58 and a swap entry has its
/// type in bits 3 to 7 and its offset from bit 8, until Linux commit "arm64/mm: Move PTE_PRESENT_INVALID to overlay PTE_NG" (v6.11) made
/// them bit 11, bits 6 to 10 and bit 12. Bit 2 was the lowest bit of the type before Linux commit "arm64/pgtable: support
/// __HAVE_ARCH_PTE_SWP_EXCLUSIVE" (v5.19).
/// </summary>
public sealed class Arm64UserPages : UserPages
{
    /// <summary>
    /// MAX_SWAPFILES is at least 23 with any configuration. Higher types are the kernel's own entries (include/linux/swap.h).
    /// </summary>
    private const int FirstOwnType = 23;

    private readonly PhysicalMemory physical;
    private readonly ulong root;
    private readonly TableFormat format;
    private readonly SwapForm swap;

    /// <summary>Bit positions in an entry without the valid bit.</summary>
    public readonly record struct SwapForm(int NoAccessBit, int TypeShift, int TypeBits, int OffsetShift)
    {
        /// <summary>
        /// Chooses the form of swap entries. VMCOREINFO has no key for it, so it is inferred from two keys that came with the same
        /// releases: a slab's page type (v6.11) and kallsyms' tables (v6.0).
        /// </summary>
        public static SwapForm Of(Keys keys)
        {
            if (keys["NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)"] is not null)
                return new(11, 6, 5, 12);
            return keys["SYMBOL(kallsyms_names)"] is not null ? new(58, 3, 5, 8) : new(58, 2, 6, 8);
        }
    }

    public Arm64UserPages(PhysicalMemory physical, PhysicalAddress root, TableFormat format, SwapForm swap)
    {
        this.physical = physical;
        this.root = root.Value;
        this.format = format;
        this.swap = swap;
    }

    public override UserPage At(VirtualAddress address)
    {
        ulong table = root;
        for (int shift = format.TopShift; ; shift -= format.LevelBits)
        {
            ulong covers = 1UL << shift;
            PhysicalAddress at = new(table + format.Index(address.Value, shift) * 8);
            if (!physical.TryU64(at, out ulong entry, out MemoryState state))
                return new UserPage(UserPageKind.Missing, default, covers, State: state);
            if (entry == 0)
                return new UserPage(UserPageKind.None, default, covers);
            if ((entry & 1) == 0)
            {
                if (!format.MayBeBlock(shift) || (entry >> swap.NoAccessBit & 1) == 0)
                    return NotPresent(entry, covers);
                return Leaf(UserPageKind.NoAccess, entry, address, covers);
            }
            if (format.IsLeaf(entry, shift))
                return Leaf(UserPageKind.Present, entry, address, covers);
            if (!format.IsValid(entry, shift))
                return new UserPage(UserPageKind.Special, default, covers);
            table = format.Address(entry);
        }
    }

    private UserPage Leaf(UserPageKind kind, ulong entry, VirtualAddress address, ulong covers) =>
        new(kind, new PhysicalAddress((format.Address(entry) & ~(covers - 1)) | (address.Value & (covers - 1))), covers);

    private UserPage NotPresent(ulong entry, ulong covers)
    {
        int type = (int)(entry >> swap.TypeShift & ((1UL << swap.TypeBits) - 1));
        ulong offset = entry >> swap.OffsetShift & ((1UL << 50) - 1);
        return type < FirstOwnType ? new UserPage(UserPageKind.Swapped, default, covers, type, offset)
            : new UserPage(UserPageKind.Special, default, covers);
    }
}
