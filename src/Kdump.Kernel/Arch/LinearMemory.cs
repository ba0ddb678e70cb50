using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Arch;

/// <summary>
/// A kernel's address space without page tables: only ranges that are mapped with a fixed offset, which are the linear map and usually
/// the image. Log, types, symbols and tasks can be read; vmalloc memory, modules and per-CPU areas usually cannot.
/// </summary>
internal sealed class LinearMemory : KernelMemory
{
    /// <summary>Maximum distances in bytes: from the lowest symbol to the start of the text, and the length of the image.</summary>
    private const long BeforeText = 16 << 20, LongestImage = 256 << 20;

    private readonly PhysicalMemory physical;
    private readonly LinearRange[] ranges;

    /// <exception cref="InputException">No range contains the kernel.</exception>
    public LinearMemory(PhysicalMemory physical, Keys keys, LinearRange[] ranges)
    {
        this.physical = physical;
        this.ranges = ranges;
        VirtualAddress text = keys.Symbol("_stext") ?? keys.Symbol("init_uts_ns") ??
            throw new InputException(physical.Name, "SYMBOL(_stext)", -1, "missing in VMCOREINFO");
        Image = new ImageRoom(text + -BeforeText, text + LongestImage);
        if (Translate(text, out _) != MemoryState.Present)
            throw new InputException(physical.Name, "SYMBOL(_stext)", -1,
                $"{text} is in no range of addresses that this kernel maps linearly");
    }

    public override string Name => physical.Name;

    public override ImageRoom Image { get; }

    public override MemoryState Translate(VirtualAddress address, out PhysicalAddress result)
    {
        foreach (LinearRange range in ranges)
        {
            if (address.Value >= range.First && address.Value <= range.Last)
            {
                result = new PhysicalAddress(unchecked(address.Value - range.Offset));
                return MemoryState.Present;
            }
        }
        result = default;
        return MemoryState.Unmapped;
    }

    public override MemoryState Read(VirtualAddress address, Span<byte> buffer)
    {
        MemoryState state = Translate(address, out PhysicalAddress at);
        return state == MemoryState.Present ? physical.Read(at, buffer) : state;
    }
}

/// <summary>A range of virtual addresses with a fixed difference to the physical addresses.</summary>
/// <param name="Last">The last address in the range.</param>
internal readonly record struct LinearRange(ulong First, ulong Last, ulong Offset);
