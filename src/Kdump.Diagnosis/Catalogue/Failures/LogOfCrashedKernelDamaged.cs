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
        Cause = "The records lead in a circle or out of the buffer: the memory was overwritten. It is no matter of the program's age.",
        Fixes = [new("Look at the log in the dump itself, which goes on past such places", "kdt log vmcore")],
        Origin = "kexec-tools util_lib/elf_info.c",
    };
}
