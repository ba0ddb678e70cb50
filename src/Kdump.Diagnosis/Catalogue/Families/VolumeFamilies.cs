namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>What lies between file systems and disks: device mapper, md, bcache, ZFS pools, loop files.</summary>
internal static class VolumeFamilies
{
    /// <summary>Warnings of drivers/md/dm-table.c about a map that is created or taken away all the same.</summary>
    private static readonly string[] Notes = ["ignoring discards_supported", "dm_put_device call missing"];

    private static bool MapNumber(IReadOnlyList<string> taken) => taken[0].Contains(':', StringComparison.Ordinal);

    private static bool Fewer(IReadOnlyList<string> taken) =>
        int.TryParse(taken[^2], out int active) && int.TryParse(taken[^1], out int all) && active < all;

    private static bool Virtual(IReadOnlyList<string> taken) => BlockName.Below(taken[0]) is not null;

    private static readonly Fix[] ThinPool =
    [
        new("See how full the pool's data and metadata are", "lvs -a -o +data_percent,metadata_percent"),
        new("Extend it before anything else is written (the name is VG/POOL; what uses LVM underneath, as docker does, has its own)",
            "lvextend --poolmetadatasize +1G VG/POOL; lvextend -L +SIZE VG/POOL"),
        new("If its metadata failed: take the pool out of use and repair them", "lvchange -an VG/POOL; lvconvert --repair VG/POOL",
            "the old metadata are kept as a volume of their own; have a copy of the data before"),
    ];

    /// <summary>os-prober maps the partitions of other systems to look into them; of one that is in use it cannot, and goes on.</summary>
    private static bool OfMachine(IReadOnlyList<string> taken) => !taken[0].StartsWith("osprober-", StringComparison.Ordinal);

    public static readonly Family ThinPoolFull = new("thin-pool-full", "a thin pool ran out of space")
    {
        Area = Area.Crashing,
        Confidence = 0.95,
        Cause = "A full thin pool delays writes, fails them after a minute (no_space_timeout), or turns read-only. " +
            "Its disks are not at fault.",
        Fixes = ThinPool,
        Tellings =
        [
            new("device-mapper: thin: {d}: metadata operation '{e}' failed: error = -28",
                "the metadata device of thin pool {1} became full (-28, ENOSPC, in {2})",
                "No block of metadata was left. The pool aborts its transaction; without metadata it can no longer be trusted."),
            new("device-mapper: thin: {d}: metadata operation '{e}' failed: error = {w}",
                "a metadata operation of thin pool {1} failed: {2}, error {3}"),
            new("device-mapper: thin: {d}: switching pool to out-of-data-space", "thin pool {1} has no space for data left"),
            new("device-mapper: thin: {d}: switching pool to failure mode", "thin pool {1} failed: nothing can be read or written"),
            new("device-mapper: thin: {d}: switching pool to read-only mode", "thin pool {1} turned read-only"),
            new("device-mapper: thin: {d}: no free data space available", "thin pool {1} has no space for data left"),
            new("device-mapper: thin: {d}: aborting current metadata transaction", "thin pool {1} aborted a change of its metadata"),
            new("device-mapper: thin: {d}: reached low water mark for {w} device", "the {2} space of thin pool {1} is nearly used up")
                { Severity = Severity.Warning },
            new("device-mapper: space map {w}: unable to allocate new metadata block", "a thin pool has no block of metadata left")
                { Subject = 0 },
            new("device-mapper: snapshots: Invalidating snapshot: {t}", "a snapshot was lost: {1}",
                "The volume of a classic LVM snapshot was full (or failed), so the snapshot was dropped; the origin is not affected.")
                { Subject = 0, Fixes = [new("Find and remove the invalid snapshot, create larger ones", "lvs -a")] },
            new("Remaining free space in metadata of thin pool {e} is too low", "the metadata space of thin pool {1} is nearly used up")
                { Severity = Severity.Warning },
            new("Thin pool {e} data is now {e}% full", "thin pool {1} is filling up: {2} %") { Severity = Severity.Warning },
            new("Thin pool {e} metadata is now {e}% full", "the metadata space of thin pool {1} is filling up: {2} %")
                { Severity = Severity.Warning },
        ],
        Origin = "drivers/md/dm-thin.c, dm-snap.c, persistent-data/dm-space-map-metadata.c; LVM dmeventd",
    };

