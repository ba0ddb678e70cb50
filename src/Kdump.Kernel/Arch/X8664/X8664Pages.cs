using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Arch.X8664;

/// <summary>
/// Translates virtual into physical addresses on x86-64 by the page tables of Intel SDM volume 3, section 5.5, with four or five levels
/// (LA57) and pages of 4 KiB, 2 MiB and 1 GiB. With AMD's memory encryption the C bit (VMCOREINFO's sme_mask) is not part of an address.
/// The number of levels is fixed, so tables that refer to themselves cause no endless loop.
/// </summary>
public sealed class X8664Pages
{
    private const ulong PhysicalMask = 0x000F_FFFF_FFFF_F000;
    private const ulong PresentBit = 1;
    private const ulong LargeBit = 1 << 7;
    private const int BufferEntries = 4096;

    private readonly PhysicalMemory physical;
    private readonly PhysicalAddress root;
    private readonly ulong addressMask;
    // Translation buffer. The tag is stored XORed with the frame, so that an entry that two threads wrote at once matches no address.
    private readonly ulong[] tags = new ulong[BufferEntries];
    private readonly ulong[] frames = new ulong[BufferEntries];

    public X8664Pages(PhysicalMemory physical, PhysicalAddress root, bool fiveLevels, ulong smeMask = 0)
    {
        this.physical = physical;
        this.root = root;
        FiveLevels = fiveLevels;
        addressMask = PhysicalMask & ~smeMask;
    }

    public bool FiveLevels { get; }

    /// <summary>The page tables of another address space of the same machine, by their root.</summary>
    public X8664Pages From(PhysicalAddress otherRoot) => new(physical, otherRoot, FiveLevels, PhysicalMask & ~addressMask);

    /// <summary>Bits of an entry that contain the address, without AMD's encryption bit.</summary>
    internal ulong AddressMask => addressMask;

    /// <summary>Translates a virtual address. For any state except present the physical address is not known from the dump.</summary>
    public MemoryState Translate(VirtualAddress address, out PhysicalAddress result)
    {
        ulong page = address.Value >> 12;
        int slot = (int)(page & (BufferEntries - 1));
        ulong frame = Volatile.Read(ref frames[slot]);
        // Bit 0 of a frame means "valid"; without it an empty slot would match page 0.
        if ((frame & 1) != 0 && (Volatile.Read(ref tags[slot]) ^ frame) == page)
        {
            result = new PhysicalAddress((frame & ~1UL) | (address.Value & 0xFFF));
            return MemoryState.Present;
        }
        MemoryState state = Walk(address, out result);
        if (state == MemoryState.Present)
        {
            frame = (result.Value & ~0xFFFUL) | 1;
            Volatile.Write(ref tags[slot], page ^ frame);
            Volatile.Write(ref frames[slot], frame);
        }
        return state;
    }

    /// <summary>The steps of a translation, one per table, down to the entry where it ends.</summary>
    public IReadOnlyList<PageTableStep> Explain(VirtualAddress address)
    {
        List<PageTableStep> steps = [];
        int unused = FiveLevels ? 7 : 16;
        long signed = unchecked((long)address.Value);
        if (signed << unused >> unused != signed)
            return steps;
        ulong table = root.Value & addressMask;
        for (int shift = FiveLevels ? 48 : 39; shift >= 12; shift -= 9)
        {
            // With four levels, too, the top one is called PGD.
            string name = shift switch { 48 => "PGD", 39 => FiveLevels ? "P4D" : "PGD", 30 => "PUD", 21 => "PMD", _ => "PTE" };
            PhysicalAddress at = new(table + ((address.Value >> shift) & 0x1FF) * 8);
            physical.TryU64(at, out ulong entry, out MemoryState state);
            bool present = state == MemoryState.Present && (entry & PresentBit) != 0;
            bool leaf = present && (shift == 12 || (shift <= 30 && (entry & LargeBit) != 0));
            steps.Add(new PageTableStep(name, at, state, entry, FlagsOf(entry, leaf, shift), leaf ? 1UL << shift : null, present));
            if (!present || leaf)
                break;
            table = entry & addressMask;
        }
        return steps;
    }

