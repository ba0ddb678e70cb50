namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class DumpDeletedAgain
{
    public static readonly Failure Entry = new("dump-deleted-again", "the dump was written and then deleted, to keep the disk from filling")
    {
        Area = Area.Writing,
        Signs = ["less than KDUMP_FREE_DISK_SIZE", "Deleting vmcore"],
        In = Life.Capture,
        Severity = Severity.Critical,
        Cause = "kdump-save keeps KDUMP_FREE_DISK_SIZE megabytes free, and deletes a dump that leaves less.",
        Fixes = [new("Give the target more room, or lower KDUMP_FREE_DISK_SIZE and raise KDUMP_DUMPLEVEL in /etc/sysconfig/kdump",
            "df -h /var/crash")],
        Origin = "openSUSE kdump-save",
    };
}
