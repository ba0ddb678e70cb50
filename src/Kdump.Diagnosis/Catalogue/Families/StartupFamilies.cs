namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>What user space fails at while a machine starts or runs: units, mounts, names, entropy.</summary>
internal static class StartupFamilies
{
    public static readonly Family NameClash = new("interface-name-taken", "a network interface could not be given its name")
    {
        Area = Area.Crashing,
        In = Life.First,
        Confidence = 0.95,
        Cause = "Two interfaces should get the same name (by the firmware's index, or by local rules), " +
            "so one of them keeps another name. Settings for that name may then apply to the wrong card, or to none.",
        Fixes =
        [
            new("List both cards and their addresses", "ip -br link; udevadm info /sys/class/net/* | grep -e INTERFACE -e ID_NET_NAME"),
            new("Give them names by their MAC address in /etc/systemd/network/10-NAME.link ([Match] MACAddress=, [Link] Name=), then",
                "update-initramfs -u || dracut -f"),
        ],
        Tellings =
        [
            new("Failed to rename network interface {w} from '{e}' to '{e}': File exists", "interface {2} could not be named {3}: " +
                "another interface already has that name") { Subject = 3 },
            new("Failed to rename network interface {w} from '{e}' to '{e}': {t}", "interface {2} could not be named {3}: {4}")
                { Subject = 3 },
            new("Error changing net interface name '{e}' to '{e}': {t}", "interface {1} could not be named {2}: {3}") { Subject = 2 },
            new("error changing net interface name {w} to {w}: {t}", "interface {1} could not be named {2}: {3}") { Subject = 2 },
        ],
        Origin = "systemd src/udev/udev-event.c; net/core/dev.c dev_change_name",
    };

    private const string Overlay = "The flash partition that keeps the settings of the box (OpenWrt) could not be used, " +
        "so it runs from memory and loses them at each start.";

    private const string NoChecker = "The program, or the shell or library that it needs, is not in the initramfs (or not installed). " +
        "No line reports damage.";

    private static readonly Fix[] Checker =
    [
        new("Check whether it is there, and what it needs", "ls -l /sbin/fsck.*; head -1 $(command -v fsck.btrfs); lsinitrd | grep fsck"),
        new("Add it to the initramfs and rebuild that (mkinitcpio: HOOKS base and fsck), or switch the check off: " +
            "0 as the last number of its line in /etc/fstab"),
    ];

    private static string? FsckStatus(IReadOnlyList<string> taken) =>
        int.TryParse(taken[0], out int status) && status is > 0 and <= 255 ? CheckStatus.Says(status) : null;

    /// <summary>Mount points in an initramfs that belong to the system it starts.</summary>
    private static string? OfInitramfs(IReadOnlyList<string> taken) => taken[0].StartsWith("/sysroot", StringComparison.Ordinal) ||
        taken[0].StartsWith("/sysusr", StringComparison.Ordinal)
            ? "That is a mount of the initramfs, for the system that it is to start: it stops there, mostly in its emergency shell." : null;

    /// <summary>root=zfs:… taken for the name of a device.</summary>
    private static string? OfZfs(IReadOnlyList<string> taken) => taken[0].StartsWith("zfs:", StringComparison.Ordinal) ||
        taken[0].StartsWith("ZFS=", StringComparison.Ordinal)
            ? "That is the name of a ZFS dataset, mounted as if it were a device: " +
                "root=zfs:… is understood only by the ZFS module of the " +
                "initramfs (zfs-dracut, zfs-initramfs); here something else (systemd's generator) took it." : null;

    private static readonly Fix[] Flash =
    [
        new("Read the kernel's messages about the flash", "dmesg | grep -iE 'mtd|jffs2|ubi|I/O error'; cat /proc/mtd"),
        new("If it can be read: recreate the overlay", "firstboot && reboot", "all settings are lost"),
        new("If it returns errors again: rewrite the image for exactly this board; if that does not help, the flash chip is worn"),
    ];

    private static readonly Fix[] ReadCheck =
    [
        new("Read what the check said", "journalctl -b -u 'systemd-fsck*'; systemctl status 'systemd-fsck*'"),
        new("Check it by hand, unmounted", "fsck -f /dev/DISK", "never on a mounted file system"),
    ];

