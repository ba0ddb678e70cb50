namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class DiskOffline
{
    public static readonly Failure Entry = new("disk-offline", "a disk was taken offline")
    {
        Area = Area.Hardware,
        Signs = ["rejecting I/O to offline device"],
        Confidence = 0.9,
        CausedBy = ["disk-link-frozen", "aer-uncorrectable"],
        Cause = "The SCSI layer gave up on it after its resets did not help.",
        Fixes = [new("See what came before it, and the disk", "smartctl -a /dev/DISK")],
        Origin = "drivers/scsi/scsi_lib.c scsi_prep_state_check()",
    };
}
