namespace Kdump.Diagnosis.Pci;

/// <summary>Devices with public reports of crashes once an IOMMU was switched on, by vendor and device id and by driver.</summary>
public static class IommuSensitive
{
    private static readonly (string Ids, string Driver, string Name, string Report)[] Known =
    [
        ("15b3:1003", "mlx4_core", "Mellanox ConnectX-3 (MT27500)", "forum.proxmox.com thread 145760: random crashes with 6.8 kernels"),
    ];

    /// <summary>What is known of the device; null for any other.</summary>
    public static (string Driver, string Name, string Report)? Find(string? ids)
    {
        foreach (var k in Known)
        {
            if (k.Ids == ids)
                return (k.Driver, k.Name, k.Report);
        }
        return null;
    }
}
