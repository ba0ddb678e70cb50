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

    private const string Waited = "The initramfs waits for the partition below the encrypted volume and does not see it: " +
        "its disk has no driver in this image " +
        "(as after an update whose modules are missing), the disk did not come, or its UUID is another.";

    private static readonly Fix[] Wait =
    [
        new("In its shell: is the partition there?", "blkid; cat /proc/partitions /proc/cmdline; cat /cryptroot/crypttab"),
        new("Start the older kernel; then build the newer one's image again with all modules",
            "grep MODULES /etc/initramfs-tools/initramfs.conf; update-initramfs -u -k all"),
    ];

    private static readonly Fix[] Hash =
    [
        new("See which hash each slot uses; from a rescue system convert the slot to one that is known (sha256, sha512)",
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
            new("From a rescue system: does the passphrase or key open it?", "cryptsetup luksDump /dev/DISK; " +
                "cryptsetup open --test-passphrase /dev/DISK"),
            new("Is everything in the initramfs? Build it again with the modules", "grep -v '^#' /etc/crypttab; " +
                "lsinitramfs IMAGE | grep -E 'dm-(mod|crypt)|cryptsetup'; update-initramfs -u || dracut -f"),
        ],
        // The volume that was waited for, or refused at first, was opened in the end.
        Unless = new("cryptsetup: * set up successfully"),
        Tellings =
        [
            new("Cannot initialize device-mapper. Is dm_mod kernel module loaded?", "an encrypted volume was not opened: " +
                "the device mapper (module dm_mod) does not work in the initramfs", "The passphrase may well be right.") { Subject = 0 },
            new("nknown af hash algorithm: {t}", "an encrypted volume was not opened: the initramfs does not know its hash {1}",
                "The key slot was made with a hash that the LUKS code of this initramfs (booster has its own) does not have. " +
                "The passphrase may well be right.") { Subject = 0, Fixes = Hash },
            new("Requested LUKS hash {w} is not supported", "an encrypted volume was not opened: the initramfs does not know its hash {1}",
                "The module of that hash, or the library that has it, is not in the image.") { Subject = 0, Fixes = Hash },
            new("Check that kernel supports {e} cipher",
                "an encrypted volume was not opened: the kernel in the initramfs has no cipher {1}",
                "The module (aes, xts, serpent, adiantum …) or its architecture's form is not in the image.") { Subject = 0 },
            new("Failed to activate with key file '{e}': {t}", "an encrypted volume was not opened with its key file {1}: {2}")
                { Subject = 0 },
            new("Failed to activate with specified passphrase: {t}", "an encrypted volume was not opened with the passphrase: {1}")
                { Subject = 0 },
            new("cryptsetup: ERROR: {e}: maximum number of tries exceeded", "the encrypted volume {1} was not opened: " +
                "no passphrase was accepted") { Subject = 0 },
            new("Key load error: {t}", "a ZFS dataset was not unlocked: its key could not be loaded ({1})",
                "The pool may be imported; what is encrypted with that key cannot be mounted. A key file (keylocation=file://…) " +
                "must be there at that moment, in the initramfs or on a device that is opened before.") { Subject = 0, Fixes = ZfsKey },
            new("Failed to open key material file: {t}", "a ZFS dataset was not unlocked: its key file could not be opened ({1})")
                { Subject = 0, Fixes = ZfsKey },
            new("Device  doesn't exist or access denied", "an encrypted volume was not opened: no device was named",
                "What was to find the partition (its label, its place in the image) " +
                "found none, so cryptsetup was asked for an empty name: the partition is not there, or was never written.")
                { Subject = 0, Fixes = [new("Which partitions are there, and what is on them?",
                    "blkid; cat /proc/partitions /proc/cmdline")] },
            new("Device {e} doesn't exist or access denied", "an encrypted volume was not opened: device {1} is not there",
                "The disk has another name now, did not come, or the program was not run as root.")
                { Subject = 0, Fixes = [new("Which disks are there, and which of them is encrypted?",
                    "blkid; lsblk -f; grep -v '^#' /etc/crypttab")] },
            new("cryptsetup: WARNING: The initramfs image may not contain cryptsetup", "the initramfs was built without cryptsetup",
                "The builder found no encrypted device that is needed to start (in /etc/crypttab, below /etc/fstab). " +
                    "Harmless if there is none; " +
                    "if the root or its pool lies on LUKS (ZFS on LUKS is not found out by itself), the next start does not open it.")
                { Subject = 0, Severity = Severity.Warning, Fixes = [new("Is anything that the start needs encrypted? " +
                    "Then mark it initramfs in /etc/crypttab (or CRYPTSETUP=y in /etc/cryptsetup-initramfs/conf-hook), and build again",
                    "lsblk -f | grep crypto; grep -v '^#' /etc/crypttab; update-initramfs -u")] },
            new("Failed to start systemd-cryptsetup@{e}.service: Unit {e} not found", "an encrypted volume is not opened: there is no " +
                "unit for it ({1})", NoUnit) { Subject = 0, Fixes = NoUnitFixes },
            new("Failed to start systemd-veritysetup@{e}.service: Unit {e} not found", "a volume with checksums (dm-verity) is not " +
                "opened: there is no unit for it ({1})", NoUnit) { Subject = 0, Fixes = NoUnitFixes },
            new("Failed to start systemd-integritysetup@{e}.service: Unit {e} not found", "a volume with checksums (dm-integrity) is " +
                "not opened: there is no unit for it ({1})", NoUnit) { Subject = 0, Fixes = NoUnitFixes },
            new("Failed to start Cryptography Setup {t}", "an encrypted volume was not opened: the unit of its entry in crypttab failed",
                "What systemd-cryptsetup said stands in that unit's own lines.") { Subject = 0, Fixes = [new("From the shell: why?",
                "systemctl --failed; journalctl -b | grep -i crypt; grep -v '^#' /etc/crypttab; blkid -t TYPE=crypto_LUKS")] },
            new("aiting for encrypted source device UUID={w}", "the encrypted device is not there: UUID={1}", Waited)
                { Subject = 0, Fixes = Wait },
            new("ryptsetup: Waiting for encrypted source {t}", "the encrypted device is not there: {1}", Waited)
                { Subject = 0, Fixes = Wait },
            new("aiting for encrypted source device {t}", "the encrypted device is not there: {1}", Waited) { Subject = 0, Fixes = Wait },
            new("cryptsetup: cryptsetup failed, bad password or options", "an encrypted volume was not opened: bad passphrase or options")
                { Subject = 0 },
        ],
        Origin = "cryptsetup-initramfs functions, cryptsetup lib/libdevmapper.c, systemd src/cryptsetup/cryptsetup.c",
    };

    private static readonly Fix[] Tang =
    [
        new("Does the initramfs have the network, and does it reach the server? Its name needs DNS there; an address does not",
            "cat /proc/cmdline; ip addr; curl -s http://SERVER/adv"),
        new("Put the network into the initramfs (rd.neednet=1 ip=dhcp; initramfs-tools: IP= in initramfs.conf), and build it again",
            "lsinitrd | grep -E 'network|clevis'; dracut -f --kernel-cmdline 'rd.neednet=1 ip=dhcp' || update-initramfs -u"),
    ];

    private static readonly Fix[] Tpm =
    [
        new("Enter the passphrase once; then bind the volume again to what the firmware measures now",
            "clevis luks list -d /dev/DISK; clevis luks regen -d /dev/DISK -s SLOT   # systemd: " +
            "systemd-cryptenroll --wipe-slot=tpm2 --tpm2-device=auto /dev/DISK", "keep a passphrase in another slot"),
    ];

    private const string Sealed =
        "The TPM gives the key only while what it measured (firmware, Secure Boot, boot loader) is what it was when the key was sealed: " +
        "an update, another setting or another order of starting changes it. A passphrase still opens the volume.";

    public static readonly Family ByItself = new("disk-not-unlocked-by-itself", "an encrypted volume was not unlocked by itself")
    {
        Area = Area.Crashing,
        In = Life.First,
        Confidence = 0.85,
        Severity = Severity.Error,
        Explains = ["encrypted-volume-locked", "root-not-found", "unit-device-missing", "start-hangs"],
        CausedBy = ["network-not-ready"],
        Cause = "clevis (or systemd) got no key for it, so a passphrase is asked for, or nobody is asked and the start waits.",
        Fixes = Tang,
        Unless = new("cryptsetup: * set up successfully", "clevis: * unlocked", "Unlocked /dev/*"),
        Tellings =
        [
            new("Error communicating with server {t}", "an encrypted volume was not unlocked: its Tang server {1} was not reached",
                "clevis asks that server for its half of the key. " +
                "At that moment the network was not up, the name was not resolved, or the server did not answer.") { Subject = 0 },
            new("Error communicating with the server {t}", "an encrypted volume was not unlocked: its Tang server {1} was not reached",
                "At that moment the network was not up, the name was not resolved, or the server did not answer.") { Subject = 0 },
            new("clevis*: line {w}: /dev/fd/{w}: No such file",
                "an encrypted volume was not unlocked: clevis' script does not work in this initramfs (there is no /dev/fd)",
                    "bash opens its pipes as /dev/fd/N, a link to /proc/self/fd, which nothing has made in that initramfs. " +
                "The passphrase is not at fault.") { Subject = 0, Fixes =
                [new("Update clevis (its hook makes the link), or make it in a hook of one's own, and build the image again",
                    "ln -s /proc/self/fd /dev/fd; update-initramfs -u"),
                    new("To get in now: an older kernel of the menu, or a rescue system and the passphrase")] },
            new("clevis*: {e}: command not found", "an encrypted volume was not unlocked: clevis misses {1} in the initramfs")
                { Subject = 0, Fixes = [new("Build the image again with all that clevis needs", "update-initramfs -u || dracut -f")] },
            new("A TPM2 device with the in-kernel resource manager is needed",
                "an encrypted volume was not unlocked: there is no TPM for clevis " +
                "(/dev/tpmrm0)", "The TPM is switched off in the firmware, or its driver is not in the initramfs.")
                { Subject = 0, Fixes = [new("Is there a TPM, and is its driver in the image?", "ls /dev/tpm*; lsinitrd | grep tpm || " +
                    "lsinitramfs /initrd.img | grep tpm")] },
            new("Unsealing jwk from TPM failed", "an encrypted volume was not unlocked: the TPM did not give its key", Sealed)
                { Subject = 0, Fixes = Tpm },
            new("Loading jwk to TPM2 failed", "an encrypted volume was not unlocked: the TPM did not take its sealed key", Sealed)
                { Subject = 0, Fixes = Tpm },
            new("Creating TPM2 primary key failed", "an encrypted volume was not unlocked: the TPM makes no primary key", Sealed)
                { Subject = 0, Fixes = Tpm },
            new("Failed to unseal secret using TPM2: {t}", "an encrypted volume was not unlocked: the TPM did not give its key ({1})",
                Sealed)
                { Subject = 0, Fixes = Tpm },
            new("Failed to unseal HMAC key in TPM: {t}", "an encrypted volume was not unlocked: the TPM did not give its key ({1})", Sealed)
                { Subject = 0, Fixes = Tpm },
            new("TPM is in DA lockout mode", "an encrypted volume was not unlocked: the TPM is locked after too many wrong tries",
                "It answers nothing that needs authorisation until its time is over, or its lockout is cleared.") { Subject = 0, Fixes =
                [new("Wait, or clear it with the owner's authorisation", "tpm2_getcap properties-variable | grep -i lockout; " +
                    "tpm2_dictionarylockout --clear-lockout")] },
            new("Failed to open specified TCTI device file {e}: {t}",
                "an encrypted volume was not unlocked: the TPM {1} is not there ({2})",
                "The TPM's driver was not loaded at that moment (not in the initramfs, or later than the unlocking), or the TPM is off.")
                { Subject = 0, Fixes = [new("Put the driver into the image so that it is loaded early (tpm_crb, tpm_tis)",
                    "ls /dev/tpm*; lsmod | grep tpm; lsinitrd | grep tpm")] },
            new("Esys_Unseal_Finish() Received TPM Error", "an encrypted volume was not unlocked: the TPM did not give its key", Sealed)
                { Subject = 0, Fixes = Tpm },
            new("TPM2 operation failed, falling back to traditional unlocking: {t}",
                "an encrypted volume was not unlocked by the TPM ({1})",
                Sealed) { Subject = 0, Fixes = Tpm, Severity = Severity.Warning },
        ],
        Origin = "clevis src/pins/tang, src/pins/tpm2, src/luks; systemd src/cryptsetup/cryptsetup-tpm2.c",
    };

    public static readonly Family[] All = [Locked, ByItself];
}
