namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class DeviceHangsUdev
{
    public static readonly Failure Entry = new("device-hangs-udev", "{1} does not answer: udev waited for it and gave up")
    {
        Area = Area.Reaching,
        Signs = ["]: {d}: Worker [{w}]", new Sign("processing SEQNUM={w} killed", "processing SEQNUM={w} is taking a long time")],
        Subject = 1,
        Explains = ["dump-target-missing"],
        CausedBy = ["vector-exhaustion", "disk-offline", "usb-device-left"],
        Cause = "udev first reads the first blocks of a new disk, and this read did not end: " +
            "the device's interrupt does not arrive, or the device does not work. " +
            "In a crash kernel with one CPU it is the interrupt if the driver has a queue for every possible CPU.",
        Fixes =
        [
            new("Read what the kernel said of the device and its controller before", "journalctl -k -b | tail -100"),
            new("In a crash kernel: start it with a different number of CPUs (nr_cpus=2 instead of maxcpus=1 or nr_cpus=1), " +
                "and check its interrupts there (kdump-probe)", "grep -n cpus= /etc/sysconfig/kdump /etc/default/kdump-tools"),
        ],
        Origin = "systemd src/udev/udevd.c; bugzilla.kernel.org 217350",
    };
}
