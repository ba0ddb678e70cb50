using Kdump.Diagnosis.Catalogue.Families;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>A log is of a container: what sets up a machine fails there as usual, and is not judged.</summary>
public sealed class LogOfContainer : Rule
{
    public override string Id => "log-of-container";

    public override Entry Entry => new(Id, "the log is of a container, not of a machine")
    {
        Area = Area.Crashing,
        Signature = ["Detected virtualization lxc.", "systemd-sysctl: Couldn't write '…' to 'kernel/…', ignoring: Permission denied"],
        Cause = "A container has no kernel, no devices and no clock of its own: the units that mount debugfs, load modules, run " +
            "udev or set " +
            "kernel parameters fail in it, and nothing that runs in the container needs them.",
        Fixes = [new("Keep them from being tried", "systemctl mask UNIT")],
        Origin = "systemd src/basic/virt.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (ContainerLog log in facts.Of<ContainerLog>().Where(l => l.Expected.Count > 0).DistinctBy(l => l.Source.Input))
        {
            yield return new Finding(Id, $"the log is of a container{(log.Manager.Length > 0 ? $" ({log.Manager})" : "")}: " +
                "what sets up a machine fails in it as usual", Severity.Info, 0.9,
                "The kernel, its modules, devices and parameters belong to the host; a container may not change them. These " +
                "failures mean " +
                "nothing in it. What the kernel itself reports is in the log of the host.")
            {
                Subject = log.Source.Input,
                Evidence = [.. log.Expected.Prepend(log.Source).DistinctBy(s => s.Line).Take(4)],
            };
        }
    }
}
