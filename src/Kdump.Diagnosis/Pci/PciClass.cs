namespace Kdump.Diagnosis.Pci;

/// <summary>
/// Class codes in words, for devices that no input names (PCI Code and ID Assignment Specification, as in linux/pci_ids.h).
/// </summary>
public static class PciClass
{
    /// <param name="code">Class and subclass, four hex digits.</param>
    public static string Words(string code) => code switch
    {
        "0100" => "SCSI controller", "0101" => "IDE controller", "0104" => "RAID controller", "0106" => "SATA controller", "0107" =>
            "SAS controller", "0108" => "NVMe controller", "0180" => "storage controller",
        "0200" => "network card", "0207" => "InfiniBand adapter", "0280" => "network controller", "0300" => "display controller", "0302" =>
            "3D controller", "0403" => "audio device",
        "0600" => "host bridge", "0601" => "ISA bridge", "0604" => "PCI bridge", "0700" => "serial port", "0880" =>
            "system peripheral", "0c03" => "USB controller", "0c04" => "Fibre Channel adapter", "0c05" => "SMBus", "0b40" =>
            "co-processor", "1200" => "accelerator",
        _ => code.Length == 4 ? $"device of class {code}" : code,
    };

    /// <summary>What a device is for, coarsely: two network cards of different makers have the same role.</summary>
    public static string Role(string kind)
    {
        string lower = kind.ToLowerInvariant();
        (string, string)[] roles =
        [
            ("ethernet", "network"), ("network", "network"), ("0200", "network"), ("0280", "network"), ("infiniband", "network"),
                ("0207", "network"), ("raid", "storage"), ("scsi", "storage"), ("sas", "storage"), ("sata", "storage"),
                ("mass storage", "storage"),
            ("non-volatile", "nvme"), ("0108", "nvme"), ("0100", "storage"), ("0104", "storage"), ("0106", "storage"), ("0107", "storage"),
                ("0180", "storage"), ("fibre", "fibre channel"), ("0c04", "fibre channel"), ("vga", "display"), ("3d", "display"),
                ("display", "display"), ("0300", "display"), ("0302", "display"),
        ];
        foreach ((string word, string role) in roles)
        {
            if (lower.Contains(word, StringComparison.Ordinal))
                return role;
        }
        return lower;
    }
}
