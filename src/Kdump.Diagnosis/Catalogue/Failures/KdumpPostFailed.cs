namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class KdumpPostFailed
{
    public static readonly Failure Entry = new("kdump-post-failed", "the script after the dump failed")
    {
        Area = Area.Writing,
        Signs = [new Sign("kdump_post script exited with non-zero status", "Post-script failed (")],
        In = Life.Capture,
        Severity = Severity.Warning,
        Cause = "What it should do with the dump was not done. The dump itself is not affected.",
        Fixes = [new("Run it by hand in the first kernel and check whether it needs something that the image lacks",
            "kdt image check IMAGE")],
        Origin = "kdump-utils dracut/99kdumpbase/kdump.sh do_kdump_post()",
    };
}
