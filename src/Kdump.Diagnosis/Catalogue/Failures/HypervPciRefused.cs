namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class HypervPciRefused
{
    public static readonly Failure Entry = new("hyperv-pci-refused", "the Hyper-V host refused to switch on a PCI device (status {1})")
    {
        Area = Area.Reaching,
        Signs = [new Sign("PCI Pass-through VSP failed D0 Entry with status {t}")],
        Explains = ["driver-probe-failed", "dump-target-missing", "root-not-found"],
        Cause = "The VM's driver for passed-through devices (pci-hyperv) asked the host for a device, an NVMe disk or a network card, " +
            "and got no. After a crash or a kexec the host still counts things to the kernel that ended: the device was not given back, " +
            "or the window that the new kernel chose lies in the range of the frame buffer. What is behind that device is missing then.",
        Fixes =
        [
            new("Use a newer kernel: the driver tries again, and takes its window above 4 GiB (pci-hyperv fixes of 2024 and 2026)",
                "uname -r"),
            new("Until then send the dump to a disk or card of the host's own kind (hv_storvsc, " +
                "hv_netvsc), and load hyperv_drm before pci-hyperv in the crash kernel's image", "lsmod | grep -E 'hv_|hyperv'; lspci"),
        ],
        Origin = "drivers/pci/controller/pci-hyperv.c hv_pci_enter_d0(); linux-hyperv list, 2026",
    };
}
