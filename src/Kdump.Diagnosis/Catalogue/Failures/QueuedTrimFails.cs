namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class QueuedTrimFails
{
    public static readonly Failure Entry = new("queued-trim-fails", "the drive of {1} does not do queued TRIM (SEND FPDMA QUEUED)")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Signs = ["{d}: failed command: SEND FPDMA QUEUED"],
        Subject = 1,
        Cause = "The drive says that it can take the command TRIM in its queue, and does not answer it or answers with an error: " +
            "a fault of its firmware (known of several Samsung, Micron and Crucial drives). The kernel then resets the link, and other " +
            "commands wait or fail.",
        Fixes =
        [
            new("Switch queued TRIM off on the kernel's command line: libata.force=noncqtrim (or N:noncqtrim for ataN alone)",
                "cat /sys/class/ata_device/dev1.0/trim"),
            new("Update the drive's firmware and the kernel (its list of such drives)", "smartctl -i /dev/sda"),
        ],
        Explains = ["disk-link-frozen", "disk-io-error"],
        Origin = "drivers/ata/libata-core.c ATA_HORKAGE_NO_NCQ_TRIM (ATA_QUIRK_NO_NCQ_TRIM)",
    };
}
