using System.Buffers.Binary;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Arch.Arm64;

/// <summary>
/// Translates virtual into physical addresses by one root of arm64's page tables. The number of levels is fixed, so tables that refer to
/// themselves cause no endless loop.
/// </summary>
public sealed class Arm64Pages
{
    private const int BufferEntries = 4096;

    private readonly PhysicalMemory physical;
    private readonly ulong root;
    private readonly bool user;
    private readonly ulong inPage;
    // Translation buffer. The tag is stored XORed with the frame, so that an entry that two threads wrote at once matches no address.
    private readonly ulong[] tags = new ulong[BufferEntries];
    private readonly ulong[] frames = new ulong[BufferEntries];

    /// <param name="user">True if the root is a process's (TTBR0), whose addresses begin with zero bits.</param>
    public Arm64Pages(PhysicalMemory physical, PhysicalAddress root, TableFormat format, bool user = false)
    {
        this.physical = physical;
        this.root = root.Value;
        this.user = user;
        Format = format;
        inPage = (1UL << format.PageShift) - 1;
    }

    public TableFormat Format { get; }

    public Arm64Pages OfProcess(PhysicalAddress otherRoot) => new(physical, otherRoot, Format, user: true);

    /// <summary>
    /// Translates a virtual address. For any state except present the physical address is not known from the dump. Bits 63 to 56 may be a
    /// tag (TBI; KASAN's and MTE's): bit 55 is the same in all the higher bits of an untagged address, and selects the kernel's or the
    /// process's half.
    /// </summary>
    public MemoryState Translate(VirtualAddress address, out PhysicalAddress result)
    {
        ulong page = address.Value >> Format.PageShift;
        int slot = (int)(page & (BufferEntries - 1));
        ulong frame = Volatile.Read(ref frames[slot]);
        // Bit 0 of a frame means "valid"; without it an empty slot would match page 0.
        if ((frame & 1) != 0 && (Volatile.Read(ref tags[slot]) ^ frame) == page)
        {
            result = new PhysicalAddress((frame & ~1UL) | (address.Value & inPage));
            return MemoryState.Present;
        }
        MemoryState state = Walk(address, null, out result);
        if (state == MemoryState.Present)
        {
            frame = (result.Value & ~inPage) | 1;
            Volatile.Write(ref tags[slot], page ^ frame);
            Volatile.Write(ref frames[slot], frame);
        }
        return state;
    }

    /// <summary>The steps of a translation, one per table, down to the entry where it ends.</summary>
    public IReadOnlyList<PageTableStep> Explain(VirtualAddress address)
    {
        List<PageTableStep> steps = [];
        Walk(address, steps, out _);
        return steps;
    }

    /// <summary>Frames (PFNs) of the tables, including the root; at most <paramref name="most"/>.</summary>
    public IReadOnlyCollection<ulong> Tables(int most)
    {
        HashSet<ulong> tables = [root >> Format.PageShift];
        Span(root, Format.TopShift, Format.RootEntries);
        return tables;

        void Span(ulong table, int shift, int count)
        {
            byte[] entries = new byte[8 * count];
            if (shift == Format.PageShift || physical.Read(new PhysicalAddress(table), entries) != MemoryState.Present)
                return;
            for (int i = 0; i < count && tables.Count < most; i++)
            {
                ulong entry = BinaryPrimitives.ReadUInt64LittleEndian(entries.AsSpan(8 * i));
                if (Format.IsValid(entry, shift) && !Format.IsLeaf(entry, shift) && tables.Add(Format.Address(entry) >> Format.PageShift))
                    Span(Format.Address(entry), shift - Format.LevelBits, 1 << Format.LevelBits);
            }
        }
    }

    private MemoryState Walk(VirtualAddress address, List<PageTableStep>? steps, out PhysicalAddress result)
    {
        result = default;
        // Sign-extend from bit 55, as the processor does for a tagged pointer.
        long untagged = unchecked((long)address.Value) << 8 >> 8;
        if (untagged >> Format.AddressBits != (user ? 0 : -1))
            return MemoryState.Unmapped;
        ulong table = root;
        for (int shift = Format.TopShift; ; shift -= Format.LevelBits)
        {
            PhysicalAddress at = new(table + Format.Index(unchecked((ulong)untagged), shift) * 8);
            bool there = physical.TryU64(at, out ulong entry, out MemoryState state);
            bool valid = there && Format.IsValid(entry, shift), leaf = valid && Format.IsLeaf(entry, shift);
            steps?.Add(new PageTableStep(Format.Name(shift), at, state, entry, Descriptor.InWords(entry, Format, shift),
                leaf ? 1UL << shift : null, valid));
            if (!valid)
                return there ? MemoryState.Unmapped : state;
            if (leaf)
            {
                ulong within = (1UL << shift) - 1;
                result = new PhysicalAddress((Format.Address(entry) & ~within) | (address.Value & within));
                return MemoryState.Present;
            }
            table = Format.Address(entry);
        }
    }
}
