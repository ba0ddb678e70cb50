namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>Encrypted volumes that were not opened at start.</summary>
internal static class EncryptionFamilies
{
    private static readonly Fix[] ZfsKey =
    [
        new("Check where the key is expected, and whether it is there when the pool is " +
            "imported", "zfs get -r keylocation,keystatus,encryption"),
        new("Let the unit that opens the key's device run before zfs-import (in the initramfs too), or load the key by hand and continue",
            "zfs load-key -a; zfs mount -a"),
    ];

    private const string Waited = "The initramfs waits for the partition below the encrypted volume and does not find it: " +
        "its disk has no driver in this image (for example after an update, if modules are missing), the disk did not appear, " +
        "or its UUID has changed.";

    private static readonly Fix[] Wait =
    [
        new("In its shell, check whether the partition exists", "blkid; cat /proc/partitions /proc/cmdline; cat /cryptroot/crypttab"),
        new("Start the older kernel; then rebuild the newer one's image with all modules",
            "grep MODULES /etc/initramfs-tools/initramfs.conf; update-initramfs -u -k all"),
    ];

    private static readonly Fix[] Hash =
    [
        new("Check which hash each slot uses; from a rescue system convert the slot to a supported one (sha256, sha512)",
            "cryptsetup luksDump /dev/DISK | grep -i hash; cryptsetup luksConvertKey --hash sha512 /dev/DISK",
            "back up the header before: cryptsetup luksHeaderBackup"),
    ];

    private const string NoUnit = "A generator of systemd makes that unit at each start, from crypttab, veritytab or integritytab and " +
        "from the kernel's command line. It is not in this initramfs (on some distributions it is a package of its own, " +
        "systemd-cryptsetup), or it found nothing there about this volume. What is on the volume does not appear, so a root there is " +
        "not found.";

    private static readonly Fix[] NoUnitFixes =
    [
        new("Is the generator installed, and is it in the image?", "ls /usr/lib/systemd/system-generators; lsinitrd | grep -e cryptsetup " +
            "-e veritysetup -e integritysetup"),
        new("Install what lacks, and build the initramfs again", "dnf install systemd-udev cryptsetup && dracut -f   # Debian: apt " +
            "install systemd-cryptsetup && dracut -f"),
        new("Until then from its shell: open it by hand and go on", "cryptsetup open /dev/DISK NAME; exit"),
    ];

