namespace Kdump.Kernel.Views;

/// <summary>A PCI device of the crashed kernel: struct pci_dev of include/linux/pci.h.</summary>
/// <param name="Bdf">Domain, bus, device and function: <c>0000:00:1f.2</c>.</param>
/// <param name="Class">Class code of 24 bits: class, subclass, interface.</param>
/// <param name="Driver">The bound driver, or null.</param>
/// <param name="PowerState">D0 … D3cold, unknown, or an error.</param>
/// <param name="SavedConfig">The first 64 bytes of configuration space, if the kernel had saved and not yet restored them; otherwise
/// null.</param>
public sealed record PciDevice(
    string Bdf, ushort Vendor, ushort Device, ushort SubsystemVendor, ushort SubsystemDevice, uint Class, byte Revision,
    string? Driver, uint Irq, bool Msi, bool MsiX, bool BusMaster, bool Enabled, bool VirtualFunction, string PowerState, ulong DmaMask,
    string? ParentBridge, int? IommuGroup, byte[]? SavedConfig);
