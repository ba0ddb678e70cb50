namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class NmiSystemError
{
    public static readonly Failure Entry = new("nmi-system-error", "the chipset reported a system error (SERR) by NMI")
    {
        Area = Area.Hardware,
        Signs = ["NMI: PCI system error (SERR) for reason"],
        Severity = Severity.Critical,
        CausedBy = ["aer-uncorrectable"],
        Explains = ["kernel-panic"],
        Cause = "A PCI device or bridge signalled an error that cannot be attributed here; the machine's event log usually names it.",
        Fixes = [new("Read the event log of the machine", "ipmitool sel elist")],
        Kernels = "x86",
        Origin = "arch/x86/kernel/nmi.c pci_serr_error()",
    };
}
