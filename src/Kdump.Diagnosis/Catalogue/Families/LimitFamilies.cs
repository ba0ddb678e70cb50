namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>
/// "No space left on device" and "Disk quota exceeded" from what is no file system: the C library has one text for each error number,
/// and the kernel uses ENOSPC and EDQUOT for several other things that run out.
/// </summary>
internal static class LimitFamilies
{
    /// <summary>Words before the error by which it is known that no file system is full.</summary>
    private static readonly string[] Elsewhere = ["efivarfs_set_variable", "writing to fd", "set_variable() failed", "boot entry",
        "Boot variable", "mount() failed", "mount(2) system call failed", "/sys/fs/cgroup", "/dev/cpuset/", "inotify", "watch", "semget",
        "shmget", "msgget", "add_key", "keyctl"];

    /// <summary>True if the text in front of the error names something else than a file of a file system.</summary>
    public static bool Is(string before) => Array.Exists(Elsewhere, w => before.Contains(w, StringComparison.Ordinal));

    private const string Variables = "A UEFI firmware keeps its boot entries in a small flash memory of its own. It is full, or " +
        "fragmented until the next start: often by records of crashes (dump-type0-…) and by old boot entries. " +
        "No partition is full, the EFI partition neither.";

    private static readonly Fix[] Entries =
    [
        new("See what is stored there, and take away old boot entries and saved records of crashes",
            "efibootmgr -v; ls -l /sys/firmware/efi/efivars/dump-* /sys/fs/pstore",
            "delete nothing else there: some machines do not start without their own variables"),
        new("Restart once, so that the firmware tidies its memory, and try again; update the firmware"),
        new("Or install the boot loader without an entry, where firmware looks by itself",
            "grub-install --target=x86_64-efi --removable --no-nvram"),
    ];

    private const string Full = "the firmware has no room for another variable (UEFI)";

    public static readonly Family NoSpace = new("no-space-but-no-file-system", "something else than a file system is full")
    {
        Area = Area.Crashing,
        In = Life.First,
        Confidence = 0.9,
        Explains = ["boot-loader-not-written"],
        Cause = "The same words as for a full file system, but no file system is full: the kernel or the firmware ran out of something " +
            "else, which the words before name.",
        Fixes = Entries,
        Tellings =
        [
            new("efivarfs_set_variable: writing to fd {w} failed: No space left on device", Full, Variables) { Subject = 0 },
            new("set_variable() failed: No space left on device", Full, Variables) { Subject = 0 },
            new("ailed to register the {w} boot entry: No space left on device", Full, Variables) { Subject = 0 },
            new("Could not prepare Boot variable: No space left on device", Full, Variables) { Subject = 0 },
            .. new[] { "mount() failed: No space left on device", "mount(2) system call failed: No space left on device" }
                .Select(w => new Telling(w, "no further file system could be mounted: there are too many mounts",
                    "The number of mounts in one mount namespace is limited (fs.mount-max, 100000): something mounts again and again, " +
                    "or a recursive bind mount multiplied itself.") { Subject = 0, Fixes =
                    [new("Count them, and see which place repeats", "wc -l < /proc/self/mounts; cut -d' ' -f2 /proc/self/mounts | " +
                        "sort | uniq -c | sort -rn | head; sysctl fs.mount-max")] }),
            .. new[] { "/sys/fs/cgroup/{e}: no space left on device", "/sys/fs/cgroup/{e}: No space left on device" }
                .Select(w => new Telling(w, "no further cgroup could be made: {1}",
                    "The kernel allows 65535 memory cgroups; deleted ones count until their last page is gone. " +
                    "A new cpuset without CPUs or memory nodes takes no process with the same error.") { Subject = 0, Fixes =
                    [new("Count them; drop the caches that hold deleted ones", "cat /proc/cgroups; echo 3 > /proc/sys/vm/drop_caches",
                        "reads are slower until the caches are filled again")] }),
            new("/dev/cpuset/{e}: No space left on device", "a cpuset took no process: {1}",
                "A cpuset without CPUs or memory nodes takes no process, with this error: its cpus and mems must be written first, or " +
                "its CPUs are offline.") { Subject = 0, Severity = Severity.Warning, Fixes =
                    [new("See which CPUs and memory nodes it has",
                        "grep . /dev/cpuset/*/cpus /dev/cpuset/*/mems; cat /sys/devices/system/cpu/online")] },
            new("Failed to add {e}watch{e}: No space left on device", "no more inotify watches are available", Watches)
                { Subject = 0, Fixes = MoreWatches },
            new("inotify_add_watch{e}: No space left on device", "no more inotify watches are available", Watches)
                { Subject = 0, Fixes = MoreWatches },
            new("pper limit on inotify watches reached", "no more inotify watches are available", Watches)
                { Subject = 0, Fixes = MoreWatches },
            .. new[] { "semget{e}: No space left on device", "shmget{e}: No space left on device", "msgget{e}: No space left on device" }
                .Select(w => new Telling(w, "no further semaphores, shared memory or queues of System V are available",
                    "Their number is limited by kernel.sem, shmmni and msgmni; those of ended programs stay until somebody removes them.")
                    { Subject = 0, Fixes = [new("See which are left over, and the limits", "ipcs -a; ipcs -l")] }),
            .. new[] { "add_key{e}: Disk quota exceeded", "keyctl{e}: Disk quota exceeded" }
                .Select(w => new Telling(w, "a user has no room for another key in the kernel",
                    "The quota is that of the kernel's key rings (kernel.keys.maxkeys, maxbytes), not of a disk.")
                    { Subject = 0, Fixes = [new("See who uses it", "cat /proc/key-users; sysctl kernel.keys")] }),
        ],
        Origin = "efivarfs(5), fs/efivarfs; fs/namespace.c count_mounts(); kernel/cgroup/cgroup.c; inotify(7), semget(2), keyctl(2)",
    };

    private const string Watches = "\"No space left\" from inotify refers to fs.inotify.max_user_watches, not to a file system.";

    private static Fix[] MoreWatches => [new("Allow more", "sysctl fs.inotify.max_user_watches=524288")];

    public static readonly Family[] All = [NoSpace];
}