    public static readonly Family MountFailed = new("unit-mount-failed", "a file system was not mounted at start")
    {
        Area = Area.Crashing,
        In = Life.First,
        Confidence = 0.9,
        CausedBy = ["unit-device-missing", "udev-not-started", "filesystem-damaged", "filesystem-not-mounted",
            "network-share-refused"],
        Explains = ["emergency-mode"],
        Cause = "Something that it requires failed before, or mount printed the reason in a separate line.",
        Fixes = [new("Read the reason in its own lines", "systemctl status {0}; journalctl -b -u {0}")],
        OnMountPoint = true,
        Tellings =
        [
            new("mount: /{e}: wrong fs type, bad option, bad superblock on {e}, missing",
                "{1} was not mounted: {2} has no file system of the requested type (wrong fs type)",
                    "The type in /etc/fstab (or -t) differs from the file system's type, an option is unknown, " +
                        "the superblock is damaged, or a helper program is missing. The kernel's lines at that time show which.")
                // With nothing where the device should stand, mount was told to mount nothing.
                { Holds = t => t[1].Trim().Length > 0,
                    Fixes = [new("Check the type of the file system, and the kernel's messages", "blkid; lsblk -f; dmesg | tail -20")] },
            new("mount: wrong fs type, bad option, bad superblock on {e},",
                "a mount failed: {1} has no file system of the requested type (wrong fs type)",
                "The requested type (-t, /etc/fstab, rootfstype=) differs from the file system's type, or none was given and it could " +
                    "not be detected; an option is unknown; or the helper program (mount.zfs, mount.nfs) is missing in that image.")
                { Reads = OfZfs, Fixes = [new("Check the type of the file system, and the kernel's messages",
                    "blkid; lsblk -f; dmesg | tail -20; cat /proc/cmdline")] },
            new("mount: /{e}: can't read superblock on {t}", "{1} was not mounted: the superblock of {2} could not be read",
                "The disk returns errors, is smaller than its file system, or the file system is damaged. The kernel's lines show which.")
                { Fixes = [new("Check it before any repair", "dmesg | tail -20; lsblk -b")] },
            new("mount: /{e}: can't find in {t}", "{1} was not mounted: {2} has no line for it",
                "mount was given only a folder or a device, and looks for the rest in /etc/fstab.")
                { Fixes = [new("Name both, the device and the folder, or add the line", "grep -v '^#' /etc/fstab; findmnt --verify")] },
            new("mount: /{e}: can't find mount point in {t}", "{1} was not mounted: {2} has no line for it") { Fixes =
                [new("Name both, the device and the folder, or add the line", "grep -v '^#' /etc/fstab; findmnt --verify")] },
            new("mount: /{e}: can't find mount source {e} in {t}", "{2} was not mounted: {3} has no line for it") { Subject = 2, Fixes =
                [new("Name both, the device and the folder, or add the line", "grep -v '^#' /etc/fstab; findmnt --verify")] },
            new("mount: /{e}: can't find {t}", "{1} was not mounted: there is no {2}", "The device named in /etc/fstab does not exist: " +
                "another UUID or label, a disk that did not appear, or a volume that was not activated.")
                { Fixes = [new("Compare with the existing devices", "blkid; lsblk -f; findmnt --verify")] },
            new("mount: /{e}: special device /dev/mapper/luks-{e} does not exist",
                "{1} was not mounted: its encrypted volume luks-{2} was " +
                "not opened", "/dev/mapper/luks-… exists only after the LUKS volume with that UUID is unlocked. " +
                    "If rd.luks.uuid= names volumes, an initramfs opens only those; otherwise crypttab decides.")
                { Fixes = [new("Check whether the encrypted partition exists, and which setting should open it",
                    "blkid -t TYPE=crypto_LUKS; grep -v '^#' /etc/crypttab; cat /proc/cmdline"),
                    new("Open it by hand and continue", "cryptsetup open UUID={2} luks-{2}")] },
            new("mount: /{e}: special device {e} does not exist", "{1} was not mounted: there is no {2}",
                "The device named in /etc/fstab does not exist: a disk that did not appear, or a volume that was not activated.")
                { Fixes = [new("Compare with the existing devices", "blkid; lsblk -f; findmnt --verify")] },
            new("mount: special device {e} does not exist", "a mount failed: there is no {1}",
                "The program that mounts (a hook of the initramfs, a script) names a device that is not there: a disk that did not " +
                "come, a volume of LVM that is not active yet; or a name with a number (/dev/dm-2, /dev/sdb1), which is given in the " +
                "order in which devices come and may be another one at the next start.")
                { Fixes = [new("Which devices are there, and which of them was meant? Name it by its UUID or /dev/mapper/…",
                    "blkid; lsblk -f; lvm lvs; ls -l /dev/mapper")] },
            new("mount: /{e}: unknown filesystem type '{e}'", "{1} was not mounted: the kernel does not support the file system {2}",
                "Its module does not exist for this kernel, or mount was given the wrong type (swap, LVM2_member, crypto_LUKS …).")
                { Fixes = [new("Check what is on the device, and whether the module exists", "lsblk -f; modprobe -n -v {2}")] },
            new("system-generators/systemd-fstab-generator failed with {t}",
                "systemd could not make mounts of /etc/fstab and root= (its generator ended with {1})",
                "The generator's own message is in the kernel's log (dmesg), because the journal does not run yet: " +
                    "a line of /etc/fstab that it does not understand, two mounts of one place, or a target that it may not write to. " +
                    "Mounts after that line are missing.")
                { Subject = 0, Severity = Severity.Warning, Fixes = [new("Check the table, and read the generator's message",
                    "findmnt --verify --verbose; dmesg | grep fstab-generator")] },
            .. new[] { "ailed to start*Remount Root and Kernel File Systems",
                "systemd-remount-fs.service: Failed with result '{e}'" }
                .Select(w => new Telling(w, "the root file system was not remounted with the options of /etc/fstab", NoRemount)
                { Subject = 0, Severity = Severity.Warning, Fixes = [new("Read why, and compare the table with what is mounted",
                    "journalctl -b -u systemd-remount-fs; findmnt /; findmnt --verify; grep -v '^#' /etc/fstab")] }),
            new("Dependency failed for /{t}", "{1} was not mounted: a dependency did not appear") {
                Holds = t => !t[0].StartsWith("dev/", StringComparison.Ordinal), Fixes =
                [new("Find out why", "systemctl --failed; findmnt --fstab -T {1}")] },
            new("{w}.mount: Mount process exited, code=exited, status={t}", "{1} was not mounted: its unit failed (status {2})"),
            new("{w}.mount: Job {e}/start failed with result '{e}'", "{1} was not mounted: its unit failed ({3})"),
            new("ailed to mount /boot/{t}", "/boot/{1} was not mounted",
                "After a kernel update this usually means that the running kernel is not the installed one: " +
                    "its modules (vfat and others) are no longer in /lib/modules. Otherwise the partition is missing, " +
                    "has another UUID than /etc/fstab names, or is damaged.")
                { Subject = 0, Fixes = [new("Compare the running kernel with the installed ones, and the partition with /etc/fstab",
                    "uname -r; ls /lib/modules; lsmod | grep fat; blkid; grep boot /etc/fstab")] },
            new("ailed to mount /boot{t}", "/boot was not mounted",
                "After a kernel update this usually means that the running kernel is not the installed one: " +
                    "its modules (vfat and others) are no longer in /lib/modules.")
                { Subject = 0, Fixes = [new("Compare the running kernel with the installed ones",
                    "uname -r; ls /lib/modules; lsmod | grep fat; blkid"),
                    new("If they differ: mount /boot from a rescue system, and reinstall the kernel into it")] },
            new("mount_root: failed to mount -t {w} {e} /tmp/overlay: {t}",
                "/overlay was not mounted: {1} on {2} reports {3}", Overlay) { Subject = 0, Fixes = Flash },
            new("mount_root: switching to {w} failed - fallback to ramoverlay",
                "/overlay was not mounted: switching to {1} failed, it is in memory now", Overlay) { Subject = 0, Fixes = Flash },
            .. new[] { "]: Failed to mount {t}", "FAILED] Failed to mount {t}", "FAILED. Failed to mount {t}",
                "FAILED Failed to mount {t}" }
                .Select(w => new Telling(w, "not mounted: {1}") { Reads = OfInitramfs }),
            new("ystemctl status {e}.mount' for details", "{1} was not mounted: its unit failed")
                { Confidence = 0.85, Reads = OfInitramfs, Holds = t => !t[0].StartsWith("boot", StringComparison.Ordinal) &&
                    !t[0].StartsWith("sysroot", StringComparison.Ordinal) },
            new("No such file or directory while trying to open {t}",
                "{1} was to be checked at start and is not there",
                "Its disk or array did not appear (not assembled, no driver), or /etc/fstab names another one. " +
                "That a superblock is corrupt is only the checker's standing remark when it can read nothing.")
                { Subject = 0, Fixes = [new("What is there, and what was to be there?", "cat /proc/mdstat; blkid; cat /etc/fstab")] },
            new("9pnet_virtio: no channels available for device {t}", "the shared folder {1} (9p) was not mounted: the host offers none",
                "No virtio device with that mount tag was found: the emulator was started without it (-virtfs, -device virtio-9p-pci), " +
                "or this kernel lacks virtio over PCI (CONFIG_VIRTIO_PCI), or finds its devices only later.")
                { Subject = 0, Fixes = [new("Which tags does the host offer?",
                    "cat /sys/bus/virtio/drivers/9pnet_virtio/virtio*/mount_tag")] },
            new("filesystem on {e} requires a manual fsck", "the root file system on {1} needs a check by hand", ByHand) { Subject = 0,
                Fixes = RepairOf },
            new("/dev/{e}: UNEXPECTED INCONSISTENCY; RUN fsck", "the file system on /dev/{1} needs a check by hand", ByHand)
                { Subject = 0, Fixes = RepairOfNode },
            new("UNEXPECTED INCONSISTENCY; RUN fsck", "a file system needs a check by hand", ByHand) { Subject = 0, Fixes =
                [new("From a rescue system, unmounted: check it without changes first", "e2fsck -fn /dev/DISK"),
                    new("Then repair", "e2fsck -f /dev/DISK", "never on a mounted file system")] },
            new("fsck: {e}: execute failed: {t}", "the check of a file system could not be run: {1}: {2}", NoChecker) { Subject = 0,
                Fixes = Checker, Severity = Severity.Warning },
            new("fsck: error {w} ({e}) while executing {w}.{w} for {t}", "the check of {5} could not be run: fsck.{4}: {2}", NoChecker)
                { Subject = 0, Fixes = Checker, Severity = Severity.Warning },
            new("fsck: fsck.{w}: not found", "the check of a file system could not be run: fsck.{1} is missing", NoChecker) { Subject = 0,
                Fixes = Checker, Severity = Severity.Warning },
            new("Failed to start*File System Check on {t}", "the check of {1} at start failed", ByHand)
                { Fixes = [new("Read what the check said", "journalctl -b -u 'systemd-fsck*'; systemctl status 'systemd-fsck*'"),
                    new("Check it by hand, unmounted", "fsck {1}", "never on a mounted file system")] },
            new("fsck exited with status code {w}", "the check of the root file system ended with status {1}", Checked) { Subject = 0,
                Reads = FsckStatus, Fixes = ReadCheck },
            .. new[] { "fsck failed with exit status {w}", "fsck failed with error code {w}" }.SelectMany(w => new[]
            {
                // systemd stops the start only for 2 and 4, and prints «Ignoring error.» otherwise.
                new Telling(w, "the check of a file system at start did not work (status {1}); the start went on", Checked) { Subject = 0,
                    Reads = FsckStatus, Fixes = ReadCheck, Severity = Severity.Warning, Holds = t => CheckStatus.IsIgnored(t[0]) },
                new Telling(w, "the check of a file system at start failed (status {1})", Checked) { Subject = 0,
                    Reads = FsckStatus, Fixes = ReadCheck },
            }),
        ],
        Origin = "systemd src/core/job.c, mount.c, src/fsck/fsck.c",
    };

