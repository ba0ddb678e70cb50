namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class VmcoreNotThere
{
    public static readonly Failure Entry = new("vmcore-not-there", "the crash kernel does not have the memory of the crashed one")
    {
        Area = Area.Writing,
        Signs = [
            new Sign("Kdump: vmcore not initialized", "/proc/vmcore does not exist; kdump initrd",
                "Cannot open /proc/vmcore: No such file or directory",
                "Can't open the dump memory(/proc/vmcore). No such file or directory",
                "cannot stat '/proc/vmcore': No such file or directory", "Warning: Core image elf header*not "),
        ],
        Severity = Severity.Critical,
        Explains = ["makedumpfile-failed", "dmesg-not-saved", "dump-not-saved"],
        Cause = "There is no /proc/vmcore: the header that describes the old memory (elfcorehdr=) is missing or damaged, " +
            "the kernel refused it (its first lines say so), this kernel lacks CONFIG_PROC_VMCORE, or it was not started by a crash.",
        Fixes =
        [
            new("Check the crash kernel's messages about the header in its first lines", "dmesg | grep -iE 'elfcorehdr|elf header|vmcore'"),
            new("Reload the crash kernel after memory or CPUs were added or removed",
                "systemctl restart kdump   # Debian, Ubuntu: kdump-config reload"),
        ],
        Origin = "fs/proc/vmcore.c vmcore_init(); openSUSE kdump-save; makedumpfile open_dump_memory(); kexec-tools vmcore-dmesg",
    };
}
