namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class ResetByHeat
{
    public static readonly Failure Entry = new("reset-by-heat", "heat switched the machine off before this boot")
    {
        Area = Area.Hardware,
        Signs = ["Previous system reset reason [*thermal"],
        Severity = Severity.Critical,
        Cause = "The processor reached the temperature at which it must stop.",
        Fixes = [new("Look at fans, filters and heat sinks", "sensors; ipmitool sdr type temperature")],
        Kernels = "6.16 and later, AMD Zen",
        Origin = "arch/x86/kernel/cpu/amd.c print_s5_reset_status_mmio()",
    };
}
