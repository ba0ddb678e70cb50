namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>Encrypted volumes that were not opened at start.</summary>
internal static class EncryptionFamilies
{
    private static readonly Fix[] ZfsKey =
    [
        new("Where is its key looked for, and is it there when the pool is imported?", "zfs get -r keylocation,keystatus,encryption"),
        new("Let the unit that opens the key's device run before zfs-import (in the initramfs too), or load the key by hand and go on",
            "zfs load-key -a; zfs mount -a"),
    ];

    public static readonly Family Locked = new("encrypted-volume-locked", "an encrypted volume (LUKS) was not opened")
    {
        Area = Area.Crashing,
        In = Life.First,
        Confidence = 0.9,
        Explains = ["root-not-found", "unit-mount-failed", "emergency-mode"],
        Cause = "The passphrase or key was not accepted: a typing error, another keyboard layout in the initramfs, a key file that is " +
            "not there yet, wrong options in crypttab; or the initramfs lacks dm-crypt, the cipher's module or the device mapper.",
        Fixes =
        [
            new("From a rescue system: does the passphrase or key open it?", "cryptsetup luksDump /dev/DISK; " +
                "cryptsetup open --test-passphrase /dev/DISK"),
            new("Is everything in the initramfs? Build it again with the modules", "grep -v '^#' /etc/crypttab; lsinitramfs " +
                "IMAGE | grep -E 'dm-(mod|crypt)|cryptsetup'; update-initramfs -u || dracut -f"),
        ],
        Tellings =
        [
            new("Cannot initialize device-mapper. Is dm_mod kernel module loaded?", "an encrypted volume was not opened: the " +
                "device mapper (module dm_mod) does not work in the initramfs", "The passphrase may well be right.") { Subject = 0 },
            new("Failed to activate with key file '{e}': {t}", "an encrypted volume was not opened with its key file {1}: {2}")
                { Subject = 0 },
            new("Failed to activate with specified passphrase: {t}", "an encrypted volume was not opened with the passphrase: {1}")
                { Subject = 0 },
            new("cryptsetup: ERROR: {e}: maximum number of tries exceeded", "the encrypted volume {1} was not opened: no passphrase was " +
                "accepted") { Subject = 0 },
            new("Key load error: {t}", "a ZFS dataset was not unlocked: its key could not be loaded ({1})",
                "The pool may be imported; what " +
                "is encrypted with that key cannot be mounted. A key file (keylocation=file://…) must be there at that moment, in the " +
                "initramfs or on a device that is opened before.") { Subject = 0, Fixes = ZfsKey },
            new("Failed to open key material file: {t}", "a ZFS dataset was not unlocked: its key file could not be opened ({1})")
                { Subject = 0, Fixes = ZfsKey },
            new("Device  doesn't exist or access denied", "an encrypted volume was not opened: no device was named",
                "What was to find the partition (its label, its place in the image) found none, so cryptsetup was asked for an empty " +
                "name: the partition is not there, or was never written.")
                { Subject = 0, Fixes = [new("Which partitions are there, and what is on them?",
                    "blkid; cat /proc/partitions /proc/cmdline")] },
            new("Device {e} doesn't exist or access denied", "an encrypted volume was not opened: device {1} is not there",
                "The disk has another name now, did not come, or the program was not run as root.")
                { Subject = 0, Fixes = [new("Which disks are there, and which of them is encrypted?",
                    "blkid; lsblk -f; grep -v '^#' /etc/crypttab")] },
            new("cryptsetup: WARNING: The initramfs image may not contain cryptsetup", "the initramfs was built without cryptsetup",
                "The builder found no encrypted device that is needed to start (in /etc/crypttab, below /etc/fstab). Harmless if there " +
                    "is " +
                "none; if the root or its pool lies on LUKS (ZFS on LUKS is not found out by itself), the next start does not open it.")
                { Subject = 0, Severity = Severity.Warning, Fixes = [new("Is anything that the start needs encrypted? Then mark it " +
                    "initramfs in /etc/crypttab (or CRYPTSETUP=y in /etc/cryptsetup-initramfs/conf-hook), and build again",
                    "lsblk -f | grep crypto; grep -v '^#' /etc/crypttab; update-initramfs -u")] },
            new("Failed to start Cryptography Setup {t}", "an encrypted volume was not opened: the unit of its entry in crypttab failed",
                "What systemd-cryptsetup said stands in that unit's own lines.") { Subject = 0, Fixes = [new("From the shell: why?",
                "systemctl --failed; journalctl -b | grep -i crypt; grep -v '^#' /etc/crypttab; blkid -t TYPE=crypto_LUKS")] },
            new("cryptsetup: cryptsetup failed, bad password or options", "an encrypted volume was not opened: bad passphrase or options")
                { Subject = 0 },
        ],
        Origin = "cryptsetup-initramfs functions, cryptsetup lib/libdevmapper.c, systemd src/cryptsetup/cryptsetup.c",
    };

    public static readonly Family[] All = [Locked];
}