    private const string NoRemount = "It stays as the kernel or the initramfs mounted it, often read-only, and what writes to it at " +
        "start fails. The line of / in /etc/fstab names a device that is not there or an option that its file system does not take, the " +
        "disk is write-protected, or the file system was turned read-only because of errors.";

    private const string Checked = "What the check found stands in its own lines before this one.";

    private const string ByHand = "The check at start repairs only what cannot lose data, and stops at the rest (e2fsck -p). " +
        "Damage comes from a lost power supply, a machine that was switched off, a disk that lies or fails, or bad memory.";

    private static Fix[] RepairOf =>
    [
        new("In the shell of the initramfs it is not mounted: check it there, and answer the questions with yes (-y)", "fsck -y {1}",
            "damaged files may be cut or moved to lost+found; copy the disk before if it holds what no backup has"),
        new("Then check the disk, before it happens again", "smartctl -x /dev/DISK"),
    ];

    private static Fix[] RepairOfNode => [.. RepairOf.Select(f => f with { Command = f.Command!.Replace("{1}", "/dev/{1}",
        StringComparison.Ordinal) })];

    private const string OtherInit = "Init systems other than systemd (runit, OpenRC, sysvinit, scripts) stop when a check (fsck) " +
        "or a mount of /etc/fstab fails; the lines before show which. A name that fsck cannot resolve (UUID= with busybox, " +
        "a file system whose fsck program is not installed) fails in the same way as a damaged file system.";

