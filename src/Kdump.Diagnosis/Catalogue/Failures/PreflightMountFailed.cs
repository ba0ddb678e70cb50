namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class PreflightMountFailed
{
    public static readonly Failure Entry =
        new("preflight-mount-failed", "the dump target could not be mounted while kdump was being prepared")
    {
        Area = Area.Preparing,
        Signs = [new Sign("Failed to mount * for kdump preflight check.", "Dump target is invalid")],
        In = Life.First,
        Explains = ["kdump-image-not-built", "no-capture-kernel"],
        Cause = "kdumpctl mounts the target once before it builds the image. A mount that fails now would also fail in the crash kernel.",
        Fixes = [new("Mount it by hand with the options of /etc/kdump.conf or fstab and read the error", "kdumpctl restart")],
        Origin = "kdump-utils mkdumprd, commit a6c10e5",
    };
}
