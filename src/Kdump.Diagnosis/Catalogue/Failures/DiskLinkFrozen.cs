namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class DiskLinkFrozen
{
    public static readonly Failure Entry = new("disk-link-frozen", "the SATA link {1} froze")
    {
        Area = Area.Hardware,
        Signs = ["^ata{d}: exception Emask {w} SAct {w} SErr {w} action {w} frozen"],
        Subject = 1,
        Severity = Severity.Warning,
        Confidence = 0.85,
        Cause = "A command got no answer, and the link is reset: the disk, its cable or power, or an interrupt that was lost.",
        Fixes = [new("Look at the disk", "smartctl -a /dev/DISK")],
        Origin = "drivers/ata/libata-eh.c ata_eh_link_report()",
    };
}
