namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class OstreeRootNotPrepared
{
    public static readonly Failure Entry =
        new("ostree-root-not-prepared", "ostree could not prepare the root file system in the crash kernel")
    {
        Area = Area.Reaching,
        Signs = [new Sign("ostree-prepare-root.service: Failed with result", "ostree-prepare-root: *error")],
        In = Life.Capture,
        Cause = "The unit belongs to the normal boot; if it fails, the emergency target starts before the dump.",
        Fixes = [new("Update kdump-utils and rebuild the image", "kdumpctl rebuild && kdumpctl restart")],
        Origin = "kdump-utils commit 2503c4f",
    };
}
