namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class VmcoreNotThere
{
    public static readonly Failure Entry = new("vmcore-not-there", "the crash kernel does not have the memory of the crashed one")
    {
        Area = Area.Writing,
        Signs = [new Sign("Kdump: vmcore not initialized", "/proc/vmcore does not exist; kdump initrd")],
        Severity = Severity.Critical,
        Explains = ["makedumpfile-failed"],
        Cause = "The header that describes the old memory (elfcorehdr=) is missing or damaged, or this kernel was not started by a crash.",
        Fixes = [new("Load the crash kernel anew after memory or CPUs were added or removed", "kdumpctl restart")],
        Origin = "fs/proc/vmcore.c vmcore_init(); openSUSE kdump-save",
    };
}
