namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class KdumpImageNotBuilt
{
    public static readonly Failure Entry = new("kdump-image-not-built", "the image for the crash kernel could not be built")
    {
        Area = Area.Preparing,
        Signs =
        [
            new Sign("mkdumprd: failed to make kdump initrd", "mkfadumprd: failed to make fadump initrd",
                "dracut-install: ERROR: installing ", "does not have write permission. Cannot rebuild ",
                "does not have write permission. Can not rebuild "),
        ],
        In = Life.First,
        Explains = ["no-capture-kernel", "image-stale"],
        Cause = "dracut stopped; the lines before tell what it could not install. Until it succeeds an older image is loaded, or none.",
        Fixes = [new("Names in extra_bins are separated by blanks and must not be quoted together; look at the build", "kdumpctl rebuild")],
        Origin = "kdump-utils kdumpctl rebuild_initrd(), commit 6936fbc",
    };
}
