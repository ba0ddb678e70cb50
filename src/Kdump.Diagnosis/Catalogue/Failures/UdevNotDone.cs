namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class UdevNotDone
{
    public static readonly Failure Entry = new("udev-not-done", "udev did not get done with the machine's devices in time")
    {
        Area = Area.Reaching,
        Severity = Severity.Warning,
        Signs =
        [
            new Sign("udevadm settle - timeout of {w} seconds reached, the event queue contains:",
                "Timed out for waiting the udev queue being empty"),
        ],
        Cause = "The start waited until every device that was found had been set up, and gave up: for one of them the work does not end, " +
            "mostly a disk or a CD drive that does not answer, or a driver that hangs. What comes next may miss devices.",
        Fixes =
        [
            new("See which device it is: the line names it (/sys/devices/…), or ask udev and the kernel",
                "udevadm settle --timeout=1; ps -eo pid,stat,args | grep udev; dmesg | tail -50"),
            new("Test without it: unplug it, or switch its controller off in the firmware"),
        ],
        Explains = ["root-not-found", "root-not-mounted"],
        CausedBy = ["disk-link-frozen", "disk-offline", "device-hangs-udev"],
        Origin = "udev (140 to 181) udevadm-settle.c; systemd src/udev/udevadm-settle.c",
    };
}
