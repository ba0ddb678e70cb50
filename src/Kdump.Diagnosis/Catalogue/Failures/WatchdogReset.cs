namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class WatchdogReset
{
    public static readonly Failure Entry = new("watchdog-reset", "the hardware watchdog reset the machine before this boot")
    {
        Area = Area.Hardware,
        Signs = [new("Previous system reset reason [*watchdog", "Reboot reason: {w} - *Watchdog")],
        Severity = Severity.Warning,
        Cause = "Nothing fed the watchdog: the machine hung, or the crash kernel ran without the watchdog's driver while it wrote the " +
            "dump.",
        Fixes = [new("Put the watchdog's driver into the image (kdump-utils does so when it is active before the image is built)",
            "wdctl; kdumpctl rebuild && kdumpctl restart")],
        Kernels = "6.16 and later, AMD Zen",
        Origin = "arch/x86/kernel/cpu/amd.c print_s5_reset_status_mmio(); kdump-utils commit d551516; GrapheneOS os-issue-tracker 2793",
    };
}
