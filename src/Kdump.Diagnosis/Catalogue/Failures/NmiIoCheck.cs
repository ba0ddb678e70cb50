namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class NmiIoCheck
{
    public static readonly Failure Entry = new("nmi-io-check", "a device reported an I/O check error by NMI")
    {
        Area = Area.Hardware,
        Signs = ["NMI: IOCK error (debug interrupt?) for reason"],
        Severity = Severity.Warning,
        Explains = ["kernel-panic"],
        Cause = "The channel-check line was pulled: " +
            "on old machines memory or a card, on new ones often the button or command that asks for a dump.",
        Fixes = [new("Read the event log of the machine", "ipmitool sel elist")],
        Kernels = "x86",
        Origin = "arch/x86/kernel/nmi.c io_check_error()",
    };
}
