namespace Kdump.Diagnosis.Catalogue.Tools;

/// <summary>
/// Why an initramfs could not be built: initramfs-tools (update-initramfs, mkinitramfs), mkinitcpio and the packers that both use. What
/// is said of the crash kernel's image alone stands in <see cref="BuildMessages"/>. <see cref="ToolMessage.Mark"/> is the end of the
/// finding's title, or one of the words below.
/// </summary>
internal static class InitramfsMessages
{
    /// <summary>The line names the image and is printed in every run.</summary>
    public const string Image = "image";

    /// <summary>The line says only that the build failed.</summary>
    public const string Failed = "failed";

    /// <summary>dracut gives up: what follows is its reason, or only that it failed.</summary>
    public const string Fatal = "dracut[F]: {t}";

    private const string NoRoom = "there is no space to write it", Missing = "a file for it is missing";

    private const string RoomMeans = "The file system of the image " +
        "(/boot is often a small separate one) or the one in which it is put together (/var/tmp, /tmp) is full.";

    private static readonly ToolFix[] Room =
    [
        new("See which one is full, and remove kernels that are not needed any more",
            "df -h /boot /var/tmp /tmp; ls -lS /boot; apt-get autoremove --purge   # Fedora, RHEL: dnf remove --oldinstallonly"),
        new("Or make the image smaller: MODULES=dep and COMPRESS=xz or zstd in /etc/initramfs-tools/initramfs.conf (dracut: " +
            "hostonly=yes; mkinitcpio: the hook autodetect)",
            Risk: "an image of this machine's drivers only does not start on other hardware"),
    ];

