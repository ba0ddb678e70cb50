using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Memory;

/// <summary>
/// The kernel's address space: page tables first; where the tables themselves are missing from the dump, the two linear maps
/// (kernel image by phys_base, direct map by page_offset_base) still tell.
/// </summary>
public sealed class X8664Memory : KernelMemory
{
    /// <summary>__START_KERNEL_map: virtual address of physical phys_base, arch/x86/include/asm/page_64_types.h.</summary>
    public const ulong StartKernelMap = 0xFFFF_FFFF_8000_0000;

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

    public PhysicalMemory Physical => physical;

    public X8664Pages Pages { get; }

    /// <summary>Where the direct map begins, once known.</summary>
    public VirtualAddress? PageOffset { get; set; }

    public static PhysicalAddress ImageToPhysical(VirtualAddress address, ulong physBase) =>
        new(unchecked(address.Value - StartKernelMap + physBase));

    public MemoryState Translate(VirtualAddress address, out PhysicalAddress result)
    {
        MemoryState state = Pages.Translate(address, out result);
        return state is MemoryState.Present or MemoryState.Unmapped || !Linear(address, out result) ? state : MemoryState.Present;
    }

    /// <summary>A table of the kernel's, megabytes of compressed pages: read by all processors at once.</summary>
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
        if (address.Value >= StartKernelMap && address.Value - StartKernelMap < imageSize)
        {
            result = ImageToPhysical(address, physBase);
            return true;
        }
        if (PageOffset is not { } offset || address < offset || address.Value - offset.Value >= 1UL << 46)
            return false;
        result = new PhysicalAddress(address.Value - offset.Value);
        return true;
    }
}
