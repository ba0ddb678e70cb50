using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Arch.X8664;

/// <summary>
/// An x86-64 kernel's address space. Addresses are translated by the page tables; if tables are missing from the dump, addresses of the
/// kernel's image by phys_base.
/// </summary>
public sealed class X8664Memory : KernelMemory
{
    /// <summary>__START_KERNEL_map: virtual address of physical phys_base, arch/x86/include/asm/page_64_types.h.</summary>
    public const ulong StartKernelMap = 0xFFFF_FFFF_8000_0000;

    private const ulong DefaultImageSize = 1 << 30;
    private const int ParallelBytes = 512 << 10;

    private readonly PhysicalMemory physical;
    private readonly ulong physBase;
    private readonly ulong imageSize;

    public X8664Memory(PhysicalMemory physical, X8664Pages pages, ulong physBase, ulong imageSize)
    {
        this.physical = physical;
        Pages = pages;
        this.physBase = physBase;
        this.imageSize = imageSize;
    }

    public override string Name => physical.Name;

    public X8664Pages Pages { get; }

    public override ImageRoom Image => new(new(StartKernelMap), new(unchecked(StartKernelMap + imageSize)));

    /// <summary>
    /// Opens the address space from VMCOREINFO: phys_base, the root of the page tables, four or five levels, AMD's encryption bit.
    /// </summary>
    /// <exception cref="InputException">VMCOREINFO lacks phys_base or the root.</exception>
    public static X8664Memory Open(PhysicalMemory physical, Keys keys)
    {
        ulong physBase = keys.Number("phys_base")
            ?? throw new InputException(physical.Name, "NUMBER(phys_base)", -1,
                "missing in VMCOREINFO: no x86-64 kernel, or one before 4.10");
        VirtualAddress root = keys.Symbol("swapper_pg_dir") ?? keys.Symbol("init_top_pgt") ?? keys.Symbol("init_level4_pgt")
            ?? throw new InputException(physical.Name, "SYMBOL(swapper_pg_dir)", -1, "missing in VMCOREINFO");
        X8664Pages pages = new(physical, ImageToPhysical(root, physBase), keys.Number("pgtable_l5_enabled") is > 0,
            keys.Number("sme_mask") ?? 0);
        return new X8664Memory(physical, pages, physBase, keys.Number("KERNEL_IMAGE_SIZE") ?? DefaultImageSize);
    }

    public static PhysicalAddress ImageToPhysical(VirtualAddress address, ulong physBase) =>
        new(unchecked(address.Value - StartKernelMap + physBase));

    public override MemoryState Translate(VirtualAddress address, out PhysicalAddress result)
    {
        MemoryState state = Pages.Translate(address, out result);
        return state is MemoryState.Present or MemoryState.Unmapped || !Linear(address, out result) ? state : MemoryState.Present;
    }

    public override string EntryInWords(ulong entry) => Pages.InWords(entry);

    public override IReadOnlyList<PageTableStep> Explain(VirtualAddress address) => Pages.Explain(address);

    public override KernelMemory? OfProcess(VirtualAddress tables) =>
        Translate(tables, out PhysicalAddress root) == MemoryState.Present
            ? new X8664Memory(physical, Pages.From(root), physBase, imageSize: 0) : null;

    public override IReadOnlyCollection<ulong> PageTables(int most) => Pages.Tables(most);

    public override UserPages? OpenUser(VirtualAddress root) =>
        Translate(root, out PhysicalAddress at) == MemoryState.Present
            ? new X8664UserPages(physical, at, Pages.FiveLevels, Pages.AddressMask)
            : null;

    /// <summary>
    /// Reads a large range into an array. Tables of the kernel have megabytes in compressed pages, so several processors read at once.
    /// </summary>
    public override MemoryState Read(VirtualAddress address, byte[] buffer, int count)
    {
        if (count < ParallelBytes || Environment.ProcessorCount == 1)
            return Read(address, buffer.AsSpan(0, count));
        int part = (count / Environment.ProcessorCount + BlockPage - 1) & -BlockPage;
        int parts = (count + part - 1) / part;
        MemoryState[] states = new MemoryState[parts];
        Parallel.For(0, parts, i =>
        {
            int at = i * part;
            states[i] = Read(address + at, buffer.AsSpan(at, Math.Min(part, count - at)));
        });
        return Array.Find(states, s => s != MemoryState.Present);
    }

    public override MemoryState Read(VirtualAddress address, Span<byte> buffer)
    {
        MemoryState state = ReadPages(ref address, buffer);
        if (state is not (MemoryState.Present or MemoryState.Unmapped))
            physical.Unread?.Note(address, state);
        return state;
    }

    /// <param name="address">On return the address of the first missing byte, if one is missing.</param>
    private MemoryState ReadPages(ref VirtualAddress address, Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            MemoryState state = Translate(address, out PhysicalAddress at);
            if (state != MemoryState.Present)
                return state;
            int n = (int)Math.Min((uint)buffer.Length, 0x1000 - (uint)(address.Value & 0xFFF));
            state = physical.Read(at, buffer[..n]);
            if (state != MemoryState.Present)
                return state;
            buffer = buffer[n..];
            address += n;
        }
        return MemoryState.Present;
    }

    private bool Linear(VirtualAddress address, out PhysicalAddress result)
    {
        result = default;
        if (address.Value < StartKernelMap || address.Value - StartKernelMap >= imageSize)
            return false;
        result = ImageToPhysical(address, physBase);
        return true;
    }
}