    private const string OfDracut = "dracut opens a shell where the check of the root file system ends with a status of 4 or more. " +
        "When the shell is left, it goes on to mount the file system.";

    private const string Sulogin = "sulogin asks for the password of root where init does not go on: a unit or a mount of the start " +
        "failed, and the lines before show which one; or somebody asked for it (single, rescue or emergency on the command line).";

    private static readonly Fix[] Check =
    [
        new("In its shell, check whether each file system of /etc/fstab exists, and whether there is a program to check it",
            "grep -v '^#' /etc/fstab; blkid; ls /sbin/fsck.*"),
        new("Check the one that failed, unmounted; if there is no program to check it, set 0 as the last number of its line in /etc/fstab",
            "fsck -N /dev/DISK"),
    ];

    public static readonly Family Sequence = new("talos-sequence-failed", "a step of Talos (start, upgrade, reset) failed")
    {
        Area = Area.Crashing,
        In = Life.First,
        Confidence = 0.9,
        Cause = "Talos works through the phases of a sequence and stops at the first task that fails; " +
            "the task's message gives the reason. The lines after it show whether the machine then restarts normally instead of by kexec.",
        Fixes = [new("Read the earlier messages of that task, and check whether the machine came back",
            "talosctl dmesg -n NODE; talosctl service -n NODE; talosctl version -n NODE")],
        Tellings =
        [
            new("error running phase {w} in {w} sequence: task {e}: failed, {t}", "Talos' sequence {2} stopped in phase {1}: {4}")
                { Subject = 2 },
        ],
        Origin = "siderolabs/talos issue 7042",
    };

    /// <summary>In place of the usual causes, where the log has the words of the step that failed.</summary>
    public const string ShellOpens = "Init opens the shell because a step of the start failed.";

    public static readonly Fix[] StepByHand =
        [new("In the shell, take that step by hand, and go on when it works", "dmesg | tail -30; lsblk -f; cat /proc/mounts")];

