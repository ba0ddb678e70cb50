namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class CrashkernelChanged
{
    public static readonly Failure Entry = new("crashkernel-changed", "crashkernel= was changed for the next start: {1}")
    {
        Area = Area.Preparing,
        Signs = [new Sign("crashkernel={e} now. Please reboot the system for the change to take effect",
            "Updated crashkernel={e} for kernel=*. Please reboot")],
        In = Life.First,
        Severity = Severity.Info,
        Cause = "kdump's service (or an update of it) wrote a new reservation into the boot loader's entries. " +
            "It is no fault; until the machine is restarted the old reservation is in use.",
        Fixes = [new("Restart the machine when it suits, then see that it is reserved and loaded",
            "cat /proc/cmdline /sys/kernel/kexec_crash_size; kdumpctl status")],
        Origin = "kdump-utils kdumpctl reset_crashkernel_for_installed_kernel(); dyrnq/install-docker issue 23",
    };
}
