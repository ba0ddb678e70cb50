namespace Kdump.Diagnosis.Catalogue;

/// <summary>
/// Reads the name of a block device: the disk that a partition is on, and what a device that is not hardware stands on.
/// </summary>
public static class BlockName
{
    /// <summary>Prefixes of device names: Documentation/admin-guide/devices.txt and the drivers' own.</summary>
    private static readonly (string Prefix, string Below)[] Kinds =
    [
        ("dm-", "{0} is a device-mapper volume (LVM, LUKS, multipath), not a disk: `lsblk -s /dev/{0}` shows the devices below it."),
        ("loop", "{0} is a loop device, not a disk: its content is a file in another file system (`losetup -l /dev/{0}`)."),
        ("rbd", "{0} is an image in a Ceph cluster, no disk of this machine."),
        ("drbd", "{0} is a DRBD volume: it needs its disk here and, for writes, its peer over the network."),
        ("nbd", "{0} is a disk of another machine, reached over the network (NBD)."),
        ("bcache", "{0} is a bcache volume: a slow disk and a cache device together."),
        ("zd", "{0} is a volume of a ZFS pool, no disk."),
        ("zram", "{0} is in memory."),
        ("md", "{0} is a RAID array of several disks (`cat /proc/mdstat`)."),
        ("xvd", "{0} is a virtual disk: the host (Xen) provides it; check the host's log and storage for the reason."),
        ("vd", "{0} is a virtual disk: the host (virtio) provides it; check the host's log and storage for the reason."),
    ];

    /// <summary>A sentence that says what is below the device; null for a real disk.</summary>
    public static string? Below(string device) =>
        Kinds.FirstOrDefault(k => device.StartsWith(k.Prefix, StringComparison.Ordinal)) is { Below: { } text }
            ? text.Replace("{0}", device, StringComparison.Ordinal) : null;

    /// <summary>The host of this guest provides the device; the guest cannot see where it is stored.</summary>
    public static bool IsOfHost(string device) =>
        device.StartsWith("vd", StringComparison.Ordinal) || device.StartsWith("xvd", StringComparison.Ordinal);

    /// <summary>A floppy or optical drive.</summary>
    public static bool IsRemovable(string device) => device.Length > 2 && char.IsAsciiDigit(device[2]) &&
        (device.StartsWith("fd", StringComparison.Ordinal) || device.StartsWith("sr", StringComparison.Ordinal));

    /// <summary>The name without the inode of an internal journal, which jbd2 names by device and inode (8): sdb1-8.</summary>
    public static string WithoutJournal(string device) =>
        device.EndsWith("-8", StringComparison.Ordinal) && device.Length > 4 && device != "dm-8" ? device[..^2] : device;

    /// <summary>sdb for sdb1, nvme0n1 for nvme0n1p2, sdb1 for the journal sdb1-8; others as they are.</summary>
    public static string DiskOf(string device)
    {
        int dash = device.LastIndexOf('-');
        if (dash > 0 && !device.StartsWith("dm-", StringComparison.Ordinal))
            device = device[..dash];
        string name = device.TrimEnd("0123456789".ToCharArray());
        if (name.Length == device.Length)
            return device;
        if (name.EndsWith('p') && name.Length > 1 && char.IsAsciiDigit(name[^2]))
            return name[..^1];
        return name.StartsWith("sd", StringComparison.Ordinal) || name.StartsWith("vd", StringComparison.Ordinal) ||
            name.StartsWith("xvd", StringComparison.Ordinal) || name.StartsWith("hd", StringComparison.Ordinal) ? name : device;
    }
}
