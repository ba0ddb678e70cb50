namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class KdumpPreFailed
{
    public static readonly Failure Entry = new("kdump-pre-failed", "the script kdump_pre failed, so no dump was made")
    {
        Area = Area.Reaching,
        Signs = [new Sign("kdump_pre script exited with non-zero status", "Pre-script failed (")],
        In = Life.Capture,
        Severity = Severity.Critical,
        Cause = "kdump.sh makes no dump if kdump_pre fails.",
        Fixes = [new("Let it always end with exit 0; move commands that may fail to /etc/kdump/pre.d",
            "kdumpctl rebuild && kdumpctl restart")],
        Origin = "kdump-utils dracut/99kdumpbase/kdump.sh do_kdump_pre()",
    };
}
