namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>A disk, partition or mapped device as sysfs shows it.</summary>
/// <param name="Name"><c>vda1</c>.</param>
/// <param name="Bytes">Size.</param>
/// <param name="Disk">The disk a partition lies on; empty for a whole disk.</param>
/// <param name="Chain">From the PCI function to the disk: <c>0000:00:03.0 virtio1 vda</c>; empty for virtual ones.</param>
/// <param name="FsUuid">From udev's database, where udev ran.</param>
/// <param name="FsLabel">Likewise.</param>
/// <param name="PartUuid">From the kernel (since 6.9) or udev.</param>
/// <param name="MappedName">Device-mapper name; empty for others.</param>
public sealed record BlockDevice(
    Source Source, string Name, long Bytes, string Disk, string Chain, string FsUuid, string FsLabel, string PartUuid, string MappedName)
        : Fact(Source)
{
    public bool IsWhole => Disk.Length == 0;

    /// <summary>The PCI function that it is attached to; empty for virtual ones.</summary>
    public string Pci
    {
        get
        {
            int blank = Chain.IndexOf(' ');
            string first = blank < 0 ? Chain : Chain[..blank];
            return PciAddressLike(first) ? first : "";
        }
    }

    private static bool PciAddressLike(string text) => text.Length >= 12 && text.Contains(':') && text.Contains('.');
}
