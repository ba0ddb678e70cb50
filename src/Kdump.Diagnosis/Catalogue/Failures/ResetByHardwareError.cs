namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class ResetByHardwareError
{
    public static readonly Failure Entry =
        new("reset-by-hardware-error", "an uncorrected hardware error reset the machine before this boot")
    {
        Area = Area.Hardware,
        Signs = ["Previous system reset reason [*uncorrected error"],
        Severity = Severity.Critical,
        Cause = "The data fabric stopped all traffic (sync flood) so that bad data would not spread: memory, a CPU or a PCIe device.",
        Fixes = [new("Look for machine checks in the first seconds of this boot, and in the machine's event log", "ipmitool sel elist")],
        Kernels = "6.16 and later, AMD Zen",
        Origin = "arch/x86/kernel/cpu/amd.c print_s5_reset_status_mmio()",
    };
}
