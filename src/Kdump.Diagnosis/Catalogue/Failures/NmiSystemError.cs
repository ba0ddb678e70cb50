namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class NmiSystemError
{
    public static readonly Failure Entry = new("nmi-system-error", "the chipset reported a system error (SERR) by NMI")
    {
        Area = Area.Hardware,
        Signs = [new Sign("NMI: PCI system error (SERR) for reason", "You have some hardware problem, likely on the PCI bus")],
        Severity = Severity.Critical,
        CausedBy = ["aer-uncorrectable", "iommu-fault", "pci-slot-power-fault"],
        Explains = ["kernel-panic"],
        Cause = "A PCI device or bridge signalled an error that cannot be attributed here; the machine's event log usually names it.",
        Fixes =
        [
            new("Read the event log of the machine", "ipmitool sel elist"),
            new("Find the device whose status shows an error (SERR+, MAbort+, PERR+), then check its driver, seat and firmware",
                "lspci -vv | grep -E '^[0-9a-f]|SERR\\+|<MAbort\\+|PERR\\+'"),
        ],
        Kernels = "x86",
        Origin = "arch/x86/kernel/nmi.c pci_serr_error(); until 2.6.36 mem_parity_error() in traps.c",
    };
}
