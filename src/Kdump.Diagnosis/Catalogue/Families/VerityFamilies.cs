namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>Read-only file systems that are checked block by block against a tree of checksums (dm-verity, dm-integrity).</summary>
internal static class VerityFamilies
{
    private const string Unit = "What veritysetup or the kernel said of it stands in that unit's own lines: " +
        "the disk with the data or with the checksums is not there, the root hash is another one, " +
        "or dm-verity is not in this kernel or initramfs.";

    public static readonly Family Verity = new("verity-failed", "a volume that is checked by checksums (verity) is not usable")
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
            new("From the shell: why?", "systemctl --failed; journalctl -b | grep -iE 'verity|integrity'; dmesg | grep -i verity; " +
                "blkid; cat /proc/cmdline"),
            new("Is dm-verity there, and does the tool take the volume by hand?", "modprobe dm-verity; veritysetup status NAME"),
            new("Write the image, or the other of the two system partitions, anew: a changed one cannot be repaired"),
        ],
        Tellings =
        [
            new("ailed to start Verity Setup for {t}", "the verity volume {1} could not be set up", Unit) { Subject = 0 },
            new("ailed to start Integrity Protection Setup for {t}", "the verity volume {1} could not be set up", Unit) { Subject = 0 },
            new("ependency failed for Verity Setup for {t}", "the verity volume {1} was not set up: what it needs did not come",
                "A disk that holds its data or its checksums did not appear.") { Subject = 0 },
            new("ependency failed for Integrity Protection Setup for {t}",
                "the verity volume {1} was not set up: what it needs did not come",
                "A disk that holds its data or its checksums did not appear.") { Subject = 0 },
        ],
        Origin = "systemd src/veritysetup/veritysetup-generator.c",
    };

    public static readonly Family[] All = [Verity];
}
