namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class NfsTargetRefused
{
    public static readonly Failure Entry = new("nfs-target-refused", "the NFS server did not take the dump")
    {
        Area = Area.Reaching,
        Signs =
        [
            new Sign("mount.nfs: access denied by server", "mount.nfs: Connection timed out", "mount.nfs: Protocol not supported",
                "mount.nfs: an incorrect mount option", "Unable to mount remote NFS directory",
                "Unable to write to the remote NFS directory"),
        ],
        In = Life.Capture,
        Explains = ["dump-target-not-mounted", "dump-target-missing"],
        Cause = "After \"access denied\" the export does not allow this address. After a time-out nothing proves a refusal: " +
            "the server is down, or the crash kernel's address, its route or a firewall keeps it away. " +
            "Mount options of the first kernel (addr=, clientaddr=, vers=) may not fit the crash kernel.",
        Fixes = [new("Try the mount from the first kernel with the address the crash kernel will have", "ping -c 3 SERVER; " +
            "rpcinfo -p SERVER; showmount -e SERVER")],
        Origin = "kdump-utils commits d4f04af and 727251e; Debian kdump-config",
    };
}
