using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Arch.Arm64;

/// <summary>
/// Format of an arm64 kernel's page tables (Arm ARM, D8 "The AArch64 Virtual Memory System Architecture"): granules of 4, 16 and 64 KiB,
/// as many levels as the address bits need, and the position of address bits 48 and above in a descriptor.
/// </summary>
public sealed class TableFormat
{
    private const ulong Bits51To48 = 0xF << 12, Bits51To50 = 3 << 8;

    /// <param name="pageShift">Log2 of the granule: 12, 14 or 16.</param>
    /// <param name="addressBits">Bits of a virtual address that the tables translate.</param>
    /// <param name="lpa2">True if FEAT_LPA2 is used: 52 address bits with granules of 4 or 16 KiB.</param>
    public TableFormat(int pageShift, int addressBits, bool lpa2 = false)
    {
        PageShift = pageShift;
        AddressBits = addressBits;
        Lpa2 = lpa2;
        LevelBits = pageShift - 3;
        Levels = (addressBits - pageShift + LevelBits - 1) / LevelBits;
        TopShift = pageShift + (Levels - 1) * LevelBits;
        RootEntries = 1 << (addressBits - TopShift);
    }

    public int PageShift { get; }

    public int AddressBits { get; }

    public bool Lpa2 { get; }

    public int LevelBits { get; }

    public int Levels { get; }

    /// <summary>Number of address bits below those that index the root.</summary>
    public int TopShift { get; }

    public int RootEntries { get; }

    /// <summary>
    /// Reads the format from VMCOREINFO. NUMBER(VA_BITS) is the configured number; on a processor without 52-bit support the kernel runs
    /// with fewer bits, and T1SZ contains the real number (Linux commit bbdbc11804ff ("arm64/crash_core: Export TCR_EL1.T1SZ in
    /// vmcoreinfo") (v5.9)). With pages of 64 KiB the root table still has the size for 52 bits, and the processor uses a part in its
    /// middle.
    /// </summary>
    /// <exception cref="InputException">A key is missing, or its value is invalid for arm64.</exception>
    public static TableFormat Of(Keys keys, string input, int dumpPage)
    {
        int shift = (keys["PAGESIZE"] is { } text && int.TryParse(text, out int size) ? size : dumpPage) switch
        {
            1 << 12 => 12,
            1 << 14 => 14,
            1 << 16 => 16,
            int other => throw new InputException(input, "PAGESIZE", -1, $"{other} is not a page size of arm64"),
        };
        ulong built = keys.Number("VA_BITS") ?? throw new InputException(input, "NUMBER(VA_BITS)", -1, "missing in VMCOREINFO");
        ulong bits = shift == 16 && built == 52 || keys.Number("TCR_EL1_T1SZ") is not { } t1sz ? built : 64 - t1sz;
        if (built is < 36 or > 52 || bits is < 36 or > 52)
            throw new InputException(input, "NUMBER(VA_BITS)", -1,
                $"{built} with TCR_EL1_T1SZ {keys["NUMBER(TCR_EL1_T1SZ)"]} is not valid for arm64");
        return new TableFormat(shift, (int)bits, lpa2: shift < 16 && bits == 52);
    }

    /// <summary>Index of an address in a table, from the address bits above <paramref name="shift"/>.</summary>
    public ulong Index(ulong address, int shift) =>
        address >> shift & (shift == TopShift ? (ulong)RootEntries - 1 : (1UL << LevelBits) - 1);

    /// <summary>The physical address in a descriptor.</summary>
    public ulong Address(ulong entry)
    {
        ulong page = ~0UL << PageShift;
        if (Lpa2)
            return (entry & 0x0003_FFFF_FFFF_FFFF & page) | (entry & Bits51To50) << 42;
        ulong low = entry & 0x0000_FFFF_FFFF_FFFF & page;
        return PageShift == 16 ? low | (entry & Bits51To48) << 36 : low;
    }

    /// <summary>True if the entry maps a block at this level, or a page at the last level.</summary>
    public bool IsLeaf(ulong entry, int shift) =>
        (entry & 1) != 0 && (shift == PageShift ? (entry & 2) != 0 : (entry & 2) == 0 && MayBeBlock(shift));

    /// <summary>True if the processor would use the entry: for the next table, a block or a page.</summary>
    public bool IsValid(ulong entry, int shift) => (entry & 1) != 0 && ((entry & 2) != 0 || (shift != PageShift && MayBeBlock(shift)));

    /// <summary>Blocks: 1 GiB and 2 MiB; 64 GiB and 32 MiB; 4 TiB and 512 MiB. Linux maps no larger blocks.</summary>
    public bool MayBeBlock(int shift) => shift <= PageShift + 2 * LevelBits;

    /// <summary>Name of a level in the kernel's source (PGD to PTE); with fewer levels, those in the middle are folded.</summary>
    public string Name(int shift) =>
        shift == TopShift ? "PGD" : ((shift - PageShift) / LevelBits) switch { 0 => "PTE", 1 => "PMD", 2 => "PUD", _ => "P4D" };
}