    public static readonly Family Damaged = new("volume-damaged", "the metadata or data of a volume are damaged")
    {
        Area = Area.Crashing,
        CausedBy = ["thin-pool-full", "cache-lost", "volume-io-error"],
        Cause = "What was read fails the volume's own checks.",
        Fixes =
        [
            new("Stop what uses the volume and save what can be read; see which volume it is", "dmsetup ls --tree"),
            new("Check the disk below: its errors, SMART", "dmesg | grep -i -e 'I/O error' -e 'medium error'"),
        ],
        Tellings =
        [
            new("device-mapper: btree spine: node_check failed: {t}", "the metadata of a thin pool or cache is damaged: {1}")
                { Subject = 0, Fixes = [ThinPool[2]] },
            new("device-mapper: block manager: *validator check failed for block {w}",
                "the metadata of a thin pool or cache is damaged: block {1}") { Subject = 0, Fixes = [ThinPool[2]] },
            new("Check of pool {e} failed (status:{w}). Manual repair required!", "thin pool {1} cannot be activated: " +
                "its metadata is damaged")
                { Fixes = [ThinPool[2]], Holds = t => t[1] is "1" },
            new("device-mapper: crypt: {e}: INTEGRITY AEAD ERROR, sector {w}",
                "{1} contains data that fails its integrity check (sector {2})"),
            new("device-mapper: integrity: {e}: Checksum failed at sector {w}", "{1} contains data with a wrong checksum (sector {2})"),
            new("device-mapper: verity: {d}: {w} block {w} is corrupted",
                "the verified image on {1} was changed or is damaged ({2} block {3})",
                "dm-verity compares each block with a signed tree of hashes: the data that was read differs from the data that was signed.")
                { Fixes = [new("Rewrite the image; then check the medium below it")] },
            new("WARNING: zfs: {e} {w} segment {e}range tree {t}", "ZFS found a space map that contradicts itself: {1} {2} segment")
                { Subject = 0, Fixes = PoolFixes },
            new("PANIC: zfs: {t}", "ZFS stopped a task: {1}") { Subject = 0, Fixes = PoolFixes },
            new("WARNING: can't open objset {w}, error {w}", "ZFS cannot open a file system or snapshot (objset {1}, error {2})")
                { Subject = 0, Fixes = PoolFixes },
        ],
        Origin = "drivers/md/dm-btree-spine.c, dm-block-manager.c, dm-crypt.c, dm-integrity.c, dm-verity-target.c; " +
            "OpenZFS range_tree.c, zvol.c",
    };

    private static Fix[] PoolFixes =>
    [
        new("Check the state of the pool", "zpool status -v"),
        new("Save the data first: import the pool read-only after a restart, if necessary one or two transactions back",
            "zpool import -o readonly=on -N POOL", "zpool import -F throws the last seconds of writes away"),
        new("Test the memory (memtest86+) and the disks (SMART): either may have returned wrong data"),
    ];

