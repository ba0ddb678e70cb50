namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class GptAutoRootAwaited
{
    public static readonly Failure Entry =
        new("gpt-auto-root-awaited", "the crash kernel waited for a root file system that it does not need")
    {
        Area = Area.Reaching,
        Signs = [new Sign("Timed out waiting for device *gpt*auto*root", "start job is running for *gpt*auto*root")],
        In = Life.Capture,
        Explains = ["dump-target-missing"],
        Cause = "systemd-gpt-auto-generator creates a unit for a root partition, although the crash kernel needs none.",
        Fixes = [new("Add rd.systemd.gpt_auto=no to the crash kernel's command line", "kdumpctl restart")],
        Origin = "kdump-utils commit 3985d49",
    };
}
