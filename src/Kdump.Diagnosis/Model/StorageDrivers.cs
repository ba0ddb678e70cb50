namespace Kdump.Diagnosis.Model;

/// <summary>Drivers of devices that can contain a dump target. A failure of another driver does not explain a missing disk.</summary>
public static class StorageDrivers
{
    private static readonly string[] Names =
    [
        "virtio_blk", "virtio_scsi", "virtio-pci", "virtio_pci", "nvme", "ahci", "ata_piix", "megaraid_sas", "mpt3sas", "mpt2sas", "mpi3mr",
            "hpsa",
        "smartpqi", "aacraid", "arcmsr", "qla2xxx", "lpfc", "bfa", "fnic", "snic", "csiostor", "bnx2fc", "bnx2i", "qedf", "qedi", "isci",
            "mvsas",
        "pm80xx", "pm8001", "3w-9xxx", "3w-sas", "ips", "megaraid", "mptsas", "mptspi", "vmw_pvscsi", "xen-blkfront", "xen_blkfront",
        "hv_storvsc", "storvsc", "hv_vmbus", "vmd", "sd", "sr", "usb-storage", "uas", "sdhci-pci", "sdhci-acpi", "mmcblk", "nvme_rdma",
            "nvme_tcp",
    ];

    public static bool Contains(string driver) => Array.IndexOf(Names, driver) >= 0;
}
