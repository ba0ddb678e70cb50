namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>What <c>zpool import</c> answers when it is asked which pools are there (OpenZFS cmd/zpool/zpool_main.c).</summary>
internal static class ZpoolFamilies
{
    private static readonly Fix[] Look =
    [
        new("List its devices, and find the missing one; then import it read-only and without mounting",
            "zpool import; ls -l /dev/disk/by-id; zpool import -o readonly=on -N -d /dev/disk/by-id POOL"),
        new("If another system (a live one) can import it: its ZFS is newer than that of the initramfs, " +
            "or it names the disks differently. Rebuild the " +
            "image", "zpool version; modinfo zfs | grep ^version; update-initramfs -u -k all || dracut -f"),
    ];

    private static readonly Fix[] Force =
    [
        new("If the other system is off: import it by force once", "zpool import -f POOL",
            "if two systems use a pool at the same time, the pool is destroyed"),
        new("If the hostid is the cause, give both the same hostid", "hostid; zgenhostid"),
    ];

    public static readonly Telling[] OfImport =
    [
        new("{w} *FAULTED *corrupted data",
            "ZFS: {1} is FAULTED: the data that was read from it is inconsistent (corrupted data)") { Fixes = Look },
        new("pool cannot be imported due to damaged devices or data", "a ZFS pool cannot be imported: devices or data are damaged",
            "Its labels are found, but too many of its devices are missing (UNAVAIL), or the data that was read from them is inconsistent.")
            { Subject = 0, Fixes = Look },
        new("pool cannot be imported. Attach the missing", "a ZFS pool cannot be imported: devices of it are missing")
            { Subject = 0, Fixes = Look },
        new("pool cannot be imported on this system", "a ZFS pool cannot be imported by this system",
            "It uses features that this ZFS does not support.") { Subject = 0, Fixes = Look },
        new("pool can only be accessed in read-only mode on this system", "a ZFS pool can be imported read-only",
            "It uses features that this ZFS can read but not write.") { Subject = 0, Fixes = Look, Severity = Severity.Warning },
        new("pool was last accessed by another system", "a ZFS pool was not imported: it was last used by another system")
            { Subject = 0, Fixes = Force },
        new("pool was last accessed by a system", "a ZFS pool was not imported: it was last used by another system")
            { Subject = 0, Fixes = Force },
        new("pool is currently imported by another system", "a ZFS pool was not imported: another system has it imported")
            { Subject = 0, Fixes = Force },
        new("status: One or more devices contains corrupted data", "ZFS: one or more devices contain damaged data") { Subject = 0,
            Fixes = Look },
        new("status: One or more devices are missing from the system", "ZFS: devices of a pool are missing") { Subject = 0, Fixes = Look },
        new("status: One or more devices could not be {t}", "ZFS: devices of a pool could not be {1}") { Subject = 0, Fixes = Look },
        new("nvalid or corrupt cache file contents", "ZFS cannot read its cache file (zpool.cache), so no pool is imported from it",
            "The list of pools and devices was written by another version of ZFS, cut, or is empty. The pools themselves are not damaged.")
            { Subject = 0, Fixes =
            [new("Import the pool by its name, and write the file anew",
                "zpool import; zpool import POOL; zpool set cachefile=/etc/zfs/zpool.cache POOL"),
                new("Then put the new file into the initramfs", "update-initramfs -u -k all || dracut -f")] },
        new("pool metadata is corrupted", "a ZFS pool cannot be imported: its metadata are damaged") { Subject = 0, Fixes = Look },
    ];
}
