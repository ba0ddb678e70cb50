namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>Read-only file systems that are checked block by block against a tree of checksums (dm-verity, dm-integrity).</summary>
internal static class VerityFamilies
{
    private const string Unit = "The messages of veritysetup and the kernel are in that unit's own lines. " +
        "Possible causes: the disk with the data or with the checksums is not there, the root hash differs, " +
        "or dm-verity is not in this kernel or initramfs.";

    public static readonly Family Verity = new("verity-failed", "a volume with checksums (verity) is not usable")
    {
        Area = Area.Crashing,
        In = Life.First,
        Confidence = 0.9,
        CausedBy = ["unit-device-missing", "driver-probe-failed", "root-not-found", "disk-io-error",
            "volume-damaged", "volume-not-activated"],
        Explains = ["unit-mount-failed", "emergency-mode", "root-not-found", "root-not-mounted", "kernel-panic"],
        Cause = Unit,
        Fixes =
        [
            new("From the shell, find out why",
                "systemctl --failed; journalctl -b | grep -iE 'verity|integrity'; dmesg | grep -i verity; blkid; cat /proc/cmdline"),
            new("Check whether dm-verity is there, and whether the volume opens by hand", "modprobe dm-verity; veritysetup status NAME"),
            new("Rewrite the image, or start from the other system partition: a changed one cannot be repaired"),
        ],
        Tellings =
        [
            new("ailed to start*Verity Setup for {t}", "the verity volume {1} could not be set up", Unit) { Subject = 0 },
            new("ailed to start*Integrity Protection Setup for {t}", "the verity volume {1} could not be set up", Unit) { Subject = 0 },
            new("ependency failed for*Verity Setup for {t}", "the verity volume {1} was not set up: a device that it needs did not appear",
                "A disk that holds its data or its checksums did not appear.") { Subject = 0 },
            new("ependency failed for*Integrity Protection Setup for {t}",
                "the verity volume {1} was not set up: a device that it needs did not appear",
                "A disk that holds its data or its checksums did not appear.") { Subject = 0 },
        ],
        Origin = "systemd src/veritysetup/veritysetup-generator.c",
    };

    public static readonly Family[] All = [Verity];
}
