namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class DeviceHangsUdev
{
    public static readonly Failure Entry = new("device-hangs-udev", "{1} does not answer: udev waited for it and gave up")
    {
        Area = Area.Reaching,
        Signs = ["]: {d}: Worker [{w}]", new Sign("processing SEQNUM={w} killed", "processing SEQNUM={w} is taking a long time")],
        Subject = 1,
        Explains = ["dump-target-missing"],
        CausedBy = ["vector-exhaustion"],
        Cause = "udev first reads the first blocks of a new disk, and this read did not end: " +
            "the device's interrupt does not arrive, or the device does not work. " +
            "In a crash kernel with one CPU it is the interrupt if the driver has a queue for every possible CPU.",
        Fixes =
        [
            new("Start the crash kernel with a different number of CPUs: nr_cpus=2 instead of maxcpus=1 or nr_cpus=1",
                "grep -n cpus= /etc/sysconfig/kdump /etc/default/kdump-tools"),
            new("Check its interrupts in the crash kernel", "kdump-probe"),
        ],
        Origin = "systemd src/udev/udevd.c; bugzilla.kernel.org 217350",
    };
}
