using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Views;

/// <summary>
/// The PCI devices of the crashed kernel: from pci_root_buses, each bus with its devices and the buses behind its bridges.
/// </summary>
public sealed class Devices
{
    private const int MaxDevices = 100_000;
    private const int MaxDepth = 64;

    private static readonly string[] PowerStates = ["D0", "D1", "D2", "D3hot", "D3cold", "unknown"];

    private readonly CrashedKernel kernel;
    private readonly List<PciDevice> all = [];
    private readonly List<Damage> damages = [];
    private readonly HashSet<ulong> seen = [];
    private readonly StructType bus;
    private readonly StructType device;

    internal Devices(CrashedKernel kernel)
    {
        this.kernel = kernel;
        bus = kernel.Struct("pci_bus");
        device = kernel.Struct("pci_dev");
        WalkBuses(kernel.Symbol("pci_root_buses"), null, 0);
    }

    public IReadOnlyList<PciDevice> All => all;

    public IReadOnlyList<Damage> Damages => damages;

    private void WalkBuses(VirtualAddress head, string? bridge, int depth)
    {
        if (depth > MaxDepth)
        {
            damages.Add(new Damage(kernel.Dump.Name, "pci_bus.children", -1, $"more than {MaxDepth} buses behind each other"));
            return;
        }
        int node = bus.Offset("node"), devices = bus.Offset("devices"), link = device.Offset("bus_list"), children = bus.Offset("children");
        foreach (VirtualAddress entry in KernelList.Walk(kernel.Memory, head, "pci_bus.node", damages, MaxDevices))
        {
            VirtualAddress at = entry + -node;
            if (!seen.Add(at.Value) || all.Count > MaxDevices)
            {
                damages.Add(new Damage(kernel.Dump.Name, "pci_bus.node", -1,
                    $"the bus at {at} stands in two places, or there are more than {MaxDevices} devices"));
                return;
            }
            string? behind = depth == 0 ? null : BridgeOf(at) ?? bridge;
            foreach (VirtualAddress on in KernelList.Walk(kernel.Memory, at + devices, "pci_bus.devices", damages, MaxDevices))
                Add(on + -link, behind);
            WalkBuses(at + children, behind, depth + 1);
        }
    }

    private string? BridgeOf(VirtualAddress address)
    {
        try
        {
            return new StructReader(kernel.Memory, bus, address).Follow("self") is { } bridge ? Name(bridge) : null;
        }
        catch (InputException e)
        {
            damages.Add(Damage.From(e));
            return null;
        }
    }

    private void Add(VirtualAddress address, string? bridge)
    {
        try
        {
            StructReader dev = new(kernel.Memory, device, address);
            StructReader generic = dev.Inner("dev");
            bool saved = dev.Has("state_saved") && dev.U64("state_saved") != 0;
            byte[]? config = null;
            if (saved && dev.Has("saved_config_space"))
            {
                config = new byte[64];
                if (!kernel.Memory.TryRead(dev.AddressOf("saved_config_space"), config))
                    config = null;
            }
            int power = dev.Has("current_state") ? dev.S32("current_state") : 5;
            all.Add(new PciDevice(Name(dev), (ushort)dev.U64("vendor"), (ushort)dev.U64("device"), (ushort)dev.U64("subsystem_vendor"),
                (ushort)dev.U64("subsystem_device"), dev.U32("class") & 0xFFFFFF, (byte)dev.U64("revision"),
                    generic.Follow("driver")?.TextAt("name"),
                dev.U32("irq"), Flag(dev, "msi_enabled"), Flag(dev, "msix_enabled"), Flag(dev, "is_busmaster"),
                dev.Has("enable_cnt.counter") && dev.S32("enable_cnt.counter") > 0, Flag(dev, "is_virtfn"),
                power >= 0 && power < PowerStates.Length ? PowerStates[power] : "error", dev.Has("dma_mask") ? dev.U64("dma_mask") : 0,
                bridge, Group(generic), config));
        }
        catch (InputException e)
        {
            damages.Add(Damage.From(e));
        }
    }

    private static bool Flag(StructReader dev, string bit) => dev.Has(bit) && dev.U64(bit) != 0;

    /// <summary>Name of a device in sysfs; if it cannot be read, composed of the root's domain, bus number and devfn.</summary>
    private static string Name(StructReader dev)
    {
        if (dev.Inner("dev").Inner("kobj").TextAt("name") is { Length: > 0 } name)
            return name;
        ulong devfn = dev.U64("devfn");
        ulong number = dev.Follow("bus") is { } on ? on.U64("number") : 0;
        return $"????:{number:x2}:{devfn >> 3 & 0x1F:x2}.{devfn & 7}";
    }

    private static int? Group(StructReader generic) =>
        generic.Has("iommu_group") && generic.Pointer("iommu_group").Value != 0 && generic.Type.Of("iommu_group") is not null
            && generic.Follow("iommu_group") is { } group && group.Has("id") ? group.S32("id") : null;
}
