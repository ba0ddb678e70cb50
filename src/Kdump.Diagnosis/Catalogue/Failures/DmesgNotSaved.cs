namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class DmesgNotSaved
{
    public static readonly Failure Entry = new("dmesg-not-saved", "the log of the crashed kernel could not be taken out of its memory")
    {
        Area = Area.Writing,
        Signs = [new Sign("makedumpfile --dump-dmesg failed", "saving vmcore-dmesg.txt failed", "Failed saving dmesg",
            "dump_dmesg: Can't {t}")],
        Severity = Severity.Warning,
        Cause = "makedumpfile (or vmcore-dmesg) looks for the log in the old memory by the names of its parts: " +
            "where it says that it does not find them, it is older than the kernel, whose log buffer Linux 5.10 changed. " +
            "The dump itself may be well.",
        Fixes = [new("Install a newer makedumpfile or kexec-tools, and rebuild the image", "makedumpfile -v")],
        Origin = "kernel/printk/printk_ringbuffer.h; Debian kdump-config",
    };
}
