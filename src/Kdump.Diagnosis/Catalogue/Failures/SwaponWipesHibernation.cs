namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class SwaponWipesHibernation
{
    public static readonly Failure Entry = new("swapon-wipes-hibernation", "swapon overwrote the hibernation image on {1}")
    {
        Area = Area.Starting,
        Signs = ["swapon: {e}: software suspend data detected. Rewriting the swap signature"],
        Subject = 1,
        Severity = Severity.Warning,
        Cause = "The swap space contained a hibernated system, and this boot used it for swapping, so that system cannot be resumed. " +
            "A crash kernel that boots the whole distribution does so from /etc/fstab.",
        Fixes =
        [
            new("Keep the crash kernel from using swap: " +
                "add noswap to its fstab options or mask it there (systemd.swap=0 on its command line)",
                "grep swap /etc/fstab; cat /etc/default/kdump-tools"),
        ],
        Origin = "util-linux sys-utils/swapon.c",
    };
}
