namespace Kdump.Diagnosis.Catalogue.Tools;

/// <summary>Why the dump target could not be mounted: mount(8), mount.nfs(8), and kdump's own words.</summary>
internal static class MountMessages
{
    public const string Consequence = "consequence";

    private static readonly ToolFix ByHand = new("Try the mount from the first kernel, with the options in that line",
        "showmount -e SERVER; mount -v -t nfs SERVER:/PATH /mnt");

    private const string Refused = "The kernel refused the mount on {1}: {2}. Its own line just before tells why.";

    private static readonly ToolFix KernelSays = new("Read what the kernel reported at that moment", "dmesg | tail -n 20");

    private static readonly ToolFix Crc32c = new("Add the modules to the image: add_drivers+=\" crc32c_generic crc32c_intel libcrc32c \" " +
        "(dracut), or their names in /etc/initramfs-tools/modules", "kdt image check IMAGE");

    private static readonly ToolFix Network =
        new("Look at the network of the crash kernel: its card's driver, ip= and the address it gets " +
        "(rd.shell=1 rd.debug on its command line give a shell there)");

    public static readonly ToolMessage[] All =
    [
        Of("mount.nfs: rpc.statd is not running but is required for remote locking",
            "NFS version 3 needs locks, and the daemon for them (rpc.statd) does not run where it is mounted.",
            new ToolFix(
                "Mount the target with vers=4, which needs no such daemon, or with nolock: " +
                "options of its line in /etc/fstab, then rebuild the image", "kdumpctl rebuild && kdumpctl restart")),
        Of("mount.nfs*access denied by server while mounting {t}",
            "The server's export does not allow the address that asks ({1}).",
            new ToolFix("Allow that address or its network in /etc/exports of the server", "exportfs -v   # on the server")),
        Of("mount.nfs*Connection timed out", "The NFS server did not answer: no network there, a firewall, or mountd on UDP.",
            Network, ByHand),
        Of("mount.nfs*Connection refused", "The machine answered, and no NFS service listens there.", ByHand),
        Of("mount.nfs*No route to host", "There is no way (route) to the NFS server.", Network),
        Of("mount.nfs*Network is unreachable", "The network towards the NFS server is not up.", Network),
        Of("mount.nfs*Failed to resolve server {e}:", "The name {1} could not be resolved.",
            new ToolFix("Name the server by its address, or give the crash kernel a name server (nameserver= on its command line)")),
        Of("mount.nfs*Protocol not supported", "The server does not support the NFS version that the options request.", ByHand),
        Of("mount.nfs*requested NFS version or transport protocol is not supported",
            "The server does not speak the version of NFS, or the transport, that the options ask for.", ByHand),
        Of("mount.nfs*an incorrect mount option was specified",
            "The options that were copied from the running mount (addr=, clientaddr=, vers= …) do not fit here.", ByHand),
        Of("mount.nfs*Stale file handle", "The server has changed the export since it was mounted.", ByHand),
        Of("mount.nfs*No such file or directory", "The server does not export that path, or the mount point is not in the image.", ByHand),
        Of("mount.nfs*Operation not permitted", "The server refuses the mount, possibly because it requires a client port below 1024.",
            ByHand),
        Of("mount.nfs*Permission denied", "The server's export does not allow the address that asks.", ByHand),
        Of("mount.nfs: {t}", "mount.nfs says: {1}.", ByHand),
        Of("EXT4-fs ({e}): Cannot load crc32c driver", "ext4 on {1} has checksums, and the image holds no module that computes crc32c.",
            Crc32c),
        Of("JBD2: Cannot load crc32c driver", "The journal has checksums, and the image holds no module that computes crc32c.", Crc32c),
        Of("F2FS-fs ({e}): Cannot load crc32 driver", "f2fs on {1} has checksums, and the image holds no module that computes crc32.",
            AddModule("crc32_generic")),
        Of("error allocating {w} hash for checksum", "The file system's checksum is {1}, and the image holds no module that computes it.",
            AddModule("{1}_generic")),
        Of("FAT-fs ({e}): IO charset {w} not found",
            "The FAT file system on {1} needs the character set {2}, and the image lacks its module.",
            AddModule("nls_{2}")),
        Of("FAT-fs ({e}): codepage {w} not found", "The FAT file system on {1} needs the code page {2}, and the image lacks its module.",
            AddModule("nls_{2}")),
        Of("unknown filesystem type '{e}'", "The driver of the file system {1} is not in the image, or not in this kernel.",
            new ToolFix("Take it into the image: add_drivers+=\" {1} \" (dracut), or MODULES=most (initramfs-tools)",
                "kdt image check IMAGE")),
        Of("mount: {e}: special device {e} does not exist",
            "The device {2} is not there: its driver is missing, or the " +
            "device is slower or has another name.", new ToolFix("See what it finds", "kdump-probe")),
        Of("mount: special device {e} does not exist",
            "The device {1} is not there: its driver is missing, or the " +
            "device is slower or has another name.", new ToolFix("See what it finds", "kdump-probe")),
        Of("mount: {e}: wrong fs type, bad option, bad superblock on {e},",
            "What lies on {2} is not a file system of that type, " +
            "or it is damaged, or a helper program is missing.", new ToolFix("Check it from the first kernel", "blkid {2}; fsck -n {2}")),
        Of("mount: {e}: can't read superblock on {t}", "The file system on {2} could not be read: " +
            "the disk fails, or the file system is damaged.", new ToolFix("Check it from the first kernel", "blkid {2}; dmesg | tail")),
        Of("mount: {e}: can't find in {t}", "{2} in the image has no line for {1}, and mount was given nothing else.",
            new ToolFix("Rebuild the image, so that it takes the running mounts over", "kdumpctl rebuild && kdumpctl restart")),
        Of("mount: {e}: can't find {t}", "The target is looked for under a name that nothing has: {2}.",
            new ToolFix("Compare it with the existing devices", "blkid; grep -v '^#' /etc/kdump.conf")),
        Of("mount: {e}: mount point does not exist", "The directory {1}, on which the target is to be mounted, is not there.",
            new ToolFix("Rebuild the image", "kdumpctl rebuild && kdumpctl restart")),
        // Whatever the errno: the kernel's line just before names the reason.
        Of("mount: {e}: mount(2) system call failed: {t}", Refused, KernelSays),
        Of("mount: {e}: fsconfig system call failed: {t}", Refused, KernelSays),
        Of("mount: {e}: fsconfig() failed: {t}", Refused, KernelSays),
        Of("mount: {e}: fsmount() failed: {t}", Refused, KernelSays),
        Of("mount: {e}: mount failed: {t}", Refused, KernelSays),
        Of("mount: mounting {e} on {e} failed: {t}", "{1} could not be mounted on {2}: {3}. The kernel's line just before tells why.",
            KernelSays),
        Of("mount: {e}: cannot mount; probably corrupted filesystem on {t}", "The file system on {2} is damaged.",
            new ToolFix("Check it from the first kernel", "blkid; fsck -n {2}")),
        Of("mount: {e}: {e} is not a block device", "{2} is no disk: the device was not there when its name was made.",
            new ToolFix("See what it finds", "kdump-probe")),
        Of("mount: {e}: {e} already mounted or mount point busy", "{2} is mounted or in use (LVM, md, multipath hold it).",
            new ToolFix("See who holds it", "lsblk; findmnt; ls /sys/class/block/*/holders")),
        Of("mount: {e}: {e} is write-protected but explicit read-write mode requested",
            "{2} can only be read: its write-protect switch is set, the disk or volume was made read-only, or it was exported so.",
            new ToolFix("See which layer is read-only", "lsblk -o NAME,RO; blockdev --getro {2}")),
        Of("mount: {e}: no medium found on {t}", "The drive {2} is empty: a card reader, an optical drive, " +
            "or a virtual drive without an image.", new ToolFix("See what it finds", "lsblk")),
        Of("mount: {e}: {e} is not a valid block device", "{2} is there and cannot be opened as a disk: its size is 0, or no driver " +
            "serves it.", new ToolFix("See what it finds", "lsblk; dmesg | tail -n 20")),
        Of("mount: {e}: the kernel does not recognize {e} as a block device",
            "The device file {2} is there, and no driver serves it: its module is not loaded or not in the image.",
            new ToolFix("Find the driver of that disk in a running system and take it into the image", "lsblk; kdt image check IMAGE")),
        Of("mount: {e}: more filesystems detected on {e};", "{2} holds the marks of more than one file system: " +
            "an older one was not wiped, and mount does not guess.",
            new ToolFix("Name the type (-t, or in /etc/fstab), and wipe the old mark when it is certain which one that is",
                "wipefs --no-act {2}; blkid -p {2}")),
        Of("mount: {e}: bad option; for several filesystems (e.g. nfs, cifs) you might need a /sbin/mount",
            "The program that mounts this kind of file system (mount.nfs, mount.cifs) is not in the image, or an option is unknown.",
            new ToolFix("Take the program into the image: nfs-utils or cifs-utils, then rebuild it", "ls -l /sbin/mount.*")),
        Of("mount: {e}: mount point is not a directory", "{1}, on which the target is to be mounted, is a file.",
            new ToolFix("See what it is", "ls -ld {1}")),
        Of("mount: {e}: mount point is a symbolic link to nowhere", "{1} is a link, and what it names is not there.",
            new ToolFix("See what it is", "ls -ld {1}")),
        Of("mount: {e}: mount point is busy", "Something is mounted on {1} or works in it.",
            new ToolFix("See who holds it", "findmnt {1}; fuser -vm {1}")),
        Of("mount: {e}: unknown filesystem type", "No type was given, and what lies on the device is no file system that mount knows.",
            new ToolFix("See what is on it", "blkid; lsblk -f")),
        Of("mount: {e}: permission denied", "The kernel does not allow the mount on {1}.", KernelSays),
        Of("kdumproot{e}.mount: Mount process exited, code=exited, status={t}", "") with { Mark = Consequence },
        Of("mounting failed (mount point: ", "") with { Mark = Consequence },
        Of("kdump: Failed to mount {t}", "") with { Mark = Consequence },
        Of("Unable to mount remote NFS directory", "") with { Mark = Consequence },
    ];

    private static ToolFix AddModule(string name) => new($"Add the module to the image: add_drivers+=\" {name} \" (dracut), " +
        "or its name in /etc/initramfs-tools/modules", $"modprobe -n -v {name}");

    private static ToolMessage Of(string wording, string means, params ToolFix[] fixes) =>
        new(ToolStage.Mounting, wording, means, fixes);
}
