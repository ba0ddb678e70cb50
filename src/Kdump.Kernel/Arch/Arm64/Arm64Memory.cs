using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Arch.Arm64;

/// <summary>
/// An arm64 kernel's address space. Addresses are translated by the page tables; if tables are missing from the dump, addresses of the
/// image by kimage_voffset and of the linear map by PHYS_OFFSET. The linear map is the upper half of the kernel's addresses until Linux
/// commit 14c127c957c1 ("arm64: mm: Flip kernel VA space") (v5.4), the lower half since then.
/// </summary>
public sealed class Arm64Memory : KernelMemory
{
    /// <summary>
    /// The image is aligned to 2 MiB, or begins TEXT_OFFSET (512 KiB) after such an address; the bytes before _stext are its header.
    /// </summary>
    private const long BeforeText = 1 << 20, LongestImage = 256 << 20;

    private readonly PhysicalMemory physical;
    private readonly Keys? keys;
    private readonly ulong imageOffset;
    private readonly ulong linearStart;
    private readonly ulong linearEnd;
    private readonly ulong physicalOffset;

    private Arm64Memory(PhysicalMemory physical, Keys? keys, Arm64Pages pages, ulong imageOffset, ulong physicalOffset,
        VirtualAddress image, ImageRoom room)
    {
        this.physical = physical;
        this.keys = keys;
        Pages = pages;
        this.imageOffset = imageOffset;
        this.physicalOffset = physicalOffset;
        Image = room;
        if (keys?.Number("VA_BITS") is not { } bits)
            return;
        ulong lowest = unchecked(0 - (1UL << (int)bits)), middle = unchecked(0 - (1UL << ((int)bits - 1)));
        bool flipped = image.Value >= middle;
        // Use PAGE_END for the smallest number of address bits with which the kernel can run; addresses outside that range are not mapped
        // linearly.
        (linearStart, linearEnd) = flipped ? (lowest, unchecked(0 - (1UL << (Math.Min((int)bits, 48) - 1)))) : (middle, ulong.MaxValue);
    }

    public override string Name => physical.Name;

    public Arm64Pages Pages { get; }

    public override ImageRoom Image { get; }

    /// <exception cref="InputException">A required key of VMCOREINFO is missing.</exception>
    public static Arm64Memory Open(PhysicalMemory physical, Keys keys)
    {
        TableFormat format = TableFormat.Of(keys, physical.Name, physical.PageSize);
        VirtualAddress root = keys.Symbol("swapper_pg_dir")
            ?? throw new InputException(physical.Name, "SYMBOL(swapper_pg_dir)", -1, "missing in VMCOREINFO");
        ulong offset = keys.Number("kimage_voffset")
            ?? throw new InputException(physical.Name, "NUMBER(kimage_voffset)", -1,
                "missing in VMCOREINFO: no arm64 kernel, or one before 4.7");
        VirtualAddress text = keys.Symbol("_stext") ?? root;
        Arm64Pages pages = new(physical, new PhysicalAddress(unchecked(root.Value - offset)), format);
        return new Arm64Memory(physical, keys, pages, offset, keys.Number("PHYS_OFFSET") ?? 0, root,
            new ImageRoom(text + -BeforeText, text + LongestImage));
    }

    public override MemoryState Translate(VirtualAddress address, out PhysicalAddress result)
    {
        MemoryState state = Pages.Translate(address, out result);
        return state is MemoryState.Present or MemoryState.Unmapped || !Computed(address, out result) ? state : MemoryState.Present;
    }

    public override string EntryInWords(ulong entry) => Pages.Format.IsValid(entry, Pages.Format.PageShift)
        ? $"{Pages.Format.Address(entry):x}  {Descriptor.InWords(entry, Pages.Format, Pages.Format.PageShift)}"
        : Descriptor.InWords(entry, Pages.Format, Pages.Format.PageShift);

    public override IReadOnlyList<PageTableStep> Explain(VirtualAddress address) => Pages.Explain(address);

    public override KernelMemory? OfProcess(VirtualAddress tables) =>
        Translate(tables, out PhysicalAddress root) == MemoryState.Present
            ? new Arm64Memory(physical, null, Pages.OfProcess(root), 0, 0, default, default) : null;

    public override IReadOnlyCollection<ulong> PageTables(int most) => Pages.Tables(most);

    public override UserPages? OpenUser(VirtualAddress root) =>
        keys is not null && Translate(root, out PhysicalAddress at) == MemoryState.Present
            ? new Arm64UserPages(physical, at, Pages.Format, Arm64UserPages.SwapForm.Of(keys)) : null;

    /// <summary>__phys_to_virt(0) of arch/arm64/include/asm/memory.h.</summary>
    public override ulong? DirectMap =>
        linearEnd == 0 || keys?.Number("PHYS_OFFSET") is null ? null : unchecked(linearStart - physicalOffset);

    /// <summary>
    /// vmemmap of arch/arm64/include/asm/pgtable.h: the first struct page belongs to physical address PHYS_OFFSET, which may be negative.
    /// </summary>
    public override ulong? StructPages(int size) => keys?.Number("VMEMMAP_START") is { } start && keys.Number("PHYS_OFFSET") is not null
        ? unchecked(start - (ulong)(((long)physicalOffset >> Pages.Format.PageShift) * size)) : null;

    public override MemoryState Read(VirtualAddress address, Span<byte> buffer)
    {
        int page = 1 << Pages.Format.PageShift;
        while (buffer.Length > 0)
        {
            MemoryState state = Translate(address, out PhysicalAddress at);
            if (state != MemoryState.Present)
                return state;
            int n = (int)Math.Min((uint)buffer.Length, page - (uint)(address.Value & (ulong)(page - 1)));
            state = physical.Read(at, buffer[..n]);
            if (state != MemoryState.Present)
                return state;
            buffer = buffer[n..];
            address += n;
        }
        return MemoryState.Present;
    }

    private bool Computed(VirtualAddress address, out PhysicalAddress result)
    {
        result = default;
        if (Image.Holds(address))
            result = new PhysicalAddress(unchecked(address.Value - imageOffset));
        else if (linearEnd != 0 && address.Value >= linearStart && address.Value < linearEnd && keys?.Number("PHYS_OFFSET") is not null)
            result = new PhysicalAddress(unchecked(address.Value - linearStart + physicalOffset));
        else
            return false;
        return true;
    }
}
