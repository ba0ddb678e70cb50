namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class RawTargetHoldsData
{
    public static readonly Failure Entry =
        new("raw-target-holds-data", "the raw partition {2} for the dump contains {1}, which a dump destroys")
    {
        Area = Area.Preparing,
        Signs = ["Detected '{e}' signature on {e}, data loss is expected."],
        In = Life.First,
        Severity = Severity.Warning,
        Cause = "A raw dump target is written from its first byte on.",
        Fixes = [new("Use a separate partition for raw in /etc/kdump.conf", "wipefs /dev/DISK", "wipefs without options only lists")],
        Origin = "kdump-utils kdumpctl",
    };
}