    public static readonly Family Emergency = new("emergency-mode", "the machine stopped in emergency mode")
    {
        Area = Area.Crashing,
        In = Life.First,
        Severity = Severity.Critical,
        Confidence = 0.95,
        CausedBy = ["unit-mount-failed", "unit-device-missing", "root-not-found", "filesystem-damaged"],
        Cause = "A unit that the start requires failed, usually a mount in /etc/fstab. The lines before show which one.",
        Fixes = [new("In its shell, check which units failed, and why", "systemctl --failed; journalctl -xb -p err")],
        Tellings =
        [
            new("You are in emergency mode", "the machine stopped in emergency mode") { Subject = 0 },
            // systemd before 220.
            new("Welcome to emergency mode", "the machine stopped in emergency mode") { Subject = 0 },
            .. new[] { "Give root password for maintenance", "Press Enter for maintenance", "Press enter for maintenance" }
                .Select(w => new Telling(w, "the machine waits in a maintenance shell", Sulogin)
                    { Subject = 0, Confidence = 0.8, Severity = Severity.Warning }),
            new("Press Enter for emergency shell or wait", "the initramfs stopped in its emergency shell") { Subject = 0 },
            new("Started*Emergency Shell", "the machine stopped in emergency mode") { Subject = 0 },
            new("Reached target*Emergency Mode", "the machine stopped in emergency mode") { Subject = 0 },
            new("Init system encountered an error, starting emergency shell", "init stopped the start and opened an emergency shell",
                OtherInit)
                { Subject = 0, Fixes = Check },
            new("Cannot continue due to errors above, starting emergency shell", "init stopped the start and opened an emergency shell",
                OtherInit) { Subject = 0, Fixes = Check },
            // dracut; the same words with "will reboot" are of init scripts.
            new("Dropping you to a shell; the system will try",
                "the initramfs stopped and opened a shell: the check of a file system failed", OfDracut) { Subject = 0, Fixes = Check },
            new("An error occurred during the file system check", "init stopped the start: the check of a file system failed", OtherInit)
                { Subject = 0, Fixes = Check },
            new("File system check failed. Please repair manually", "init stopped the start: the check of a file system failed", OtherInit)
                { Subject = 0, Fixes = Check },
            new("A maintenance shell will now be started", "init stopped the start and opened a maintenance shell", OtherInit)
                { Subject = 0, Fixes = Check },
            new("Dropping you to a shell; the system will reboot", "init stopped the start and opened a shell", OtherInit)
                { Subject = 0, Fixes = Check },
            new("fsck failed*lease repair manually", "init stopped the start: the check of a file system failed", OtherInit)
                { Subject = 0, Fixes = Check },
            new("Filesystem couldn't be fixed", "init stopped the start: the check of a file system failed", OtherInit)
                { Subject = 0, Fixes = Check },
            new("Cannot open access to console, the root account is locked",
                "the machine stopped in emergency mode, and root has no password to log in") { Subject = 0,
                    Fixes = [new("Start with init=/bin/bash or systemd.debug_shell, or from a rescue system")] },
        ],
        Origin = "systemd units/emergency.service, src/sulogin-shell",
    };

    public static readonly Family UnitLoops = new("unit-restart-loop", "a unit fails and is started again and again")
    {
        Area = Area.Crashing,
        In = Life.First,
        Confidence = 0.9,
        CausedBy = ["task-limit-reached", "filesystem-full", "out-of-memory", "cgroup-out-of-memory", "filesystem-shut-down"],
        Cause = "The program ends right after each start; systemd stops trying at its start limit.",
        Fixes = [new("Read in its own lines why it ends", "systemctl status {0}; journalctl -b -u {0} -n 50")],
        Tellings =
        [
            new("{e}: Skipped due to 'exec-condition'", "{1} is not wanted here: its own condition keeps it from running",
                "The unit's ExecCondition= tests whether it fits this machine or session (a desktop on X11 beside one on Wayland): " +
                    "it does not. It was asked for several times, which systemd ends at its start limit; it never ran.")
                { Times = 3, Severity = Severity.Info, Fixes = [new("Nothing is to be done, unless it should run: see its condition",
                    "systemctl cat {0}")] },
            new("start request repeated too quickly for {w}", "{1} ended after every start, and is no longer restarted"),
            new("{e}: Start request repeated too quickly", "{1} ended after every start, and is no longer restarted"),
            new("{e}: start request repeated too quickly", "{1} ended after every start, and is no longer restarted"),
            new("{e} start request repeated too quickly", "{1} ended after every start, and is no longer restarted"),
            new("{e} has no holdoff time, scheduling restart", "{1} ends and is restarted repeatedly") { Times = 3 },
            new("{e}: Scheduled restart job, restart counter is at {w}", "{1} ends and is restarted repeatedly") { Times = 5 },
            new("{e}: Service hold-off time over, scheduling restart", "{1} ends and is restarted repeatedly") { Times = 5 },
            new("{e}: Watchdog timeout (limit {e})!", "{1} did not answer systemd's watchdog for {2}",
                "The program reports that it is alive less often than its unit demands (WatchdogSec): it hung, or the whole machine, " +
                    "its disk or its memory kept it from running. systemd ends it for that, and starts it anew where the unit says so.")
                { Severity = Severity.Warning },
        ],
        Origin = "systemd src/core/service.c, unit.c",
    };

    private static readonly Fix[] OtherCompression = [new(
        "Compress it in a way that this kernel knows (compress= of dracut, COMPRESS= of initramfs-tools)",
        "grep CONFIG_RD_ /boot/config-$(uname -r)")];