    public static readonly Family Locked = new("encrypted-volume-locked", "an encrypted volume (LUKS) was not opened")
    {
        Area = Area.Crashing,
        In = Life.First,
        Confidence = 0.9,
        Explains = ["root-not-found", "unit-mount-failed", "emergency-mode"],
        CausedBy = ["raid-failed"],
        Cause = "The passphrase or key was not accepted: " +
            "a typing error, another keyboard layout in the initramfs, a key file that is not there yet, wrong options in crypttab; " +
            "or the initramfs lacks dm-crypt, the cipher's module or the device mapper.",
        Fixes =
        [
            new("From a rescue system, test whether the passphrase or key opens it", "cryptsetup luksDump /dev/DISK; " +
                "cryptsetup open --test-passphrase /dev/DISK"),
            new("Check that everything is in the initramfs, and rebuild it with the modules", "grep -v '^#' /etc/crypttab; " +
                "lsinitramfs IMAGE | grep -E 'dm-(mod|crypt)|cryptsetup'; update-initramfs -u || dracut -f"),
        ],
        // The volume that was waited for, or refused at first, was opened in the end.
        Unless = new("cryptsetup: * set up successfully"),
        Tellings =
        [
            new("Cannot initialize device-mapper. Is dm_mod kernel module loaded?", "an encrypted volume was not opened: " +
                "the device mapper (module dm_mod) does not work in the initramfs", "The passphrase may be right.") { Subject = 0 },
            new("nknown af hash algorithm: {t}", "an encrypted volume was not opened: the initramfs does not support its hash {1}",
                "The key slot uses a hash that the LUKS code of this initramfs (booster has its own) does not support. " +
                    "The passphrase may be right.") { Subject = 0, Fixes = Hash },
            new("Requested LUKS hash {w} is not supported", "an encrypted volume was not opened: the initramfs does not support its hash " +
                "{1}",
                "The module of that hash, or the library that has it, is not in the image.") { Subject = 0, Fixes = Hash },
            new("Check that kernel supports {e} cipher",
                "an encrypted volume was not opened: the kernel in the initramfs has no cipher {1}",
                "The module (aes, xts, serpent, adiantum …) or its architecture's form is not in the image.") { Subject = 0 },
            new("Check that the kernel supports {e} cipher",
                "an encrypted volume was not opened: the kernel in the initramfs has no cipher {1}",
                "The module (aes, xts, serpent, adiantum …) or its architecture's form is not in the image.") { Subject = 0 },
            new("Failed to activate with key file '{e}': {t}", "an encrypted volume was not opened with its key file {1}: {2}")
                { Subject = 0 },
            new("Failed to activate with specified passphrase: {t}", "an encrypted volume was not opened with the passphrase: {1}")
                { Subject = 0 },
            new("cryptsetup: ERROR: {e}: maximum number of tries exceeded", "the encrypted volume {1} was not opened: " +
                "no passphrase was accepted") { Subject = 0 },
            new("Key load error: {t}", "a ZFS dataset was not unlocked: its key could not be loaded ({1})",
                "The pool may be imported, but datasets that are encrypted with that key cannot be mounted. " +
                    "A key file (keylocation=file://…) must exist at that time, " +
                    "in the initramfs or on a device that is opened before.") { Subject = 0, Fixes = ZfsKey },
            new("Failed to open key material file: {t}", "a ZFS dataset was not unlocked: its key file could not be opened ({1})")
                { Subject = 0, Fixes = ZfsKey },
            new("Device  doesn't exist or access denied", "an encrypted volume was not opened: no device was named",
                "The search for the partition (by its label, by its place in the image) found none, so cryptsetup got an empty name: " +
                    "the partition does not exist, or was never written.")
                { Subject = 0, Fixes = [new("List the partitions and their content",
                    "blkid; cat /proc/partitions /proc/cmdline")] },
            new("Device {e} doesn't exist or access denied", "an encrypted volume was not opened: device {1} does not exist",
                "The disk has another name now or did not appear, or the program was not run as root.")
                { Subject = 0, Fixes = [new("List the disks, and find the encrypted one",
                    "blkid; lsblk -f; grep -v '^#' /etc/crypttab")] },
            new("cryptsetup: WARNING: The initramfs image may not contain cryptsetup", "the initramfs was built without cryptsetup",
                "The builder found no encrypted device that is needed to start (in /etc/crypttab, below /etc/fstab). " +
                    "This is harmless if there is none. If the root or its pool is on LUKS (ZFS on LUKS is not detected automatically), " +
                    "the next start does not open it.")
                { Subject = 0, Severity = Severity.Warning, Fixes = [new("If anything that the start needs is encrypted, " +
                    "mark it initramfs in /etc/crypttab (or set CRYPTSETUP=y in /etc/cryptsetup-initramfs/conf-hook), and rebuild",
                    "lsblk -f | grep crypto; grep -v '^#' /etc/crypttab; update-initramfs -u")] },
            new("Failed to start systemd-cryptsetup@{e}.service: Unit {e} not found", "an encrypted volume is not opened: there is no " +
                "unit for it ({1})", NoUnit) { Subject = 0, Fixes = NoUnitFixes },
            new("Failed to start systemd-veritysetup@{e}.service: Unit {e} not found", "a volume with checksums (dm-verity) is not " +
                "opened: there is no unit for it ({1})", NoUnit) { Subject = 0, Fixes = NoUnitFixes },
            new("Failed to start systemd-integritysetup@{e}.service: Unit {e} not found", "a volume with checksums (dm-integrity) is " +
                "not opened: there is no unit for it ({1})", NoUnit) { Subject = 0, Fixes = NoUnitFixes },
            new("Failed to start*Cryptography Setup {t}", "an encrypted volume was not opened: the unit of its entry in crypttab failed",
                "The messages of systemd-cryptsetup are in that unit's own lines.") { Subject = 0, Fixes =
                [new("From the shell, find out why",
                "systemctl --failed; journalctl -b | grep -i crypt; grep -v '^#' /etc/crypttab; blkid -t TYPE=crypto_LUKS")] },
            new("aiting for encrypted source device UUID={w}", "the encrypted device is not there: UUID={1}", Waited)
                { Subject = 0, Fixes = Wait },
            new("ryptsetup: Waiting for encrypted source {t}", "the encrypted device does not exist: {1}", Waited)
                { Subject = 0, Fixes = Wait },
            new("aiting for encrypted source device {t}", "the encrypted device does not exist: {1}", Waited) { Subject = 0, Fixes = Wait },
            new("cryptsetup: cryptsetup failed, bad password or options", "an encrypted volume was not opened: bad passphrase or options")
                { Subject = 0 },
        ],
        Origin = "cryptsetup-initramfs functions, cryptsetup lib/libdevmapper.c, systemd src/cryptsetup/cryptsetup.c",
    };

