namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>
/// Programs that got an error when they read or wrote a disk, where the kernel's own lines may not have been pasted: LVM, dd, fdisk,
/// parted, e2fsck. The last words are the C library's, in any language.
/// </summary>
internal static class ProgramReadFamilies
{
    /// <summary>Drives whose medium can be taken out report this while they are empty.</summary>
    private static bool IsFixed(IReadOnlyList<string> taken) => !BlockName.IsRemovable(taken[0]);

    public static readonly Family Unreadable = new("disk-unreadable-for-program", "a program could not read or write a disk")
    {
        Area = Area.Hardware,
        OnBlockDevice = true,
        Confidence = 0.85,
        Explains = ["volume-not-activated"],
        Cause = "The read or write came back with an error. At the first and the last sectors alike the whole disk does not answer " +
            "(it is gone, a path to it is down, the hypervisor or storage system behind it fails); at one place only its medium is bad. " +
            "A volume of LVM answers so too when a snapshot is full or its disk is missing.",
        Fixes =
        [
            new("See what the kernel said of it at that time", "dmesg | grep -e I/O -e {0} | tail -40"),
            new("Check whether it still answers, and its counters", "blockdev --getsize64 /dev/{0}; smartctl -x /dev/{0}"),
        ],
        Tellings =
        [
            new("/dev/{e}: read failed after {w} of {w} at {w}: {t}", "/dev/{1} could not be read at byte {4}: {5}") { Holds = IsFixed },
            new("/dev/{e}: write failed after {w} of {w} at {w}: {t}", "/dev/{1} could not be written at byte {4}: {5}")
                { Holds = IsFixed },
            new("Error reading device /dev/{e} at {w} length {w}", "/dev/{1} could not be read at byte {2}") { Holds = IsFixed },
            new("Error writing device /dev/{e} at {w} length {w}", "/dev/{1} could not be written at byte {2}") { Holds = IsFixed },
            new("error reading '/dev/{e}': {t}", "/dev/{1} could not be read: {2}") { Holds = IsFixed },
            new("reading `/dev/{e}': {t}", "/dev/{1} could not be read: {2}") { Holds = IsFixed },
            new("cannot open /dev/{e}: Input/output error", "/dev/{1} could not be opened: input/output error") { Holds = IsFixed },
            new("nput/output error during read on /dev/{t}", "/dev/{1} could not be read: input/output error") { Holds = IsFixed },
            new("nput/output error during write on /dev/{t}", "/dev/{1} could not be written: input/output error") { Holds = IsFixed },
            new("resulted in short read while trying to open /dev/{t}", "/dev/{1} could not be read: fewer bytes came than were asked for")
                { Holds = IsFixed },
        ],
        Origin = "LVM2 lib/device/dev-io.c; coreutils dd.c; util-linux fdisk.c; parted libparted/arch/linux.c; e2fsprogs lib/ext2fs",
    };

    /// <summary>Closing and unmounting what still is in use: at a shutdown usual.</summary>
    public static readonly Family InUse = new("still-in-use-when-closed", "something was still in use when it was to be closed")
    {
        Area = Area.Crashing,
        Severity = Severity.Info,
        Confidence = 0.85,
        Cause = "The running root file system or a swap area lies on it, or a program has it open. While the machine is shut down this " +
            "is usual and harmless: what was to be written is written before, and it ends with the machine. " +
            "It is no failure of a disk and none of the start.",
        Fixes = [new("If the machine is not being shut down: find out what uses it", "lsblk; dmsetup ls --tree; swapon --show; " +
            "fuser -vm /MOUNTPOINT")],
        Tellings =
        [
            new("ailed to deactivate '{e}': Device or resource busy", "the encrypted volume {1} was not closed: it is still in use"),
            new("ailed to deactivate: Device or resource busy", "an encrypted volume was not closed: it is still in use") { Subject = 0 },
            new("device-mapper: remove ioctl on {e} failed: Device or resource busy", "the volume {1} was not removed: it is still in use"),
            new("ould not detach DM {e}: Device or resource busy", "the volume {1} was not removed: it is still in use"),
            new("ould not detach loopback {e}: Device or resource busy", "{1} was not closed: it is still in use"),
            new("Failed to unmount /oldroot: Device or resource busy", "the old root was not unmounted: it is still in use")
                { Subject = 0 },
        ],
        Origin = "systemd src/cryptsetup/cryptsetup.c, src/shutdown/umount.c; LVM2 libdm",
    };

    public static readonly Family[] All = [Unreadable, InUse];
}
