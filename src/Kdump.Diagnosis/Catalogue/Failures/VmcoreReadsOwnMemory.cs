namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class VmcoreReadsOwnMemory
{
    public static readonly Failure Entry =
        new("vmcore-reads-own-memory", "the crash kernel died while /proc/vmcore was read: the page asked for is its own ({1})")
    {
        Area = Area.Writing,
        Signs =
        [
            new Sign("usercopy: Kernel memory exposure attempt detected from {e} (",
                "usercopy: Kernel memory exposure attempt detected {t}"),
            new Sign("copy_oldmem_page", "read_from_oldmem", "read_vmcore", "mmap_vmcore", "remap_oldmem_pfn", "copy_oldmem_iter"),
        ],
        Severity = Severity.Critical,
        Explains = ["capture-kernel-panic", "kernel-oops", "vmcore-incomplete"],
        Cause = "copy_oldmem_page() was given a page of memory that the crash kernel itself uses, and hardened usercopy stopped it. " +
            "The program that reads is not to blame: the description of the old memory " +
            "(elfcorehdr) overlaps the crash kernel's own memory, a bug of kexec-tools or of the kernel on this architecture.",
        Fixes =
        [
            new("Update kexec-tools and the kernel; the description can be compared with the reservation",
                "kexec -d -p /boot/vmlinuz-$(uname -r) --reuse-cmdline 2>&1 | grep -iE 'elf header|crash'; grep -i crash /proc/iomem"),
        ],
        Origin = "mm/usercopy.c, fs/proc/vmcore.c",
    };
}
