namespace Kdump.Diagnosis.Evidence.Pci;

/// <summary>One PCI function as sysfs shows it (drivers/pci/pci-sysfs.c).</summary>
/// <param name="Address"><c>0000:1d:00.0</c>.</param>
/// <param name="Class">Class, subclass and programming interface: 0x010802.</param>
/// <param name="Vendor">16 bits; -1 when it could not be read.</param>
/// <param name="Device">16 bits; -1 when it could not be read.</param>
/// <param name="Name">Vendor, kind of device: from a table of our own, as no pci.ids is in a crash image.</param>
/// <param name="Driver">Bound driver; empty for none.</param>
/// <param name="Modules">Modules of the image whose aliases fit, blank separated; null when the image holds no modules.alias.</param>
/// <param name="NumaNode">-1 for none.</param>
/// <param name="Power">D0, D3hot, D3cold …; empty when not told.</param>
/// <param name="Msi">Interrupts it has allocated (msi_irqs), requested or not.</param>
/// <param name="MsiKind">msi, msix, or empty.</param>
/// <param name="VirtualFunctions">SR-IOV: how many there could be; 0 without SR-IOV.</param>
/// <param name="IsVirtualFunction">It is one.</param>
/// <param name="Enabled">The bus may reach it: a driver enabled it.</param>
public sealed record PciFunction(
    Source Source, string Address, int Class, int Vendor, int Device, string Name, string Driver, string? Modules, int NumaNode,
    string Power, int Msi, string MsiKind, int VirtualFunctions, bool IsVirtualFunction, bool Enabled) : Fact(Source)
{
    /// <summary>A device of this class can hold or reach a dump target: storage, network, and virtio of any kind.</summary>
    public bool MayReachTarget => Class >> 16 is 0x01 or 0x02 || Vendor == 0x1af4 || Class >> 8 is 0x0c04 or 0x0c03;
}
