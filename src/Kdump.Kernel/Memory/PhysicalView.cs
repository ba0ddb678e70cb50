using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Memory;

/// <summary>Physical memory as an address space: virtual addresses equal physical ones.</summary>
public sealed class PhysicalView(PhysicalMemory physical) : KernelMemory
{
    public override string Name => physical.Name;

    public override ImageRoom Image => default;

    public override MemoryState Translate(VirtualAddress address, out PhysicalAddress result)
    {
        result = new PhysicalAddress(address.Value);
        return MemoryState.Present;
    }

    public override MemoryState Read(VirtualAddress address, Span<byte> buffer) =>
        physical.Read(new PhysicalAddress(address.Value), buffer);
}
