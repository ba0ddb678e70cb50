namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>What to do for a file system that is damaged, in order: look first, save, repair last.</summary>
internal static class Repairs
{
    private const string Mounted = "never on a mounted file system; damaged files may end in lost+found or be dropped";

    public static readonly Fix[] Xfs =
    [
        new("Unmount it (boot another system if it is the root) and check it without changes", "umount /dev/{0}; xfs_repair -n /dev/{0}"),
        new("Save what can be read or an image of the device, mount it once more so that its log is replayed, unmount it, then repair",
            "xfs_repair /dev/{0}", Mounted),
        new("Only if it cannot be mounted at all and xfs_repair requires it: xfs_repair -L",
            Risk: "-L throws the log away: the newest changes are lost and more may be damaged"),
    ];

    public static readonly Fix[] Ext =
    [
        new("Unmount it (boot another system if it is the root) and check it without changes", "umount /dev/{0}; e2fsck -fn /dev/{0}"),
        new("Save what can be read, then repair", "e2fsck -f /dev/{0}", Mounted),
    ];

    public static readonly Fix[] Btrfs =
    [
        new("Save what can be read first: mount it read-only", "mount -o ro,rescue=all /dev/{0} /mnt"),
        new("Read the counters, and run a scrub of everything (it repairs from a second copy where there is one)",
            "btrfs device stats MOUNTPOINT; btrfs scrub start -B MOUNTPOINT"),
        new("Check it without changes", "btrfs check --readonly /dev/{0}"),
        new("btrfs check --repair only when its developers advise it", Risk: "it can make the damage worse"),
    ];

    public static readonly Fix[] Memory =
    [
        new("Test the memory for some hours (memtest86+ from the boot menu), overclocking and XMP profiles off"),
        new("Then make a copy of the data before anything is repaired", "mount -o ro,rescue=all /dev/{0} /mnt"),
    ];

    public static readonly Fix[] Any =
    [
        new("Unmount it before it is checked, and save what can be read", "umount /dev/{0}"),
        new("Check it with its own tool (fsck.f2fs, fsck.vfat, ntfsfix, fsck.gfs2 …)", "fsck -N /dev/{0}", Mounted),
    ];

    public static readonly Fix[] Below =
    [
        new("Read the earlier messages of the device below", "dmesg | grep -B20 {0}"),
        new("Do not repair the file system before the device below answers again: a repair needs to write"),
    ];
}
