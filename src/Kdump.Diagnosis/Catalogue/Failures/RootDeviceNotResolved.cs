namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class RootDeviceNotResolved
{
    public static readonly Failure Entry =
        new("root-device-not-resolved", "mkinitramfs could not determine which disk has the root file system")
    {
        Area = Area.Preparing,
        Signs = ["mkinitramfs: failed to determine device for /"],
        In = Life.First,
        Cause = "With MODULES=dep (kdump-tools always builds its image so) one block device must be found behind /: " +
            "a ZFS pool, an overlay or a container has none, and with root=PARTUUID= it is found only where the link /dev/root is there.",
        Fixes = [new("Take all modules into the image",
            "sed -i 's/^MODULES=.*/MODULES=most/' /etc/initramfs-tools/initramfs.conf && update-initramfs -u",
            "the image grows, and with it the memory to reserve")],
        Origin = "initramfs-tools hook-functions dep_add_modules_mount(); openzfs/zfs issue 6476",
    };
}