    public static readonly Family InitramfsLost = new("initramfs-lost", "the initramfs was not passed to the kernel completely")
    {
        Unless = new("VFS: Mounted root ("),
        Overcome = "the kernel mounted its root without it",
        Area = Area.Crashing,
        In = Life.First,
        Confidence = 0.95,
        Severity = Severity.Critical,
        Cause = "The kernel cannot use the initramfs (initrd) that the boot loader passed: " +
            "it is truncated, was overwritten, or was not loaded.",
        Fixes =
        [
            new("Compare the file with what the boot loader loads (size, free space of /boot), and rebuild it",
                "ls -l /boot; df -h /boot; update-initramfs -u || dracut -f"),
        ],
        Tellings =
        [
            new("INITRD: {e} overlaps in-use memory region", "the initrd at {1} was not used: it overlaps memory that is in use",
                "The boot loader loaded it to an address where the kernel itself (or a reserved region) is.") { Subject = 0, Fixes =
                    [new("Load it at a higher address, after the end of the kernel (U-Boot: ramdisk_addr_r; fdt_high and initrd_high)")] },
            new("INITRD: {e} is not a memory region", "the initrd at {1} was not used: there is no memory at its address") { Subject = 0,
                Fixes =
                    [new("Load it at another address (U-Boot: ramdisk_addr_r; fdt_high and initrd_high)")] },
            new("initrd extends beyond end of memory", "the initrd was not used: it ends after the end of memory") { Subject = 0, Fixes =
                    [new("Load it at a lower address, or make it smaller")] },
            new("initrd overwritten {t}", "the initrd was not used: it was overwritten") { Subject = 0 },
            new("RAMDISK: EOF while reading compressed data", "the initrd is truncated: its compressed data ends too early (EOF)",
                "The file is incomplete, or the boot loader loaded only a part of it.") { Subject = 0 },
            new("RAMDISK: Couldn't find valid RAM disk image", "the initrd is not in a format that this kernel supports") { Subject = 0 },
            new("RAMDISK: incomplete write", "the initrd does not fit into the RAM disk") { Subject = 0, Fixes =
                    [new("Enlarge the RAM disk: ramdisk_size=KIB on the kernel's command line")] },
            new("RAMDISK: image too big!", "the initrd does not fit into the RAM disk") { Subject = 0, Fixes =
                    [new("Enlarge the RAM disk: ramdisk_size=KIB on the kernel's command line")] },
            new("/initrd.image: incomplete write", "the initrd could not be kept: memory ran out while it was unpacked") { Subject = 0,
                Fixes = [new("Give the machine (or the crash kernel) more memory, or make the initrd smaller")] },
            new("RAMDISK: {w} decompressor not configured", "the kernel was built without {1}, with which the initrd is compressed")
                { Subject = 0, Fixes = OtherCompression },
            new("Invalid ramdisk decompression routine", "the kernel was built without the method with which the initrd is compressed")
                { Subject = 0, Fixes = OtherCompression },
            new("Initrd not found or empty - disabling initrd", "the kernel was given no initrd, or an empty one") { Subject = 0,
                Severity = Severity.Warning },
            new("error: file `{e}initr{e}' not found", "the boot loader did not find the initramfs") { Subject = 0 },
            new("EFI stub: ERROR: Failed to load initrd", "the EFI stub could not load the initrd") { Subject = 0 },
        ],
        Explains = ["init-not-started"],
        Origin = "drivers/of/fdt.c, arch/arm64/mm/init.c, arch/x86/kernel/setup.c, arch/mips/kernel/setup.c, init/do_mounts_rd.c, " +
            "drivers/firmware/efi/libstub; GRUB",
    };

    private const string BeforeProgram =
        "systemd failed at a step before the program itself, which the status names; the program did not run.";

    public static readonly Family UnitProgram = new("unit-program-not-run", "the program of a unit could not be run")
    {
        Area = Area.Crashing,
        In = Life.First,
        Severity = Severity.Warning,
        Confidence = 0.9,
        CausedBy = ["filesystem-damaged", "filesystem-shut-down", "unit-mount-failed", "filesystem-full"],
        Cause = "systemd gives up on a unit when a step before its program fails, or when the program itself ends badly.",
        Fixes = [new("Read the unit file and the unit's own lines", "systemctl cat {0}; journalctl -b -u {0} -n 30")],
        Tellings =
        [
            new("{e}: Main process exited, code=exited, status=203/EXEC", "the program of {1} does not exist or may not be executed " +
                "(203/EXEC)", BeforeProgram),
            new("{e}: Main process exited, code=exited, status=200/CHDIR", "the working directory of {1} does not exist (200/CHDIR)",
                BeforeProgram),
            new("{e}: Main process exited, code=exited, status=217/USER", "the user of {1} does not exist (217/USER)", BeforeProgram),
            new("{e}: Main process exited, code=exited, status=226/NAMESPACE", "the mounts of {1} could not be set up (226/NAMESPACE)",
                BeforeProgram),
            new("Failed to pivot root to new rootfs '{e}': {t}", "systemd could not pivot into the mounts of a unit ({1}): {2}",
                "The unit has its own mounts. In an initramfs the kernel does not allow a pivot of the root, " +
                    "so systemd moves the mount instead. The unit fails to start only if that fails as well. " +
                    "If the boot stops here, the reason is usually another one: the real root is not found (a driver for another kernel " +
                    "in the initramfs).") { Subject = 0,
                Fixes = [new("Check what else failed",
                    "systemctl --failed; journalctl -b -p warning; lsinitcpio IMAGE | grep -E 'btrfs|ext4|nvme'")] },
            new("{e}: Failed with result 'core-dump'", "{1} crashed", "A signal ended its program; the core dump shows where."),
            new("{e}: Failed with result 'oom-kill'", "{1} was killed for lack of memory",
                "The kernel's or systemd's out-of-memory killer ended it."),
            new("{e}: Failed with result 'watchdog'", "{1} did not answer systemd's watchdog",
                "Its program did not report in time (WatchdogSec=) and was killed: it hangs, waits for a disk that does not answer, " +
                    "or the machine is too slow for it (emulated, overloaded)."),
        ],
        Origin = "systemd src/basic/exit-status.c, src/core/service.c",
    };

