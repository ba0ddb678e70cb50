using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Arch.X8664;

/// <summary>
/// A process's page tables on x86-64. An entry without the present bit is a swap entry, or PROT_NONE if bit 8 is set; then its frame is
/// inverted (Linux commit 6b28baca9b1f "x86/speculation/l1tf: Protect PROT_NONE PTEs against speculation", v4.19). A swap entry has its
/// type in bits 59-63 and its offset, inverted, in bits 9-58 (arch/x86/include/asm/pgtable_64.h); types above those of swap devices are
/// the kernel's own (include/linux/swap.h).
/// </summary>
public sealed class X8664UserPages : UserPages
{
    private const ulong PresentBit = 1, LargeBit = 1 << 7, NoAccessBit = 1 << 8;

    /// <summary>MAX_SWAPFILES is at least 23 with any configuration.</summary>
    private const int FirstOwnType = 23;

    private readonly PhysicalMemory physical;
    private readonly ulong root;
    private readonly bool fiveLevels;
    private readonly ulong addressMask;

    public X8664UserPages(PhysicalMemory physical, PhysicalAddress root, bool fiveLevels, ulong addressMask)
    {
        this.physical = physical;
        this.root = root.Value & addressMask;
        this.fiveLevels = fiveLevels;
        this.addressMask = addressMask;
    }

    public override UserPage At(VirtualAddress address)
    {
        ulong table = root;
        for (int shift = fiveLevels ? 48 : 39; ; shift -= 9)
        {
            ulong covers = 1UL << shift;
            if (!physical.TryU64(new PhysicalAddress(table + (address.Value >> shift & 0x1FF) * 8), out ulong entry, out MemoryState state))
                return new UserPage(UserPageKind.Missing, default, covers, State: state);
            if (entry == 0)
                return new UserPage(UserPageKind.None, default, covers);
            bool present = (entry & PresentBit) != 0, mayBeLeaf = shift <= 30;
            bool noAccess = !present && (entry & NoAccessBit) != 0 && mayBeLeaf;
            if (!present && !noAccess)
                return NotPresent(entry, covers);
            if (shift == 12 || (mayBeLeaf && ((entry & LargeBit) != 0 || noAccess)))
            {
                ulong frame = (noAccess ? ~entry : entry) & addressMask & ~(covers - 1);
                return new UserPage(present ? UserPageKind.Present : UserPageKind.NoAccess,
                    new PhysicalAddress(frame | (address.Value & (covers - 1))), covers);
            }
            table = entry & addressMask;
        }
    }

    private static UserPage NotPresent(ulong entry, ulong covers)
    {
        int type = (int)(entry >> 59);
        ulong offset = ~entry << 5 >> 14;
        // Higher types are the kernel's own: poisoned pages, migration, device memory, markers. Their numbers depend on the kernel's
        // configuration.
        return type < FirstOwnType ? new UserPage(UserPageKind.Swapped, default, covers, type, offset)
            : new UserPage(UserPageKind.Special, default, covers);
    }
}
