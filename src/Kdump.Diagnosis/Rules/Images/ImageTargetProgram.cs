using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>A layer between the dump target and its disk is set up by a program that is not in the image.</summary>
public sealed class ImageTargetProgram : Rule
{
    public override string Id => "target-program-missing";

    public override Entry Entry => new("target-program-missing", "the image lacks the program that sets up the dump target")
    {
        Area = Area.Image,
        Signature =
            ["LVM-, mpath-, md, session, " +
                "team or NFS version 3 on the path to the target, and no lvm, multipathd, mdadm, iscsid, teamd or rpc.statd in the image"],
        Cause = "The volume, path, session or lock that the target needs does not come up in the crash kernel.",
        Fixes = [new("Build the image on the machine itself, with the dracut module of that layer",
            "kdumpctl rebuild && kdumpctl restart")],
        Origin = "drivers/md/dm.c dm uuid prefixes of LVM2 and multipath-tools; dracut's modules of these names; nfs(5) lock options",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (TargetProgramMissing missing in facts.Of<TargetProgramMissing>())
        {
            TargetProgram need = missing.Need;
            bool lockd = need.Programs.Contains("rpc.statd");
            string programs = need.Programs.Count == 1 ? need.Programs[0] : $"any of {string.Join(", ", need.Programs)}";
            // thin_check can be disabled in lvm.conf.
            bool certain = need.Programs[0] is not ("thin_check" or "rpc.statd");
            yield return new Finding(Id, $"{need.Target} is on {need.What}, and the image has no {string.Join(" or ", need.Programs)}",
                certain ? Severity.Critical : Severity.Error, certain ? 0.9 : 0.75,
                lockd ? "mount.nfs refuses such a mount where rpc.statd does not run: " +
                    "\"rpc.statd is not running but is required for remote locking\"."
                    : $"Without {programs} it does not come up in the crash kernel, and the target is missing.")
            {
                Subject = need.Device,
                Evidence = [need.Source],
                Fixes = lockd
                    ? [new Fix("Mount it with vers=4 or nolock in /etc/fstab; the image takes the options from there"),
                        .. DumpImage.Rebuild("Then rebuild the image")]
                    : [.. DumpImage.Rebuild(
                        $"Install {need.Programs[0]} on the machine and rebuild the image while the target is mounted")],
            };
        }
    }
}
