namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>Encrypted volumes that were not opened at start, and what a boot loader cannot read.</summary>
internal static class EncryptionFamilies
{
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
            new("cryptsetup: cryptsetup failed, bad password or options", "an encrypted volume was not opened: bad passphrase or options")
                { Subject = 0 },
        ],
        Origin = "cryptsetup-initramfs functions, cryptsetup lib/libdevmapper.c, systemd src/cryptsetup/cryptsetup.c",
    };

    public static readonly Family Loader = new("boot-loader-stopped", "the boot loader (GRUB) stopped")
    {
        Area = Area.Crashing,
        Severity = Severity.Critical,
        Confidence = 0.9,
        Cause = "GRUB did not find or could not read what it needs: the disk or volume with its files has a new id, is not " +
            "seen by the firmware, or is of a kind (LVM, RAID, newer file system features) that its installed image does not know.",
        Fixes =
        [
            new("At its prompt: what does it see?", "ls; set; ls (hd0,gpt1)/"),
            new("From a rescue system (chroot): install it and its menu again", "grub-install /dev/DISK && update-grub   # Fedora: " +
                "grub2-mkconfig -o /boot/grub2/grub.cfg"),
        ],
        Tellings =
        [
            new("error: disk `{e}' not found", "GRUB does not find the disk or volume {1}") { Subject = 0 },
            new("error: no such device: {t}", "GRUB does not find the file system {1}") { Subject = 0 },
            new("error: symbol `{e}' not found", "GRUB's image and its modules are of different versions ({1} is missing)") { Subject = 0 },
            new("error: attempt to read or write outside of disk `{e}'", "GRUB cannot read all of disk {1}: the firmware sees less of it")
                { Subject = 0 },
            new("error: you need to load the kernel first", "GRUB has no kernel to start: loading it failed before") { Subject = 0 },
            new("grub rescue>", "GRUB stopped at its rescue prompt: it did not find its own files") { Subject = 0 },
        ],
        Origin = "GRUB grub-core/kern",
    };

    public static readonly Family[] All = [Locked, Loader];
}
