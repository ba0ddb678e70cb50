namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class ConsoleRefusesOutput
{
    public static readonly Failure Entry =
        new("console-refuses-output", "a script in the crash kernel failed because it could not write to the console")
    {
        Area = Area.Reaching,
        Signs = ["kdump*write error: Input/output error"],
        In = Life.Capture,
        Severity = Severity.Warning,
        Cause = "The console= of the first kernel names a device that the crash kernel does not have.",
        Fixes = [new("Remove the console= of the missing device from the crash kernel's command line", "kdumpctl restart")],
        Origin = "kdump-utils commit 0165cfa",
    };
}