    /// <summary>Describes an entry of the lowest table (a page of 4 KiB).</summary>
    public string InWords(ulong entry) => (entry & PresentBit) != 0 ? $"{entry & addressMask:x}  {FlagsOf(entry, leaf: true, 12)}"
        : FlagsOf(entry, leaf: false, 12);

    /// <summary>
    /// Describes the flags of an entry: Intel SDM volume 3, table 5-20, and Linux's use of entries that are not present (pgtable_64.h).
    /// </summary>
    private static string FlagsOf(ulong entry, bool leaf, int shift)
    {
        if (entry == 0)
            return "empty";
        if ((entry & PresentBit) == 0)
        {
            // PROT_NONE is the global bit without the present one.
            if ((entry & 1 << 8) != 0)
                return "not present: PROT_NONE";
            return shift == 12 ? $"not present: swap type {entry >> 59}, offset 0x{~entry << 5 >> 14:x}" : "not present";
        }
        List<string> flags = ["PRESENT", (entry & 2) != 0 ? "RW" : "RO", (entry & 4) != 0 ? "USER" : "KERNEL"];
        foreach ((int bit, string name) in (ReadOnlySpan<(int, string)>)[(3, "PWT"), (4, "PCD"), (5, "ACCESSED"), (6, "DIRTY")])
            if ((entry >> bit & 1) != 0 && (leaf || bit != 6))
                flags.Add(name);
        if (leaf && shift > 12)
            flags.Add("LARGE");
        if (leaf && (entry >> 8 & 1) != 0)
            flags.Add("GLOBAL");
        if (entry >> 63 != 0)
            flags.Add("NX");
        return string.Join(' ', flags);
    }

    /// <summary>
    /// Frames (PFNs) of the tables for the kernel's half of the address space, including the root; at most <paramref name="most"/>.
    /// </summary>
    public IReadOnlyCollection<ulong> Tables(int most)
    {
        HashSet<ulong> tables = [(root.Value & addressMask) >> 12];
        Span(root.Value & addressMask, FiveLevels ? 48 : 39, 256);
        return tables;

        void Span(ulong table, int shift, int first)
        {
            byte[] entries = new byte[4096];
            if (shift == 12 || physical.Read(new PhysicalAddress(table), entries) != MemoryState.Present)
                return;
            for (int i = first; i < 512 && tables.Count < most; i++)
            {
                ulong entry = System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(entries.AsSpan(8 * i));
                if ((entry & PresentBit) != 0 && !(shift <= 30 && (entry & LargeBit) != 0) && tables.Add((entry & addressMask) >> 12))
                    Span(entry & addressMask, shift - 9, 0);
            }
        }
    }

    private MemoryState Walk(VirtualAddress address, out PhysicalAddress result)
    {
        result = default;
        int unused = FiveLevels ? 7 : 16;
        long signed = unchecked((long)address.Value);
        if (signed << unused >> unused != signed)
            return MemoryState.Unmapped;
        ulong table = root.Value & addressMask;
        for (int shift = FiveLevels ? 48 : 39; ; shift -= 9)
        {
            ulong index = (address.Value >> shift) & 0x1FF;
            if (!physical.TryU64(new PhysicalAddress(table + index * 8), out ulong entry, out MemoryState state))
                return state;
            if ((entry & PresentBit) == 0)
                return MemoryState.Unmapped;
            bool leaf = shift == 12 || (shift <= 30 && (entry & LargeBit) != 0);
            if (leaf)
            {
                ulong within = (1UL << shift) - 1;
                result = new PhysicalAddress((entry & addressMask & ~within) | (address.Value & within));
                return MemoryState.Present;
            }
            table = entry & addressMask;
        }
    }
}