    public static readonly Family NoBus = new("systemd-not-reached", "a program got no answer from systemd")
    {
        Area = Area.Crashing,
        In = Life.First,
        Severity = Severity.Warning,
        Confidence = 0.85,
        CausedBy = ["systemd-crashed", "filesystem-damaged"],
        Cause = "systemctl, or a script that calls it (hooks of packages, of kernels, of an initramfs), asks systemd over D-Bus. " +
            "In a chroot, a container or an initramfs systemd is not process 1, and early in a start the bus is not there yet. " +
            "What was to be enabled, started or asked was not.",
        Fixes =
        [
            new("Where does it run? Process 1 of this place must be systemd", "ps -p 1 -o comm=; systemd-detect-virt -r && echo chroot"),
            new("In a chroot: units are enabled without a running systemd; what must run is started after the next boot",
                "systemctl --root=DIR enable UNIT"),
        ],
        Tellings =
        [
            new("Failed to connect to bus: {t}", "a program got no answer from systemd: {1}") { Subject = 0 },
            new("Failed to connect to system scope bus via local transport: {t}", "a program got no answer from systemd: {1}")
                { Subject = 0 },
            new("Failed to get D-Bus connection: {t}", "a program got no answer from systemd: {1}") { Subject = 0 },
            new("Failed to create bus connection: {t}", "a program got no answer from systemd: {1}") { Subject = 0 },
            new("Failed to talk to init daemon", "a program got no answer from systemd") { Subject = 0 },
            new("System has not been booted with systemd as init system", "a program asks systemd, which is not process 1 here")
                { Subject = 0 },
        ],
        Origin = "systemd src/systemctl/systemctl-util.c, src/shared/bus-util.c, src/libsystemd/sd-bus",
    };

    public static readonly Family SystemdCrashed = new("systemd-crashed", "systemd itself crashed")
    {
        Area = Area.Crashing,
        In = Life.First,
        Severity = Severity.Critical,
        Confidence = 0.95,
        CausedBy = ["filesystem-damaged", "filesystem-io-error", "filesystem-shut-down"],
        Cause = "Process 1 crashed and is frozen: no unit is started or stopped any more.",
        Fixes = [new("Restart the machine with reboot -f (systemctl gets no answer), then check the core dump",
            "reboot -f", "programs are not ended and file systems not unmounted cleanly: sync first"),
            new("Compare systemd and its libraries with their packages", "rpm -V systemd glibc || debsums -s systemd libc6")],
        Tellings =
        [
            new("systemd[1]: Caught <{e}>, {t}", "systemd crashed (signal {1})") { Subject = 0 },
            new("systemd[1]: Freezing execution", "systemd froze") { Subject = 0 },
            new("systemd[1]: Assertion '{e}' failed at {t}", "an assertion of systemd failed: {1}") { Subject = 0 },
        ],
        Origin = "systemd src/core/crash-handler.c",
    };

    private static readonly Fix[] Ostree =
    [
        new("In the shell, check what was requested, what is mounted, and what is on the disk",
            "cat /proc/cmdline; findmnt; ls -l /sysroot /sysroot/ostree; journalctl -b -u ostree-prepare-root"),
        new("Start the older entry of the boot menu; then compare the deployments with the entries",
            "ostree admin status; grep -h options /boot/loader/entries/*.conf"),
    ];

    private static readonly string[] Told = ["Resolved ", "sysroot.readonly configuration", "Loading ", "mounted", "Using ", "Validated "];

    private static bool GaveUp(IReadOnlyList<string> taken) => !Array.Exists(Told, t => taken[0].StartsWith(t, StringComparison.Ordinal));

