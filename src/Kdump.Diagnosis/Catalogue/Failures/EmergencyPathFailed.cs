namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class EmergencyPathFailed
{
    public static readonly Failure Entry = new("emergency-path-failed", "the error handling of the crash kernel failed, too")
    {
        Area = Area.Reaching,
        Signs = ["Failed to start *: Transaction is destructive."],
        In = Life.Capture,
        CausedBy = ["dump-target-missing"],
        Cause = "systemd refused to start the emergency unit, because another job already stops it; nothing then reboots the machine.",
        Fixes = [new("Update kdump-utils; add panic=10 to the crash kernel's command line so that a hang ends")],
        Origin = "kdump-utils commit 5c87d73",
    };
}
