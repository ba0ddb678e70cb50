namespace Kdump.Diagnosis.Catalogue.Rules;

/// <summary>What the catalogue says of rules written by hand: what hardware says.</summary>
internal static class HardwareEntries
{
    public static readonly Entry[] All =
    [
        new("mce-fatal", "the hardware reported an error that cannot be survived")
        {
            Area = Area.Hardware,
            Signature =
            [
                "mce: [Hardware Error]: CPU …: Machine Check Exception: … Bank …: …",
                "Kernel panic - not syncing: Fatal machine check",
            ],
            Cause = "The last record before the panic is the cause, those before it are history.",
            Fixes = [new("Decode it", "kdt mce console.log")],
            Kernels = "x86",
            Origin = "arch/x86/kernel/cpu/mce/core.c, severity.c",
        },
        new("mce-corrected", "the hardware corrected errors")
        {
            Area = Area.Hardware,
            Signature =
            [
                "mce: [Hardware Error]: Machine check events logged",
                "EDAC MC…: … CE …",
            ],
            Cause = "One is nothing; many from one place are a part about to fail.",
            Origin = "arch/x86/kernel/cpu/mce, drivers/edac",
        },
        new("hardware-error-by-firmware", "firmware reported a hardware error")
        {
            Area = Area.Hardware,
            Signature = ["{…}[Hardware Error]: Hardware error from APEI Generic Hardware Error Source: …"],
            Cause = "Firmware saw it first and passed it on (APEI GHES; BERT for the boot before).",
            Origin = "drivers/acpi/apei/ghes.c, drivers/firmware/efi/cper.c",
        },
        new("iommu-fault", "a device asked for memory that the IOMMU does not give it")
        {
            Area = Area.Hardware,
            Signature =
            [
                "DMAR: [DMA Write NO_PASID] Request device […] fault addr … [fault reason 0x05] …",
                "AMD-Vi: Event logged [IO_PAGE_FAULT …]",
                "AMD-Vi: Completion-Wait loop timed out",
            ],
            Cause = "In a crash kernel mostly DMA that the crashed one had started. Otherwise a driver that unmaps too early or goes round the DMA interface, or firmware that forgot an RMRR.",
            Origin = "drivers/iommu/intel/dmar.c, drivers/iommu/amd/iommu.c",
        },
        new("acs-missing", "the IOMMU cannot tell two devices apart")
        {
            Area = Area.Hardware,
            Signature = ["… Adding to iommu group …"],
            Cause = "A bridge above them lacks Access Control Services.",
            Origin = "drivers/iommu/iommu.c pci_device_group()",
        },
        new("aer-uncorrectable", "a PCIe device reported an error that was not corrected")
        {
            Area = Area.Hardware,
            Signature =
            [
                "… PCIe Bus Error: severity=Uncorrected (Fatal), type=…",
                "DPC: containment event, status:…",
            ],
            Cause = "The bits name the layer: link, flow control, a completion that never came, a request nobody takes.",
            Origin = "drivers/pci/pcie/aer.c, dpc.c",
        },
        new("aer-corrected", "a PCIe link corrects errors")
        {
            Area = Area.Hardware,
            Signature = ["… PCIe Bus Error: severity=Corrected, type=Physical Layer"],
            Cause = "A marginal link: contact, riser, cable, power saving.",
            Origin = "drivers/pci/pcie/aer.c",
        },
        new("vf-not-recovered", "a card recovered and its virtual functions did not")
        {
            Area = Area.Hardware,
            Signature = ["AER: can't recover (no error_detected callback)"],
            Cause = "The driver in a guest is told nothing of the reset.",
            Origin = "drivers/pci/pcie/err.c",
        },
        new("pcie-link-degraded", "a card runs with fewer lanes, or slower, than it could")
        {
            Area = Area.Hardware,
            Signature = ["… Gb/s available PCIe bandwidth, limited by …"],
            Cause = "A narrow slot, a bad contact, or a link that was trained down after errors.",
            Origin = "drivers/pci/pci.c __pcie_print_link_status()",
        },
        new("device-timeout", "a device did not answer its driver")
        {
            Area = Area.Hardware,
            Signature =
            [
                "nvme …: I/O … QID … timeout",
                "mlx5_core …: … No done completion",
            ],
            Cause = "Its firmware, its link, or an interrupt that was lost.",
            Origin = "the drivers themselves",
        },
    ];
}
