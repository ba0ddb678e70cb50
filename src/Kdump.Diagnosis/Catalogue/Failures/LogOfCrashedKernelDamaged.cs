namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class LogOfCrashedKernelDamaged
{
    public static readonly Failure Entry = new("log-of-crashed-kernel-damaged", "the log of the crashed kernel is damaged in its memory")
    {
        Area = Area.Writing,
        Signs = [new Sign("Cycle when parsing dmesg detected", "Index outside log_buf detected",
            "printk log_buf is most likely corrupted")],
        Severity = Severity.Warning,
        Explains = ["dmesg-not-saved"],
        Cause = "The records form a loop or point outside the buffer: " +
            "the memory was overwritten. The version of the program does not matter.",
        Fixes = [new("Read the log in the dump itself; kdt continues after such places", "kdt log vmcore")],
        Origin = "kexec-tools util_lib/elf_info.c",
    };
}