    public static readonly Family OstreeRoot = new("ostree-root-missing", "ostree could not prepare the root file system")
    {
        Area = Area.Crashing,
        In = Life.First,
        Severity = Severity.Critical,
        Confidence = 0.9,
        CausedBy = ["root-not-found", "filesystem-damaged"],
        Explains = ["emergency-mode", "unit-listed-failed"],
        Cause = "ostree-prepare-root looks in /sysroot for the deployment that ostree= on the command line names. " +
            "It did not find there what it needs.",
        Fixes = Ostree,
        Tellings =
        [
            new("Couldn't find specified OSTree root '{e}': {t}", "ostree did not find the deployment {1}: {2}",
                "ostree= on the command line names a deployment that is not on the mounted root: " +
                    "another disk or subvolume is mounted at /sysroot (a missing or wrong root= or rootflags=subvol=), " +
                    "or the entry of the boot menu is older or newer than the deployments there.") { Subject = 0 },
            new("ostree-prepare-root: sysroot.readonly=true requires {e} to be writable at this point",
                "ostree could not prepare the root: {1} is mounted read-only",
                    "With sysroot.readonly the initramfs must mount it writable: rw (not ro) on the command line.") { Subject = 0 },
            new("ostree-prepare-root: Failed to create /run/ostree: {t}", "ostree could not prepare the root a second time: {1}",
                "An earlier run stopped half-way; its own earlier messages give the reason.") { Subject = 0 },
            new("ostree-prepare-root: No OSTree target; expected ostree={t}", "ostree does not know which deployment to start",
                "ostree= is missing on the command line.") { Subject = 0 },
            new("ostree-prepare-root: composefs: {t}", "ostree could not prepare the root as composefs: {1}",
                "With composefs the deployment must hold an image of its own (.ostree.cfs), made when it was deployed. One that was " +
                    "deployed before composefs was switched on, or by an older version, has none; the kernel must also have erofs and " +
                    "overlay.") { Subject = 0 },
            new("ostree-prepare-root: failed to {t}", "ostree could not prepare the root: failed to {1}") { Subject = 0 },
            new("ostree-prepare-root: error: {t}", "ostree could not prepare the root: {1}") { Subject = 0 },
            // It names itself a second time only where it gives up.
            new("ostree-prepare-root: {t}", "ostree could not prepare the root: {1}") { Subject = 0, Holds = GaveUp },
        ],
        Origin = "ostree src/switchroot/ostree-prepare-root.c",
    };

    private const string Coldplug = "Devices that the kernel found before udev ran are made known by this step; " +
        "without it nothing of them (disks, terminals, network) becomes active.";

    public static readonly Family Udev = new("udev-not-started", "udev did not start, so no device becomes known")
    {
        Area = Area.Crashing,
        Severity = Severity.Critical,
        Confidence = 0.95,
        CausedBy = ["out-of-memory", "program-without-library", "filesystem-damaged", "filesystem-full", "hung-task"],
        Explains = ["unit-device-missing", "dump-target-missing", "unit-mount-failed", "emergency-mode", "start-hangs", "root-not-found"],
        Cause = "systemd waits for udev to announce each disk, partition and terminal. " +
            "If udev does not run, all of them time out, although the disks are there and the names in /etc/fstab are right. " +
            "Possible causes: memory is used up (huge pages), a library or a rule is broken, a device hangs.",
        Fixes =
        [
            new("Find out why it did not start, in an emergency shell or from the journal of that boot",
                "systemctl status systemd-udevd; journalctl -b -u systemd-udevd; free -m; grep -i huge /proc/meminfo"),
            new("If memory was used up: fewer huge pages (vm.nr_hugepages, hugepages= on the command line)",
                "grep -rs nr_hugepages /etc/sysctl.conf /etc/sysctl.d; cat /proc/cmdline"),
        ],
        Tellings =
        [
            .. new[] { "udev Kernel Device Manager", "Rule-based Manager for Device Events and Files", "systemd-udevd.service" }
                .Select(n => new Telling($"ailed to start {n}", "udev did not start, so no device becomes known") { Subject = 0 }),
            new("systemd-udevd.service: Start operation timed out", "udev did not start in time") { Subject = 0 },
            new("systemd-udevd.service: Failed with result '{e}'", "udev failed ({1}), so no device becomes known") { Subject = 0 },
            new("trigger is not permitted while udev is unconfigured", "udev was not set up in this initramfs, so no device becomes known",
                "An update of the package udev was broken off, or the initramfs was built while it was half done.") { Subject = 0, Fixes =
                [new("From a rescue system (chroot): finish the update and build the initramfs again",
                    "dpkg --configure -a; update-initramfs -u -k all")] },
            new("systemd-udevd: error while loading shared libraries: {e}:", "udev cannot run: it lacks the library {1}") { Subject = 0 },
            new("udevd: error while loading shared libraries: {e}:", "udev cannot run: it lacks the library {1}") { Subject = 0 },
            new("ailed to listen on udev Kernel Socket", "udev gets no events of the kernel: its socket could not be opened")
                { Subject = 0 },
            .. new[] { "udev Coldplug all Devices", "Coldplug All udev Devices", "systemd-udev-trigger.service" }
                .Select(n => new Telling($"ailed to start {n}", "udev was not told of the devices that were there before it", Coldplug)
                    { Subject = 0 }),
        ],
        Origin = "systemd units/systemd-udevd.service.in, systemd-udev-trigger.service",
    };

    public static readonly Family[] All = [Udev, OstreeRoot, UnitProgram, NoBus, SystemdCrashed, InitramfsLost, NameClash, MountFailed,
        Emergency,
        Sequence,
        UnitLoops];
}