    private static readonly Fix[] Tang =
    [
        new("Check whether the initramfs has the network and reaches the server. A server name needs DNS there; an address does not",
            "cat /proc/cmdline; ip addr; curl -s http://SERVER/adv"),
        new("Put the network into the initramfs (rd.neednet=1 ip=dhcp; initramfs-tools: IP= in initramfs.conf), and build it again",
            "lsinitrd | grep -E 'network|clevis'; dracut -f --kernel-cmdline 'rd.neednet=1 ip=dhcp' || update-initramfs -u"),
    ];

    private static readonly Fix[] Tpm =
    [
        new("Enter the passphrase once; then bind the volume again to the present measurements",
            "clevis luks list -d /dev/DISK; clevis luks regen -d /dev/DISK -s SLOT   # systemd: " +
            "systemd-cryptenroll --wipe-slot=tpm2 --tpm2-device=auto /dev/DISK", "keep a passphrase in another slot"),
    ];

    private const string Sealed =
        "The TPM releases the key only while its measurements (firmware, Secure Boot, boot loader) " +
            "are the same as when the key was sealed. An update, another setting or another boot order changes them. " +
            "A passphrase still opens the volume.";

    public static readonly Family ByItself = new("disk-not-unlocked-by-itself", "an encrypted volume was not unlocked automatically")
    {
        Area = Area.Crashing,
        In = Life.First,
        Confidence = 0.85,
        Severity = Severity.Error,
        Explains = ["encrypted-volume-locked", "root-not-found", "unit-device-missing", "start-hangs"],
        CausedBy = ["network-not-ready"],
        Cause = "clevis (or systemd) got no key for it. It asks for a passphrase, or the start waits without asking for one.",
        Fixes = Tang,
        Unless = new("cryptsetup: * set up successfully", "clevis: * unlocked", "Unlocked /dev/*"),
        Tellings =
        [
            new("Error communicating with server {t}", "an encrypted volume was not unlocked: its Tang server {1} was not reached",
                "clevis needs that server's half of the key. At that time the network was not up, the name was not resolved, " +
                    "or the server did not answer.") { Subject = 0 },
            new("Error communicating with the server {t}", "an encrypted volume was not unlocked: its Tang server {1} was not reached",
                "At that time the network was not up, the name was not resolved, or the server did not answer.") { Subject = 0 },
            new("clevis*: line {w}: /dev/fd/{w}: No such file",
                "an encrypted volume was not unlocked: clevis's script does not work in this initramfs (there is no /dev/fd)",
                    "bash opens its pipes as /dev/fd/N. /dev/fd is a link to /proc/self/fd, and nothing created it in that initramfs. " +
                        "The passphrase is not at fault.") { Subject = 0, Fixes =
                [new("Update clevis (its hook creates the link), or create it in your own hook, and rebuild the image",
                    "ln -s /proc/self/fd /dev/fd; update-initramfs -u"),
                    new("To start the machine now, use an older kernel of the menu, or a rescue system and the passphrase")] },
            new("clevis*: {e}: command not found", "an encrypted volume was not unlocked: clevis lacks {1} in the initramfs")
                { Subject = 0, Fixes = [new("Rebuild the image with everything that clevis needs", "update-initramfs -u || dracut -f")] },
            new("A TPM2 device with the in-kernel resource manager is needed",
                "an encrypted volume was not unlocked: there is no TPM for clevis " +
                "(/dev/tpmrm0)", "The TPM is switched off in the firmware, or its driver is not in the initramfs.")
                { Subject = 0, Fixes = [new("Check whether there is a TPM, and whether its driver is in the " +
                    "image", "ls /dev/tpm*; lsinitrd | grep tpm || " +
                    "lsinitramfs /initrd.img | grep tpm")] },
            new("Unsealing jwk from TPM failed", "an encrypted volume was not unlocked: the TPM did not release its key", Sealed)
                { Subject = 0, Fixes = Tpm },
            new("Loading jwk to TPM2 failed", "an encrypted volume was not unlocked: the TPM did not accept its sealed key", Sealed)
                { Subject = 0, Fixes = Tpm },
            new("Creating TPM2 primary key failed", "an encrypted volume was not unlocked: the TPM does not create a primary key", Sealed)
                { Subject = 0, Fixes = Tpm },
            new("Failed to unseal secret using TPM2: {t}", "an encrypted volume was not unlocked: the TPM did not release its key ({1})",
                Sealed)
                { Subject = 0, Fixes = Tpm },
            new("Failed to unseal HMAC key in TPM: {t}", "an encrypted volume was not unlocked: the TPM did not release its key " +
                "({1})", Sealed)
                { Subject = 0, Fixes = Tpm },
            new("TPM is in DA lockout mode", "an encrypted volume was not unlocked: the TPM is locked after too many failed attempts",
                "It rejects every command that needs authorisation until the lockout time is over or the lockout is " +
                    "cleared.") { Subject = 0, Fixes =
                [new("Wait, or clear it with the owner's authorisation", "tpm2_getcap properties-variable | grep -i lockout; " +
                    "tpm2_dictionarylockout --clear-lockout")] },
            new("Failed to open specified TCTI device file {e}: {t}",
                "an encrypted volume was not unlocked: the TPM {1} does not exist ({2})",
                "The TPM's driver was not loaded at that time (it is not in the initramfs, or is loaded after the unlocking), " +
                    "or the TPM is switched off.")
                { Subject = 0, Fixes = [new("Put the driver into the image so that it is loaded early (tpm_crb, tpm_tis)",
                    "ls /dev/tpm*; lsmod | grep tpm; lsinitrd | grep tpm")] },
            new("Esys_Unseal_Finish() Received TPM Error", "an encrypted volume was not unlocked: the TPM did not release its key", Sealed)
                { Subject = 0, Fixes = Tpm },
            new("TPM2 operation failed, falling back to traditional unlocking: {t}",
                "an encrypted volume was not unlocked by the TPM ({1})",
                Sealed) { Subject = 0, Fixes = Tpm, Severity = Severity.Warning },
        ],
        Origin = "clevis src/pins/tang, src/pins/tpm2, src/luks; systemd src/cryptsetup/cryptsetup-tpm2.c",
    };

    public static readonly Family[] All = [Locked, ByItself];
}