    public static readonly ToolMessage[] All =
    [
        // No space left, in the words of each packer.
        Full("zstd: error {w} : Write error"),
        Full("zstd: error {w}: Write error"),
        Full("Error {w} : Write error : cannot write"),
        Full("cpio: write error: No space left on device"),
        Full("bsdcpio: Write error"),
        Full("bsdtar: Write error"),
        Full("gzip: stdout: No space left on device"),
        Full("xz: (stdout): Write error: No space left on device"),
        Full("lzop: <stdout>: No space left on device"),
        Full("bzip2: I/O or other error, bailing out"),
        Full("write error on <stdout> (No space left on device)"),
        Full("/boot/initr{e}': No space left on device"),
        Full("/boot/initr{e}: No space left on device"),
        Of("sync: error syncing '{e}': {t}", "{1} could not be brought to the disk", "The file system refused the data that was written: " +
            "{2}. The image there may be truncated.", new ToolFix("Read the kernel's messages about that disk, then rebuild the image",
            "dmesg | tail -30; findmnt -T {1}")),
        // What the image is made from.
        Of("mkinitramfs: failed to determine device for {t}", "the disk with {1} could not be determined",
            "With MODULES=dep only the drivers of that disk go into the image, so its device must be known; " +
            "for a ZFS pool, an overlay, or where /dev/root and root=PARTUUID= lead nowhere it is not.",
            new ToolFix("Include all modules in the image: MODULES=most in /etc/initramfs-tools/initramfs.conf (and conf.d), then",
                "grep -rn '^MODULES' /etc/initramfs-tools; update-initramfs -u")),
        Of("cryptsetup: ERROR: Couldn't resolve device {t}", "cryptsetup does not find the root's device {1}",
            "The device that /etc/fstab or crypttab names is not there where the image is built (a chroot without /dev, " +
            "an image builder, another name), so cryptsetup and the keys are left out: an encrypted root would not be opened.",
            new ToolFix("In a chroot, bring in /dev, /proc and /sys and open the volume under its name in crypttab; or set CRYPTSETUP=y " +
                "in /etc/cryptsetup-initramfs/conf-hook", "grep -v '^#' /etc/crypttab /etc/fstab; findmnt /; update-initramfs -u")),
        Of("Failure to communicate with kernel device-mapper driver", "the device mapper does not answer",
            "The tools of LVM and cryptsetup could not open /dev/mapper/control: it is built in a chroot or container that may not, " +
            "or dm_mod is not loaded. What lies on LVM or LUKS is then not seen, and what opens it is left out of the image.",
            new ToolFix("In a chroot, bring in /dev, /proc and /sys; load the module outside",
                "modprobe dm_mod; ls -l /dev/mapper/control; mount --rbind /dev /mnt/dev")),
        Of("version `{e}' not found (required by {e})", "a library is of another version than its program",
            "{2} needs version {1} of a library, and an older one is installed (or lies before it in the search path): " +
            "the packages are of different releases, as after an interrupted upgrade or in a rescue chroot. " +
            "What the builder starts then fails.",
            new ToolFix("Bring both to one release, then build again", "dpkg -S {2}; apt-get install --reinstall libblkid1 util-linux; " +
                "apt-get -f install; update-initramfs -u")),
        Of("mkinitramfs: {w}: {e}: not found", "the program {2}, which it needs, is not there",
            "mkinitramfs calls {2}, which is not installed or not in PATH: its package was removed or is half installed.",
            new ToolFix("Install its package again (getopt, mount, blkid: util-linux; cpio; gzip), then",
                "command -v {2}; apt-get install --reinstall util-linux cpio gzip coreutils; dpkg --configure -a")),
        Of("mkinitramfs: missing {e} root {e} /sys entry", "the disk of the root {2} could not be determined",
            "With MODULES=dep only the drivers of the root's disk go into the image, " +
            "and /sys (of a chroot or installer) does not tell which disk {2} lies on.",
            new ToolFix("Include all modules in the image (MODULES=most in /etc/initramfs-tools/initramfs.conf), " +
                "and in a chroot bring in /sys and /dev; " +
                "then", "grep -rn '^MODULES' /etc/initramfs-tools; findmnt /sys; update-initramfs -u")),
        Of("Cannot find /lib/modules/{e}", "the modules of the kernel are missing", "/lib/modules/{1} is not there: " +
            "that kernel was removed (or never installed) and its image is still asked for.",
            new ToolFix("Install the modules of that kernel, or remove what is left of it",
                "ls /lib/modules /boot /var/lib/initramfs-tools; update-initramfs -d -k {1}")),
        Of("missing /lib/modules/{d}", "the modules of the kernel are missing", "/lib/modules/{1} is not there: the package " +
            "with the modules was removed or is not yet installed.", new ToolFix("Install the modules of that kernel, or remove it whole",
            "ls /lib/modules; dpkg -l 'linux-image*' 'linux-modules*'")),
        Of("==> ERROR: file not found: {t}", Missing, "{1} is not there; the package that brings it (fsck.btrfs: btrfs-progs, " +
            "fsck.f2fs: f2fs-tools, fsck.xfs: xfsprogs) is not installed.", Install),
        Of("==> ERROR: binary not found: {t}", Missing, "The program {1} is not there; install the package that brings it.", Install),
        Of("==> ERROR: binary dependency {t}", Missing, "A library that a program needs is not there: {1}.", Install),
        Of("==> ERROR: module not found: {t}", "a kernel module for it is missing", "The kernel for which it is built has no module {1}: " +
            "its name in MODULES of /etc/mkinitcpio.conf is wrong or old, " +
            "it is built in, dkms did not build it, or the modules of that kernel are not there at all " +
            "(the running kernel was replaced by an update, and the image is built for it).",
            new ToolFix("See what that kernel has", "modinfo -k KERNEL {1}; dkms status; grep ^MODULES /etc/mkinitcpio.conf")),
        Of("==> ERROR: Hook '{e}' cannot be found", "the hook {1} is missing", "/etc/mkinitcpio.conf has it in HOOKS, " +
            "and no package brings it.", new ToolFix("Install its package, or take it out of HOOKS", "pacman -F hooks/{1}; " +
            "grep ^HOOKS /etc/mkinitcpio.conf")),
        Of("==> ERROR: '{e}' is not a valid kernel module directory", "the modules of the kernel are missing", "{1} is not there: " +
            "the kernel was removed, " +
            "or another one runs than is installed.", new ToolFix("See which there are", "ls /lib/modules; uname -r")),
        // Debian's mkinitramfs copies /lib/modules/VERSION into its work folder and then looks for what came.
        .. new[]
            {
                "find: '*/mkinitramfs_*/lib/modules/{e}/kernel': No such file",
                "find: ‘*/mkinitramfs_*/lib/modules/{e}/kernel’: No such file",
                "depmod: ERROR: could not open directory *mkinitramfs_*/lib/modules/{e}: No such file",
                "mkinitramfs_*/lib/modules/{e}/modules.builtin: No such file", "mkinitramfs_*/lib/modules/{e}/modules.order: No such file",
                "W: missing /lib/modules/{t}",
            }
            .Select(w => Of(w, "the modules of its kernel {1} are not there",
                "/lib/modules has none for {1}, so the image holds no driver: " +
                "only a kernel that has the drivers of the disk and the file system built in starts with it. " +
                "The package with the modules is not installed (or was copied only in part), or the version is another one.",
                new ToolFix("Compare the version with what is there; install its modules, then build the image again",
                    "ls -l /lib/modules /lib/modules/{1}; dpkg -S /boot/vmlinuz-{1}; update-initramfs -u -k {1}"))),
        // genkernel's gen_initramfs.sh.
        Of("ERROR: Binary {e} could not be found", "the program {1} is missing", "genkernel copies {1} into the image for an option " +
            "that was chosen (multipath, lvm, luks …), and it is not there: its package is not installed or has it no more.",
            new ToolFix("Install what has it, or leave the option out", "ls {1}; genkernel --help | grep -iE 'multipath|lvm|luks'; " +
                "genkernel initramfs")),
        Of("==> ERROR: invalid kernel specified: {t}", "the kernel {1} does not exist",
            "The preset in /etc/mkinitcpio.d names a kernel that is not there, as when /boot was not mounted at the update.",
            new ToolFix("Mount /boot and install the kernel again", "findmnt /boot; ls /boot; pacman -S linux")),
        Of("==> ERROR: failed to detect root filesystem", "the root file system could not be found out",
            "The hook autodetect looks at what is mounted on /, " +
            "which in a chroot is nothing it knows.", new ToolFix(
            "In a chroot use arch-chroot, which mounts what is needed", "findmnt /")),
        Of("Failed to add dependency on unit: Unit {d} does not exist", "systemd's unit {1} is missing",
            "The builder (dracut, mkinitcpio) enables units in the image's tree and {1} is not in it: " +
            "the module that brings systemd's units of the initramfs was left out " +
            "(systemd-initrd), or systemd and the builder are of versions that do not fit. What the unit pulls in is not started.",
            new ToolFix("See which modules go in, and whether systemd has the unit", "ls /usr/lib/systemd/system/{1}; " +
                "dracut --list-modules | grep systemd; grep -rn module /etc/dracut.conf.d")),
        // What dracut itself gives as its reason.
        .. new[] { "dracut[F]: /usr/lib/modules/{e}/modules.dep is missing", "dracut[F]: /lib/modules/{e}/modules.dep is missing" }
            .Select(w => Of(w, "the modules of its kernel {1} are not there", "The list of modules of {1} is missing: " +
                "a kernel of that version is not installed here (another one is), or depmod was not run for it.",
                new ToolFix("Compare the version with what is installed, then build for that one", "ls /usr/lib/modules; uname -r; " +
                    "depmod -a KERNEL; dracut -f --kver KERNEL"))),
        Of("dracut[F]: Invalid tmpdir {t}", "its folder for temporary files does not exist",
            "{1} is not there, as in a container where nothing made it.", new ToolFix("Make it, or name another",
                "mkdir -p /var/tmp && chmod 1777 /var/tmp; dracut --tmpdir /tmp -f")),
        Of("dracut[F]: {e} cannot be called with {t}", "dracut was called with options that exclude each other",
            "{1} does not go with {2}.",
            new ToolFix("Leave one of them out", "dracut -f --kver KERNEL   # all kernels: dracut -f --regenerate-all")),
        Of("dracut[F]: No permission to write{t}", "dracut may not write the image", "It is not root, or the folder is read-only.",
            new ToolFix("Run it as root, where it can write", "id; findmnt -T /boot")),
        // Which image, and that it failed.
        Of("update-initramfs: Generating {t}", Image, ""),
        Of("initcpio image: {t}", Image, ""),
        Of("update-initramfs: failed for {e} with", Failed, ""),
        Of("update-initramfs: failed for {t}", Failed, ""),
        Of("E: mkinitramfs failure {t}", Failed, ""),
        Of("==> WARNING: errors were encountered during the build. The image may not be complete", Failed, ""),
        Of("dracut: FAILED: {t}", Failed, ""),
        Of("dracut[E]: FAILED: {t}", Failed, ""),
        Of("dracut[{w}]: FAILED: {t}", Failed, ""),
        Of(Fatal, Failed, ""),
        Of("mkinitrd failed", Failed, ""),
        Of("mkinitramfs failed", Failed, ""),
        Of("dracut failed", Failed, ""),
        Of("ailed to generate initramfs", Failed, ""),
        Of("ailed to build initramfs", Failed, ""),
        Of("50-dracut.install failed with exit status {w}", Failed, ""),
        Of("90-loaderentry.install failed with exit status {w}", Failed, ""),
        Of("==> ERROR: Image generation FAILED", Failed, ""),
        Of("Initcpio image generation FAILED", Failed, ""),
    ];

    private static ToolFix Install => new("Install the package that provides it, and rebuild the image", "pacman -F {1}; mkinitcpio -P");

    private static ToolMessage Full(string wording) => Of(wording, NoRoom, RoomMeans, Room);

    private static ToolMessage Of(string wording, string title, string means, params ToolFix[] fixes) =>
        new(ToolStage.Initramfs, wording, means, fixes) { Mark = title };
}
