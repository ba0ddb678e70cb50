namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class KdumpPreFailed
{
    public static readonly Failure Entry = new("kdump-pre-failed", "the script kdump_pre failed, so no dump was made")
    {
        Area = Area.Reaching,
        Signs = [new Sign("kdump_pre script exited with non-zero status", "Pre-script failed (")],
        In = Life.Capture,
        Severity = Severity.Critical,
        Cause = "kdump.sh takes a kdump_pre that fails as an order not to dump.",
        Fixes = [new("Make it end with exit 0 always; put what may fail into /etc/kdump/pre.d", "kdumpctl rebuild")],
        Origin = "kdump-utils dracut/99kdumpbase/kdump.sh do_kdump_pre()",
    };
}
