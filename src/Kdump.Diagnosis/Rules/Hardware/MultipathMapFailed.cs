using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>Paths of a multipath map failed, as the list of <c>multipath -ll</c> shows it.</summary>
public sealed class MultipathMapFailed : Rule
{
    public override string Id => "multipath-map-failed";

    public override Entry Entry => new("multipath-map-failed", "multipath lists failed paths")
    {
        Area = Area.Hardware,
        Signature = ["|- 1:0:0:0 sda 8:0 failed faulty running", "`- 2:0:1:0 sdd 8:48 failed faulty offline"],
        Cause = "The checker of multipathd gets no answer over a path: cable, switch, port, zoning, or the storage system's own port. " +
            "As long as one path is left, the volume works; without any, its requests fail or wait for ever (queue_if_no_path).",
        Fixes = [new("See each path's host, port and state", "multipath -ll; ls -l /dev/disk/by-path; journalctl -b -u multipathd")],
        Origin = "multipath-tools libmultipath/print.c, libmultipath/checkers",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (MultipathMap map in facts.Of<MultipathMap>().Where(m => m.Failed.Count > 0))
        {
            bool all = map.Failed.Count == map.Paths;
            string disks = string.Join(", ", map.Failed.Take(6)) + (map.Failed.Count > 6 ? " …" : "");
            yield return new Finding(Id, all
                ? $"no path of the multipath map {map.Name} ({map.Device}) is left: {Counted.Of(map.Paths, "path")} failed"
                : $"{map.Failed.Count} of {map.Paths} paths of the multipath map {map.Name} ({map.Device}) failed: {disks}",
                all ? Severity.Error : Severity.Warning, 0.9, all
                ? "That every path fails at once points to what they share: the storage system or its volume (offline, unmapped from " +
                    "this host, masking), or the switch, not to a single disk or cable." + (map.Queues
                        ? " Its requests wait (queue_if_no_path): programs on it hang, and no dump can be written there."
                        : " Its requests fail: file systems on it shut down or go read-only.")
                : "The volume works over the paths that are left; one more failure takes it away. Paths of one host or one target port " +
                    "share its cable, adapter and switch.")
            {
                Subject = map.Name,
                Evidence = [map.Source, .. map.FailedAt.Take(4)],
                Fixes =
                [
                    new(all ? "Ask the storage system whether the volume is online and mapped to this host; then the switch and zoning"
                        : "Compare the failed paths: which host adapter and which port of the storage do they share?",
                        "multipath -ll; ls -l /dev/disk/by-path; grep -H . /sys/class/fc_host/host*/port_state"),
                    new("What multipathd and the kernel said when they failed",
                        "journalctl -b -u multipathd; dmesg | grep -i -e sd -e rport"),
                ],
            };
        }
    }
}
