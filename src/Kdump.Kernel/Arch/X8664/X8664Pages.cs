using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Arch.X8664;

/// <summary>
/// Virtual to physical on x86-64: the page tables of Intel SDM volume 3, section 5.5, with four or five levels (LA57) and pages of
/// 4 KiB, 2 MiB and 1 GiB. With AMD's memory encryption the C bit (VMCOREINFO's sme_mask) is no part of an address.
/// The number of levels is fixed, so tables that point at themselves cost nothing.
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
    // Translation buffer: the tag is kept XORed with the frame, so that an entry torn by two threads matches nothing.
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

    /// <summary>The tables of another address space of the same machine.</summary>
    public X8664Pages From(PhysicalAddress otherRoot) => new(physical, otherRoot, FiveLevels, PhysicalMask & ~addressMask);

    /// <summary>The physical address of a virtual one. Any state but present means that it has none that the dump can tell.</summary>
    public MemoryState Translate(VirtualAddress address, out PhysicalAddress result)
    {
        ulong page = address.Value >> 12;
        int slot = (int)(page & (BufferEntries - 1));
        ulong frame = Volatile.Read(ref frames[slot]);
        // Frames carry bit 0 as "valid": an empty slot would otherwise match page 0.
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

    /// <summary>Frames that hold the tables of the kernel's half of the address space, the root among them; at most so many.</summary>
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
