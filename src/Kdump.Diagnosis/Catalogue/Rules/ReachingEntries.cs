namespace Kdump.Diagnosis.Catalogue.Rules;

/// <summary>What the catalogue says of rules written by hand: disk and network of the dump.</summary>
internal static class ReachingEntries
{
    public static readonly Entry[] All =
    [
        new("dump-target-missing", "the device that takes the dump did not appear")
        {
            Area = Area.Reaching,
            Signature =
            [
                "A start job is running for /dev/disk/by-uuid/… (… / no limit)",
                "Timed out waiting for device …",
                "dracut-initqueue: Warning: Not all disks have been found.",
            ],
            Cause = "Its driver failed or is not in the image, it has another name now, or its host never came up. dracut waits without limit for a target given by --mount.",
            Fixes = [new("Look from inside", "kdump-probe")],
            Origin = "dracut modules.d/98dracut-systemd, commit c79fc8f; kdump-utils issue 52; systemd issue 28881 (noauto)",
        },
        new("dump-target-wrong-id", "the disk is there under another id than the image looks for")
        {
            Area = Area.Reaching,
            Signature = ["the id waited for, and a listing of /dev/disk that lacks it"],
            Cause = "A file system made anew, a cloned machine, a by-path name of another systemd version, or a path of a multipath device that took the UUID.",
            Fixes = [new("Build the image again on this machine", "kdumpctl rebuild")],
            Origin = "kdump-utils commits 5c87d73 and 4683367, \"Notes for disk images\" of its howto",
        },
        new("driver-missing-in-image", "the image lacks a driver that reaches the dump target")
        {
            Area = Area.Reaching,
            Signature =
            [
                "a device without driver in the report of kdump-probe",
                "a driver of the target that kdt image check does not find",
            ],
            Cause = "Images hold only what the build saw: PHY and MDIO drivers, SR-IOV physical functions, lower devices of Hyper-V and bonds, controllers added later.",
            Fixes = [new("extra_modules in /etc/kdump.conf", "kdumpctl rebuild")],
            Origin = "kdump-utils commits d057153, 7a8edc8, bc10108 and 821a5e6; dracut dracut.sh --hostonly-mode strict",
        },
        new("rebind-without-effect", "binding the device by hand brought nothing")
        {
            Area = Area.Reaching,
            Signature = ["echo … > …/bind in a shell session, and no new disk"],
            Cause = "The fault lies with that one device; drivers, udev and the bus work.",
            Origin = "drivers/base/bus.c",
        },
    ];
}
