namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class InitialTargetMissing
{
    public static readonly Failure Entry = new("initial-target-missing", "systemd has no {1} to start with")
    {
        Area = Area.Starting,
        Signs =
        [
            new Sign("systemd[1]: Unit {e} not found", "systemd[1]: Failed to load {e}: No such file or directory",
                "systemd[1]: Failed to start default target: Unit {e} not found", "systemd[1]: Failed to load default target: {t}"),
        ],
        Holds = taken => taken[0] is "initrd.target" or "default.target" or "multi-user.target" or "graphical.target" or
            "No such file or directory",
        Severity = Severity.Critical,
        Cause = "Process 1 starts exactly one target; without it nothing is started and the boot stands still. In an initramfs " +
            "(initrd.target) the image was built without the units of systemd in an initrd: dracut's module systemd-initrd " +
            "(and dracut-systemd) was left out or could not be installed. On the root file system the link default.target is broken.",
        Fixes =
        [
            new("See whether the image has it, and build it with dracut's modules of systemd",
                "lsinitrd IMAGE | grep initrd.target; dracut -f --add 'systemd-initrd dracut-systemd'"),
            new("On the root file system: name another one (systemd.unit=multi-user.target on the command line), then mend the link",
                "systemctl set-default multi-user.target"),
        ],
        Explains = ["kernel-panic"],
        Origin = "systemd src/core/main.c do_queue_default_job(); dracutdevs/dracut issue 2278",
    };
}
