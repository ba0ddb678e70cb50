using Kdump.Diagnosis.Catalogue.Tools;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>
/// mount(8) or mount.nfs(8) failed outside of a crash kernel, as when a person tries a dump target by hand; failures that other
/// rules report are left out.
/// </summary>
public sealed class MountFailed : Rule
{
    public override string Id => "mount-failed";

    public override Entry Entry => new(Id, "a file system could not be mounted")
    {
        Area = Area.Reaching,
        Signature =
        [
            "mount.nfs: requested NFS version or transport protocol is not supported",
            "mount: …: unknown filesystem type '…'",
        ],
        Cause = "mount's own message gives the reason: the version of NFS, the export, the network, a missing driver or device.",
        Fixes = [new("Try the mount again with -v", "mount -v -t nfs SERVER:/PATH /mnt; showmount -e SERVER; rpcinfo -p SERVER")],
        Origin = "nfs-utils utils/mount; util-linux libmount; xcat-core pull request 5713",
    };

    public override IEnumerable<Opinion> Judge(Facts facts) => [];

    public override IEnumerable<Opinion> JudgeRest(Facts facts, IReadOnlyList<Opinion> said)
    {
        if (said.Any(o => o is Unknown || o is Finding { Severity: > Severity.Info }))
            yield break;
        foreach (ToolSaid failed in facts.Of<ToolSaid>().Where(s => s.Message.Stage == ToolStage.Mounting && s.Message.Means.Length > 0 &&
            s.Boot?.Capture != true).DistinctBy(s => s.Message.Wording).Take(4))
        {
            bool nfs = failed.Source.Text.Contains("mount.nfs", StringComparison.Ordinal);
            bool version = failed.Means.Contains("version of NFS", StringComparison.Ordinal);
            yield return new Finding(Id, nfs ? "an NFS export could not be mounted" : "a file system could not be mounted", Severity.Error,
                0.9, failed.Means)
            {
                Impact = "If it is kdump's target, a crash leaves no dump there: the crash kernel makes the same mount.",
                Evidence = [failed.Source],
                Fixes = [.. version ? [new Fix("Ask which versions the server has, and take one of them: -o vers=4 (4.1, 4.2) or vers=3; " +
                    "in /etc/kdump.conf and /etc/fstab as well",
                        "rpcinfo -p SERVER | grep nfs; mount -v -t nfs -o vers=4 SERVER:/PATH /mnt; " +
                    "cat /proc/fs/nfsd/versions   # on the server")] : Array.Empty<Fix>(),
                    .. DumpServices.Fitting(failed, DumpService.Unknown)],
            };
        }
    }
}
