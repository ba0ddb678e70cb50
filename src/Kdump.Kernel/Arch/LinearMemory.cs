using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;

namespace Kdump.Kernel.Arch;

/// <summary>
/// A kernel's address space without its page tables: only what is mapped by a fixed sum, the linear map and mostly the image. Log, types,
/// symbols and tasks are there; vmalloc, modules and per-CPU areas mostly are not.
/// </summary>
internal sealed class LinearMemory : KernelMemory
{
    /// <summary>Symbols lie so near to the beginning of the text.</summary>
    private const long BeforeText = 16 << 20, LongestImage = 256 << 20;

    private readonly PhysicalMemory physical;
    private readonly LinearRange[] ranges;

    /// <exception cref="InputException">No range holds the kernel.</exception>
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

/// <summary>Virtual addresses whose physical ones are so much less.</summary>
/// <param name="Last">The last address that is in it.</param>
internal readonly record struct LinearRange(ulong First, ulong Last, ulong Offset);