    /// <summary>The numbers of a failed comparison that are errors.</summary>
    private static string? ZfsErrno(IReadOnlyList<string> taken)
    {
        string[] words = taken[^1].Split([' ', '=', '<', '>', '!', ')'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Contains("52"))
            return "52 is EBADE, which ZFS uses for a checksum error (ECKSUM): " +
                "what was read from the pool is not what its checksum says, so the pool is damaged.";
        if (words.Contains("5"))
            return "5 is EIO: the pool's metadata could not be read.";
        return words.Contains("6") ? "6 is ENXIO: a device of the pool is gone." : null;
    }

    /// <summary>Which part of a pool the source file works on (OpenZFS module/zfs).</summary>
    private static string? ZfsPart(IReadOnlyList<string> taken) => taken[0] switch
    {
        "zil.c" => $"{taken[2]}() reads the intent log (ZIL) of a file system, which holds the last synchronous writes: " +
            "what is in it does not fit its header. The rest of the pool may be well.",
        "space_map.c" or "metaslab.c" or "range_tree.c" => $"{taken[2]}() keeps the lists of free space of the pool: they are damaged.",
        "zap_leaf.c" or "zap.c" or "zap_micro.c" => $"{taken[2]}() reads a directory or a table of attributes: it is damaged.",
        "dsl_scan.c" or "dsl_dataset.c" or "dsl_dir.c" or "dsl_deadlist.c" =>
            $"{taken[2]}() works on the pool's lists of file systems and snapshots.",
        "arc.c" or "dbuf.c" => $"{taken[2]}() works on ZFS's cache in memory.",
        "spa_misc.c" or "spa.c" or "vdev.c" => $"{taken[2]}() works on the pool as a whole and its devices.",
        "zfs_sa.c" or "sa.c" => $"{taken[2]}() reads the attributes of a file: they are damaged.",
        _ => null,
    };

    private const string ZfsWhy = "ZFS detected an internal error and stopped this one task permanently; the kernel continues. " +
        "Tasks that wait for the pool hang from then on (txg_sync, z_wr_iss, programs that use it), until the machine is restarted.";

    public static readonly Family ZfsHalted = new("zfs-halted", "ZFS stopped a task because a check failed")
    {
        Area = Area.Crashing,
        Confidence = 0.95,
        Cause = ZfsWhy,
        Fixes = PoolFixes,
        Explains = ["hung-task"],
        Tellings =
        [
            new("VERIFY3*({e}) failed ({t}", "ZFS stopped a task: VERIFY({1}) failed ({2}", ZfsWhy) { Subject = 0, Reads = ZfsErrno },
            new("VERIFY0(*) failed ({t}", "ZFS stopped a task: a VERIFY failed ({1}", ZfsWhy) { Subject = 0, Reads = ZfsErrno },
            new("VERIFY3*) failed ({t}", "ZFS stopped a task: a VERIFY failed ({1}", ZfsWhy) { Subject = 0, Reads = ZfsErrno },
            new("VERIFY({t}", "ZFS stopped a task: VERIFY({1}", ZfsWhy) { Subject = 0, Holds = t => t[0].Contains(") failed",
                StringComparison.Ordinal) },
            new("ASSERT*) failed ({t}", "ZFS stopped a task: an ASSERT failed ({1}", ZfsWhy) { Subject = 0 },
            new("PANIC at {e}:{w}:{w}()", "ZFS stopped a task at {1}:{2}, {3}()", ZfsWhy) { Subject = 0, Reads = ZfsPart },
            new("SPLError: *SPL PANIC", "ZFS stopped a task", ZfsWhy) { Subject = 0 },
        ],
        Origin = "OpenZFS module/os/linux/spl/spl-err.c, include/os/linux/spl/sys/debug.h",
    };

    public static readonly Family PoolSuspended = new("pool-suspended", "a ZFS pool was suspended after I/O errors")
    {
        Area = Area.Crashing,
        Confidence = 0.95,
        CausedBy = ["volume-io-error", "disk-offline", "disk-link-frozen"],
        Explains = ["hung-task"],
        Cause = "Too many devices of the pool failed or went away; all writes to it wait until they are back.",
        Fixes =
        [
            new("Bring the devices back (cable, power, controller: see the lines before), then", "zpool clear POOL; zpool status -v"),
            new("If that hangs, restart the machine; pools with failmode=wait cannot be exported while suspended"),
        ],
        Tellings =
        [
            new("Pool '{e}' has encountered an uncorrectable I/O failure and has been suspended",
                "ZFS pool {1} is suspended after I/O errors"),
            new("class=io_failure pool='{e}'", "ZFS pool {1} is suspended after I/O errors"),
            new("class=statechange pool='{e}' vdev={w} vdev_state=FAULTED", "device {2} of ZFS pool {1} is faulted"),
            new("class=statechange pool='{e}' vdev={w} vdev_state=UNAVAIL", "device {2} of ZFS pool {1} is not there"),
            new("class=statechange pool='{e}' vdev={w} vdev_state=REMOVED", "device {2} of ZFS pool {1} was removed"),
        ],
        Origin = "OpenZFS module/zfs/zio.c zio_suspend, cmd/zed",
    };

    private const string OfVdev = "ZFS got an error from what this device stands on: the disk itself, its cable, power or controller, or " +
        "the volume that it is. The kernel's own lines about it tell which.";

    public static readonly Family VolumeIoError = new("volume-io-error", "reads or writes of a volume fail")
    {
        Area = Area.Crashing,
        OnBlockDevice = true,
        CausedBy = ["loop-file-not-written", "client-blocklisted", "network-storage-silent", "multipath-path-failed", "thin-pool-full",
            "raid-failed", "cache-lost", "disk-offline", "disk-link-frozen"],
        Cause = "The failing device is not a physical disk: the cause is in a layer below it.",
        Fixes = [new("Find the devices below it, and read the earlier messages about them", "lsblk -s /dev/{0}; dmesg | grep -B20 {0}")],
        Tellings =
        [
            new("I/O error, dev {d}, sector {w}", "reads or writes of {1} fail (sector {2})") { Holds = Virtual },
            new("zio pool={e} vdev={e} error={w} type={w}", "ZFS pool {1} gets errors of {2} (error {3})", OfVdev) { Subject = 2,
                Fixes = [new("Check the error counts of every device", "zpool status -v {1}")] },
            new("class={w} pool='{e}' vdev={e} size={w} offset={w} priority={w} err={w}",
                "ZFS pool {2} gets errors of {3} ({1}, error {7})", OfVdev)
                { Subject = 3, Fixes = [new("Check the error counts of every device", "zpool status -v {2}")] },
        ],
        Origin = "block/blk-core.c, OpenZFS module/os/linux/zfs/vdev_disk.c, cmd/zed",
    };

    public static readonly Family LoopFile = new("loop-file-not-written", "the file behind a loop device could not be written")
    {
        Area = Area.Crashing,
        Cause = "The file system with the backing file returned an error, usually because it is full (a sparse image file takes space " +
            "only when it is written). This does not mean that a disk is at fault.",
        Fixes =
        [
            new("Find the backing file, and check whether its file system is full", "losetup -l; df -h"),
            new("Free space there, then check the file system inside the image unmounted"),
        ],
        Tellings = [new("loop: Write error at byte offset {w}, length {w}",
            "the image file behind a loop device could not be written (the file system that holds it is full?)") { Subject = 0 }],
        Origin = "drivers/block/loop.c lo_write_bvec",
    };

    public static readonly Family PathFailed = new("multipath-path-failed", "a path to multipath storage failed")
    {
        Area = Area.Crashing,
        Severity = Severity.Warning,
        Confidence = 0.9,
        Unless = new Sign("multipath: {d}: Reinstating path"),
        Cause = "One path to the storage has errors. " +
            "As long as another path is left, the storage works; with none left, I/O fails or waits, as no_path_retry says.",
        Fixes =
        [
            new("See all paths with their states", "multipath -ll"),
            new("Check what they have in common: HBA, link, switch, the array's controller (a fail-over there fails paths for a while)"),
            new("Make I/O wait while no path is left, in /etc/multipath.conf: no_path_retry 30 (or queue), then", "multipathd reconfigure"),
        ],
        Tellings =
        [
            new("{w}: remaining active paths: 0", "multipath map {1} has no path left") { Severity = Severity.Error },
            new("{w}: Entering recovery mode: {e}max_retries", "multipath map {1} has no path left and queues I/O for a while")
                { Severity = Severity.Error },
            new("queue_if_no_path timeout on {e}, failing queued IO",
                "no path of multipath map {1} came back in time: queued I/O fails now")
                { Severity = Severity.Error },
            new("multipath: {d}: QIFNP disabled but saved as enabled", "multipath map {1} was reloaded while its queueing was suspended",
                "A state of the map's table, noted while multipathd reloads it twice in a row: no path failed by it.")
                { Severity = Severity.Info, Fixes = [new("See all paths with their states", "multipath -ll")] },
            new("multipath: {d}: Failing path {d}", "a path of multipath map {1} failed ({2})") { Holds = MapNumber },
            new("device-mapper: multipath: Failing path {d}", "path {1} of multipath storage failed"),
            new("- {e} {w} {e} failed faulty {w}", "multipath -ll shows the path {2} ({1}) failed and faulty",
                "A map of which every path stands so has no way to its storage: " +
                    "I/O fails, or waits without end with queue_if_no_path. Look at what the paths have in common.") { Subject = 2 },
            new("{w}: {w} - {w} checker reports path is down", "path {2} of multipath map {1} is down"),
            new("Could not failover device {d}: Handler {w} error {w}", "the storage refused to fail over path {1} ({2}, error {3})")
                { Severity = Severity.Error },
            new("Logical unit not accessible, {t}", "the storage array reports that a path cannot be used: {1}",
                "The array's target port is in a state (ALUA) in which it accepts no I/O: one of its controllers fails over or is down. " +
                    "Check the array, not the disks.") { Subject = 0 },
            new("device-mapper: multipath: {d}:", "paths of multipath map {1} failed") { Holds = MapNumber },
        ],
        Origin = "drivers/md/dm-mpath.c, multipath-tools multipathd/main.c, SPC-4 ASC 04h ASCQ 0Ah-0Ch",
    };

    private static readonly Fix[] RaidFixes =
    [
        new("Check which members exist, and the event counts of all members",
            "cat /proc/mdstat; mdadm --examine /dev/sd[a-z]* | grep -e /dev -e Events"),
        new("Read the members' own errors first (SMART, cables); replace nothing before that"),
    ];

    private static readonly Fix[] AssembleFixes =
    [
        RaidFixes[0],
        new("Stop whatever uses the members, then assemble from the members with the highest event counts",
            "mdadm --stop /dev/{0}; mdadm --assemble --force /dev/{0} MEMBERS",
            "--force takes members as they are: the newest writes may be missing; never --create over an array"),
        new("Add the ones that were left out again: they are rebuilt", "mdadm /dev/{0} --add MEMBER"),
    ];

    /// <summary>mdadm in the initramfs: the kernel below it made no array.</summary>
    private static readonly Fix[] NoDriver =
    [
        new("In its shell: are the md modules there, for this kernel, and the members?",
            "uname -r; cat /proc/mdstat /proc/partitions; modprobe md_mod; modprobe raid1; mdadm --assemble --scan"),
        new("Start the older kernel; then build the newer one's image again", "update-initramfs -u -k all   # dracut --regenerate-all -f"),
    ];

    public static readonly Family RaidFailed = new("raid-failed", "a RAID array does not run")
    {
        Area = Area.Crashing,
        Severity = Severity.Critical,
        Confidence = 0.95,
        CausedBy = ["raid-member-left-out", "raid-degraded", "disk-offline", "disk-link-frozen"],
        Cause = "Too few of its members are there and up to date. That members are left out does not mean that they are broken.",
        Fixes = AssembleFixes,
        Tellings =
        [
            new("md/raid*:{w}: not enough operational devices ({e} failed)", "array {1} does not start: {2} of its members are missing"),
            new("md/raid*:{w}: not enough operational mirrors", "array {1} does not start: too few mirrors"),
            new("raid{w}: not enough operational devices for {w} ({e} failed)", "array {2} does not start: {3} of its members are missing")
                { Subject = 2 },
            new("md/raid*:{w}: active with 0 out of {w} mirrors", "array {1} does not run: none of its {2} mirrors is left"),
            new("md/raid*:{w}: Cannot continue operation ({e} failed)", "array {1} stopped: {2} of its members failed"),
            new("md/raid*:{w}: cannot start dirty degraded array", "array {1} does not start: it lacks a member and was not closed cleanly",
                "After a crash with a missing member the parity cannot be trusted, so md does not start the array automatically."),
            new("md/raid*:{w}: failed to run raid set", "array {1} does not start"),
            new("md: pers->run() failed", "an array does not start") { Subject = 0, Severity = Severity.Error, Fixes = RaidFixes },
            new("mdadm: unexpected failure opening /dev/{t}", "array {1} was not made: mdadm could not open it",
                "The kernel answered that there is no such device: " +
                "md's modules (md_mod, raid1 …) are not in this initramfs or are another kernel's.")
                { Fixes = NoDriver },
            new("mdadm: failed to RUN_ARRAY /dev/{e}: {t}", "array {1} does not start: {2}"),
            new("mdadm: /dev/{w} assembled from {w} drive* - not enough to start",
                "array {1} does not start: only {2} of its members came"),
            new("mdadm: /dev/{w} assembled from {w} drive* - need", "array {1} was not started: only {2} of its members came"),
            new("mdadm: no devices found for /dev/{t}", "array {1} was not assembled: none of its members was found")
                { Severity = Severity.Error, Fixes = RaidFixes },
            new("mdadm: {e} has no superblock - assembly aborted", "no array was assembled: {1} is no member (it has no md superblock)")
                { Severity = Severity.Error, Fixes = RaidFixes },
        ],
        Origin = "drivers/md/raid1.c, raid5.c, raid10.c, md.c; mdadm Assemble.c, mdopen.c",
    };

    public static readonly Family RaidMemberLeftOut = new("raid-member-left-out", "a member was left out of its RAID array")
    {
        Area = Area.Crashing,
        Severity = Severity.Warning,
        Confidence = 0.95,
        Cause = "Its data are not used.",
        Fixes = RaidFixes,
        Tellings =
        [
            new("md: kicking non-fresh {w} from array!", "{1} was left out of its array: its data is older than that of the others " +
                "(event count)",
                "It was missing for a while, so it lacks the latest writes. It is not necessarily faulty."),
            new("md: could not bd_claim {w}.", "{1} could not be added to its array: something else uses it",
                "Another array, a device-mapper map (multipath, dmraid) or a mounted file system uses it."),
            new("md: could not open device {t}", "{1} could not be added to its array"),
            new("md: {w} does not have a valid v{e} superblock, not importing!", "{1} is not a member: it has no valid md superblock"),
            new("md: invalid superblock checksum on {w}", "{1} was left out of its array: the checksum of its superblock is wrong"),
            new("md: export_rdev({w})", "{1} was released by md") { Severity = Severity.Info },
        ],
        Origin = "drivers/md/md.c",
    };

    public static readonly Family RaidDegraded = new("raid-degraded", "a RAID array lost a member")
    {
        Area = Area.Crashing,
        Confidence = 0.95,
        CausedBy = ["raid-member-left-out", "disk-offline", "disk-link-frozen"],
        Cause = "The array continues without the member, and may not survive the next failure.",
        Fixes =
        [
            new("Check the array's state, and earlier messages about the member", "cat /proc/mdstat; mdadm --detail /dev/{0}"),
            new("Replace the member if it has errors (mdadm --fail by hand gives the same line); else add it again",
                "mdadm /dev/{0} --re-add MEMBER"),
        ],
        Tellings =
        [
            new("md/raid*:{w}: Disk failure on {w}, disabling device", "array {1} dropped its member {2}"),
            new("raid{w}: Disk failure on {w}, disabling device", "an array dropped its member {2}") { Subject = 2, Fixes = RaidFixes },
            new("md/raid*:{w}: active with {w} out of {w} mirrors", "array {1} runs with {2} of {3} mirrors") { Holds = Fewer,
                Severity = Severity.Warning },
            new("md/raid*:{w}: raid level {w} active with {w} out of {w} devices", "array {1} runs with {3} of {4} members")
                { Holds = Fewer,
                Severity = Severity.Warning },
            new("{w} : active {e}(F)*", "array {1} runs with a failed member ({2})"),
            new("{w} : active *](F)", "array {1} runs with a failed member"),
            new("faulty   /dev/{d}", "{1} is a failed member of its array") { Fixes = RaidFixes },
            new("md/raid*:{w}: {w}: unrecoverable I/O read error for block {w}", "array {1} lost data: no member could read block {3}"),
            new("md/raid*:{w}: {w}: uncorrectable read error", "array {1} lost data: no member could read a block"),
            new("md/raid*:{w}: read error NOT corrected", "array {1} could not correct a read error"),
            new("md/raid*:{w}: too many read errors on {w}", "array {1} had too many read errors on {2}"),
            new("md: super_written gets error={w}", "md could not write the superblock of a member (error {1})")
                { Subject = 0, Fixes = RaidFixes },
            new("md/raid*:{w}: read error corrected ({w} sectors at {w} on {w})", "array {1} corrected a read error of {4}")
                { Severity = Severity.Warning },
            new("A {w} event had been detected on md device {w}", "md reports {1} on {2}") { Subject = 2, Severity = Severity.Warning },
            new("A {w} event had been detected on md device /dev/{w}", "md reports {1} on {2}") { Subject = 2,
                Severity = Severity.Warning },
            new("device-mapper: raid: Failed to read superblock of device at position {w}",
                "an LVM RAID volume cannot read the superblock of member {1}") { Subject = 0, Fixes =
                [new("Find the volume that lacks a member, and add the member or " +
                    "repair", "lvs -a -o +devices; lvconvert --repair VG/LV")] },
        ],
        Origin = "drivers/md/raid1.c, raid5.c, raid10.c, md.c, dm-raid.c; mdadm Monitor.c",
    };

    public static readonly Family CacheLost = new("cache-lost", "a cache in front of a disk failed")
    {
        Area = Area.Crashing,
        Severity = Severity.Critical,
        Confidence = 0.9,
        CausedBy = ["disk-offline", "nvme-fell-off-the-bus"],
        Cause = "Data that was only in the cache (dirty) is missing on the disk behind it: " +
            "the file system on top is out of date or damaged.",
        Fixes =
        [
            new("Write nothing to the disk behind it. Bring the cache device back (link, power, " +
                "slot) and register it again, so that its dirty data can still be written", "echo /dev/CACHE > /sys/fs/bcache/register"),
            new("Only if the cache device is gone for good: run the disk without it, then check the file system",
                "echo 1 > /sys/block/BCACHE/bcache/running", "the newest writes are lost"),
        ],
        Tellings =
        [
            new("of {w} is \"{w}\" and cache is dirty", "the cache of {1} was lost while it had data that was not yet written to the " +
                "disk (dirty)",
                "The cache set was detached while it had dirty data. This data was not yet written to the disk behind it and is missing " +
                    "there."),
            new("bcache: *error on {e}, disabling caching", "bcache stopped using its cache set: {1}") { Subject = 0 },
            new("bch_cache_set_error(){t}", "bcache met an error of its cache set") { Subject = 0 },
            new("bch_count_io_errors() {w}: IO error on {t}", "bcache gets errors of the cache device {1}: {2}"),
            new("stop {w}: too many IO errors on backing device {w}", "bcache stopped {1}: too many errors of {2}"),
            new("cached_dev_detach_finish() Caching disabled for {w}", "{1} runs without its cache") { Severity = Severity.Warning },
            new("device-mapper: cache: {d}: switching cache to {w} mode", "dm-cache {1} switched to {2} mode")
                { Severity = Severity.Error },
            new("device-mapper: cache: {d}: metadata operation '{e}' failed", "the metadata of dm-cache {1} could not be written"),
        ],
        Origin = "drivers/md/bcache/super.c and io.c, drivers/md/dm-cache-target.c",
    };

    private const string NoTarget = "The volume itself may be sound. The device mapper takes types of volumes (thin-pool, cache, raid, " +
        "mirror, snapshot, crypt, vdo) from modules of their own, and this one is not loaded, not in the initramfs, or not built.";

    private const string NoType = "The volume itself may be sound. The LVM that runs here (of the initramfs, a rescue system, an image) " +
        "is older than the one that made the volume, or was built without that type.";

    private const string NoChecker = "Before LVM activates a thin pool or a cache it has a program check its metadata. That program is " +
        "not there, not in the initramfs, or of another version than the options that LVM gives it; this alone says nothing against " +
        "the pool.";

    private static readonly Fix[] Checker =
        [new("Install the checker or name its place to LVM, then see what it says itself of the pool",
            "command -v thin_check cache_check; lvmconfig global/thin_check_executable global/thin_check_options; " +
            "lvchange -ay VG/POOL_tmeta; thin_check /dev/VG/POOL_tmeta")];

    private static readonly Fix[] Target =
    [
        new("Load the target's module and activate the volume", "modprobe dm-{2}; vgchange -ay; dmsetup targets"),
        new("Bring the module into the initramfs, or take a kernel that has it",
            "echo 'add_drivers+=\" dm-{2} \"' > /etc/dracut.conf.d/lvm-target.conf; dracut -f || update-initramfs -u"),
    ];

    private static readonly Fix[] TargetOf =
        [new("See which types of volumes are there, and which targets and types kernel and LVM know",
            "lvs -a -o +segtype; dmsetup targets; lvm segtypes; lvm version")];

    private const string OfScan = "For each disk that appears LVM is told of it (major and minor number), and activates its group when " +
        "all its disks are there. What it says of the reason stands in its own lines: a disk that is missing or filtered (multipath, the " +
        "devices file), a thin pool that needs repair, or a volume that is in use.";

    private const string NoCipher = "dm-crypt asked the kernel for the cipher, its mode and its hash (aes, cbc or xts, essiv, " +
        "sha256), and " +
        "at least one of them is not built in and not among the modules that can be loaded there.";

    private static readonly Fix[] Cipher =
    [
        new("See which cipher the volume has, and which the kernel knows", "cryptsetup luksDump DEVICE | grep -i cipher; cat /proc/crypto"),
        new("Load its modules (aes, cbc, xts, sha256, …), and rebuild the initramfs with them",
            "modprobe -a aes cbc xts sha256; update-initramfs -u -k all || dracut -f"),
    ];

    private static readonly Fix[] Scan =
    [
        new("Read what LVM said", "journalctl -b -u 'lvm2-pvscan@*' -u 'lvm-activate-*'; pvs -a; lvs -a"),
        new("If the group is complete, activate it by hand; then see why it was not at start (filter, devices file, multipath)",
            "vgchange -ay; lvmdevices; multipath -ll"),
    ];

    public static readonly Family NotActivated = new("volume-not-activated", "a volume could not be activated")
    {
        Area = Area.Crashing,
        Confidence = 0.9,
        CausedBy = ["raid-failed", "raid-member-left-out", "thin-pool-full", "volume-damaged", "multipath-path-failed", "disk-offline"],
        Explains = ["root-not-found", "unit-device-missing", "init-not-started", "emergency-mode"],
        Unless = new("Found device /dev/mapper/{e}-", "Found device dev-mapper-{e}\\x2d", "Found volume group \"{e}\"",
            "in volume group \"{e}\" now active"),
        Cause = "A disk below it is missing or used by something else, or its metadata do not match.",
        Fixes =
        [
            new("See which disks are there, and which volumes miss one", "lsblk; pvs -a; vgs -o +vg_missing_pv_count; dmsetup ls --tree"),
            new("Bring the missing disk back (cable, controller, unlocked LUKS, iSCSI login) before anything is forced"),
        ],
        Tellings =
        [
            .. new[] { "t process LV {e}: {w} target support missing from kernel", "t process {e}: {w} target support missing from kernel" }
                .Select(w => new Telling(w, "volume {1} was not activated: the kernel has no {2} target", NoTarget) { Fixes = Target }),
            new("/{e}: execvp failed: {t}", "LVM cannot run /{1} ({2}), so volumes that it must check first are not activated", NoChecker)
                { Subject = 0, Fixes = Checker },
            // LVM gives the exit status of the checker: 1 is "damaged" (VolumeFamilies.Damaged), 2 and more that it did not come to that.
            new("Check of pool {e} failed (status:{w})",
                "thin pool {1} was not activated: its check did not succeed (status {2})", NoChecker)
                { Holds = t => t[1] is not "1", Fixes = Checker },
            new("{w}: Required device-mapper target(s) not detected in your kernel",
                "LVM volumes of type {1} are not activated: the kernel has no such target", NoTarget) { Subject = 0, Fixes = TargetOf },
            new("nrecognised segment type {t}", "an LVM volume of type {1} is not activated: this LVM does not know that type", NoType)
                { Subject = 0, Fixes = TargetOf },
            new("nrecognized segment type {t}", "an LVM volume of type {1} is not activated: this LVM does not know that type", NoType)
                { Subject = 0, Fixes = TargetOf },
            new("Couldn't find device with uuid {t}", "an LVM volume group lacks a disk (UUID {1})"),
            new("(device {d}): devid {w} uuid {w} is missing", "the Btrfs file system on {1} lacks its device number {2}",
                "If the device is only late, the scan for Btrfs devices ran before all disks were there. " +
                    "If it is on a separate encrypted volume, the initramfs must open that volume, " +
                    "too (the classic encrypt hook opens only one).") { Fixes =
                [new("List its devices; scan again when all are there", "btrfs filesystem show; btrfs device scan"),
                    new("Only if the device is lost: mount it degraded, and replace it",
                        "mount -o degraded /dev/{0} /mnt; btrfs replace start",
                        "data that is not mirrored is lost with that device")] },
            new("VG {w} is missing PV {t}", "volume group {1} lacks the disk with UUID {2}"),
            .. new[] { "VG \"{e}\" not found", "VG '{e}' not found", "Cannot process volume group {w}", "olume group \"{e}\" not found" }
                .Select(w => new Telling(w, "volume group {1} was not found") { Holds = t => !IsDisk(t[0]) }),
            new("Refusing activation of partial LV {w}/{w}", "volume {1}/{2} was not activated: a disk below it is missing"),
            new("Refusing activation of partial LV {w}", "volume {1} was not activated: a disk below it is missing"),
            new("device-mapper: table: table load rejected: {t}", "device-mapper refused to create a map: {1}",
                "A multipath map (or another request-based one) accepts only paths whose drivers all work in the same way. " +
                    "The disks are there, but nothing on the map (LVM, the root) is found. " +
                    "Usually this appears after a kernel update.") { Subject = 0, Fixes =
                [new("Start the older kernel; compare how each path's disk is driven", "multipath -ll; dmsetup table; " +
                    "ls -d /sys/block/sd*/mq; cat /proc/cmdline")] },
            new("device-mapper: table: unable to determine table type", "device-mapper could not determine the type of a map")
                { Subject = 0 },
            new("device-mapper: table: {d}: crypt: Error allocating crypto tfm",
                "the encrypted map {1} was not created: the kernel (or its initramfs) lacks a module of the volume's cipher", NoCipher)
                { Fixes = Cipher },
            new("device-mapper: table: {d}: crypt: Error creating cipher mode",
                "the encrypted map {1} was not created: the kernel (or its initramfs) lacks a module of the volume's cipher", NoCipher)
                { Fixes = Cipher },
            new("device-mapper: table: {d}: {w}: unknown target type",
                "device-mapper could not create map {1}: the kernel has no {2} target", NoTarget) { Fixes = Target },
            new("device-mapper: table: {d}: {w}: {t}", "device-mapper could not create map {1}: {2}: {3}")
                { Holds = t => !Notes.Any(n => t[^1].Contains(n, StringComparison.Ordinal)) },
            new("device-mapper: reload ioctl on {e} *failed: {t}", "device-mapper could not load map {1}: {2}")
                { Holds = OfMachine },
            new("device-mapper: create ioctl on {e} *failed: {t}", "device-mapper could not create map {1}: {2}")
                { Holds = OfMachine },
            new("Device {e} is not a valid LUKS device", "{1} is not a LUKS volume (its header is damaged, or it is the wrong device)"),
            new("No key available with this passphrase", "a LUKS volume was not unlocked: no key fits") { Subject = 0, Fixes =
                [new("Check the keyboard layout at that time, and the key slots", "cryptsetup luksDump DEVICE")] },
            new("cryptsetup: ERROR: {e}: cryptsetup failed, bad password or options?", "LUKS volume {1} was not unlocked",
                "The passphrase or key is wrong, or the initramfs lacks what the volume needs: " +
                    "a cipher or hash module (aes, xts, argon2), dm-crypt, or a key file. " +
                    "The keyboard layout at that time may differ from the usual one.")
                { Fixes = [new("Check the key slots, and the options in /etc/crypttab", "cryptsetup luksDump DEVICE; cat /etc/crypttab"),
                    new("If the passphrase is right: rebuild the image with everything that cryptsetup " +
                        "needs", "update-initramfs -u -k all")] },
            new("cryptsetup: ERROR: {e}: maximum number of tries exceeded", "LUKS volume {1} was not unlocked: too many tries",
                "The passphrase or key is wrong. The keyboard layout at that time may differ from the usual one.") { Fixes =
                [new("Check the key slots", "cryptsetup luksDump DEVICE")] },
            new("cannot import '': {t}", "no ZFS pool was imported: the requested name is empty ({1})",
                "root= (or zfs=, bootfs=) does not name a pool in the form that the initramfs expects, " +
                    "for example root=zfs where a script expects zfs=auto or zfs=POOL/DATASET.")
                { Subject = 0, Fixes = [new("Name the pool or dataset on the command line in the form that this initramfs reads",
                    "cat /proc/cmdline; zpool get bootfs; zpool import")] },
            new("cannot import '{e}': {t}", "ZFS pool {1} was not imported: {2}") { Fixes =
                [new("Check what the pool lacks", "zpool import"), new("If another system used it last and is switched off: " +
                    "import it by force",
                    "zpool import -f {0}", "if two systems use a pool at the same time, the pool is destroyed")] },
            new("Failed to import pool '{e}'", "ZFS pool {1} was not imported") { Fixes = [new("Check what the pool lacks",
                "zpool import")] },
            .. new[] { "ailed to start*LVM event activation on device {t}", "ailed to start*LVM2 PV scan on device {t}",
                "lvm2-pvscan@{e}.service: Failed with result '{e}'" }
                .Select(w => new Telling(w, "LVM's scan of device {1} failed: volumes on it may not have been activated", OfScan)
                    { Subject = 0, Severity = Severity.Warning, Fixes = Scan, OvercomeByAny = true }),
            .. new[] { "ailed to start*Activation of LVM2 logical volumes",
                "lvm2-activation.service: Failed with result '{e}'", "lvm2-activation-early.service: Failed with result '{e}'" }
                .Select(w => new Telling(w, "the activation of LVM volumes at start failed", OfScan)
                    { Subject = 0, Severity = Severity.Warning, Fixes = Scan }),
            new("lvm-activate-{e}.service: Failed with result '{e}'", "the activation of volume group {1} at start failed", OfScan)
                { Severity = Severity.Warning, Fixes = Scan },
            new("/etc/multipath/ does not exist. failing", "multipath was not configured: its folder /etc/multipath is not there",
                "mpathconf needs that folder, which its package creates. Without it, volumes on multipath (LVM, the root) " +
                    "are not " +
                    "assembled.") { Subject = 0, Fixes = [new("Reinstall the package (it creates the folder), or create the folder; " +
                    "then configure",
                    "rpm -V device-mapper-multipath; mkdir -p /etc/multipath; mpathconf --enable; multipath -ll; dracut -f")] },
            .. ZpoolFamilies.OfImport,
            new("No pool imported. Manually import the root pool", "the initramfs imported no ZFS pool for its root",
                "It found no pool with the given name (root=ZFS=…, bootfs), or no name was given: " +
                    "the name is missing, the disks appeared later, or the pool was last used by another system.") { Subject = 0, Fixes =
                [new("In its shell, list the pools; import the pool of the root and continue", "zpool import; zpool import -N rpool; exit"),
                    new("Then name it on the command line (root=ZFS=rpool/ROOT/NAME) and rebuild the image",
                        "cat /proc/cmdline; zpool get bootfs; update-initramfs -u -k all")] },
            new("Failed to mount root filesystem '{e}'", "the initramfs could not mount the ZFS file system {1}"),
            new("Failed to load key for ZFS file system {t}", "the key of ZFS file system {1} was not loaded"),
            new("filesystem '{e}' cannot be mounted{t}", "ZFS file system {1} could not be mounted"),
            new("nable to mount rpool/{t}", "ZFS file system rpool/{1} could not be mounted"),
            new("cannot open '{e}': dataset does not exist", "ZFS file system {1} does not exist") { Fixes =
                [new("Compare the existing file systems with the command line", "zfs list; cat /proc/cmdline")] },
        ],
        Origin = "LVM lib/metadata, drivers/md/dm-table.c, cryptsetup, OpenZFS cmd/zpool and contrib/initramfs",
    };

    public static readonly Family[] All =
        [NotActivated, ThinPoolFull, Damaged, ZfsHalted, PoolSuspended, VolumeIoError, LoopFile, PathFailed, RaidFailed, RaidMemberLeftOut,
            RaidDegraded,
            CacheLost];

    /// <summary>Installers ask for a volume group of each disk's name, to see that there is none: <c>sda</c>, <c>nvme0n1</c>.</summary>
    private static bool IsDisk(string name)
    {
        ReadOnlySpan<char> letters = name.AsSpan().TrimEnd("0123456789");
        return letters is "mmcblk" || (letters.Length == name.Length &&
            letters is ['s' or 'v' or 'h', 'd', >= 'a' and <= 'z'] or ['x', 'v', 'd', >= 'a' and <= 'z']) ||
            (letters is ['n', 'v', 'm', 'e', .., 'n'] && letters[4..^1].IndexOfAnyExceptInRange('0', '9') < 0);
    }
}
