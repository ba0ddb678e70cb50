namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class KdumpServiceOff
{
    public static readonly Failure Entry = new("kdump-service-off", "kdump-tools is installed but switched off")
    {
        Area = Area.Preparing,
        Signs = ["USE_KDUMP is not set or zero"],
        In = Life.First,
        Severity = Severity.Warning,
        Explains = ["no-capture-kernel"],
        Cause = "The service does nothing until USE_KDUMP=1 is set in its configuration.",
        Fixes = [new("Switch it on", "sed -i 's/^USE_KDUMP=.*/USE_KDUMP=1/' /etc/default/kdump-tools && kdump-config load")],
        Origin = "Debian kdump-config check_kdump_support()",
    };
}
