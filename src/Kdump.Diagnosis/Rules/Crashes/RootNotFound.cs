using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>
/// A normal boot that does not find its root file system. The reason depends on whether there was an initramfs, on root=, and on
/// the partitions that the kernel knows.
/// </summary>
public sealed class RootNotFound : Rule
{
    public override string Id => "root-not-found";

    public override Entry Entry => new("root-not-found", "the machine did not find its root file system")
    {
        Area = Area.Crashing,
        Signature =
        [
            "VFS: Cannot open root device \"…\" or unknown-block(…): error -…",
            "Disabling rootwait; root= is invalid.",
            "ALERT!  … does not exist.  Dropping to a shell!",
            "dracut-initqueue: Warning: Could not boot.",
        ],
        Cause = "No initramfs was loaded (UUID= and LABEL= are resolved only by an initramfs; the kernel itself knows PARTUUID= and " +
            "device names), the initramfs was truncated or damaged, it lacks the disk's driver, or root= names a device that does not " +
            "exist.",
        Fixes = [new("From a rescue system, compare root= with the existing devices", "blkid; cat /proc/cmdline")],
        Origin = "init/do_mounts.c, block/early-lookup.c; initramfs-tools scripts/local, dracut, mkinitcpio, genkernel",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (IGrouping<Boot?, RootSign> life in facts.Of<RootSign>().Where(s => s.Boot?.Capture != true).GroupBy(s => s.Boot))
        {
            RootSign[] all = [.. life];
            RootSign? kernel = all.FirstOrDefault(s => s.Step == RootStep.KernelCannotOpen && s.About.Length > 0) ??
                all.FirstOrDefault(s => s.Step is RootStep.KernelCannotOpen or RootStep.NoFilesystem);
            if (kernel is not null)
                yield return OfKernel(kernel, all, facts);
            else if (all.Any(s => s.Step == RootStep.InitramfsGaveUp))
                yield return OfInitramfs([.. all.Where(s => s.Step == RootStep.InitramfsGaveUp)], all, facts);
            else if (all.Where(s => s.Step == RootStep.NothingMounted).MaxBy(s => s.Reason.Length) is { } nothing)
                yield return OfSwitch(nothing);
        }
        foreach (DeviceWait wait in facts.Of<DeviceWait>().Where(w => w.Boot?.Capture != true && w.GaveUp && IsRootItself(w.Device)))
        {
            if (!facts.Of<RootSign>().Any(s => s.Boot == wait.Boot && s.Step is RootStep.InitramfsGaveUp or RootStep.KernelCannotOpen))
                yield return OfInitramfs([new RootSign(wait.Source, RootStep.InitramfsGaveUp, wait.Device, 0) { Boot = wait.Boot }], [],
                    facts);
        }
    }

    /// <summary>A name that means the root itself on any disk: dracut's name of a live or network root, or systemd's.</summary>
    internal static bool IsRootItself(string device) => device is "/dev/root" or "/dev/gpt-auto-root" or "/dev/mapper/live-rw";

    private Finding OfSwitch(RootSign sign) => new(Id, sign.Reason.Contains("init binary", StringComparison.Ordinal)
        ? "the initramfs switched to the root file system, and it has no init"
        : "the initramfs tried to switch to the root file system, and none was mounted", Severity.Critical, 0.85,
        (sign.Reason.Length == 0 ? ""
            : $"systemd says: {sign.Reason.TrimEnd('.')}. The mounted file system is empty, or the wrong file system or subvolume " +
            $"(root=, rootflags=subvol=), or nothing is mounted. ") +
        "switch_root (or run-init) switches from the initramfs to the mounted root file system. It found none, or no init on it, so " +
            "the first program ended, and the kernel then panics.")
    {
        Evidence = [sign.Source],
        CausedBy = ["initramfs-unpack-failed", "driver-probe-failed"],
        Explains = ["kernel-panic", "init-not-started"],
        Fixes =
        [
            new Fix("In a shell of the initramfs (rd.break, break=mount), check whether the root is mounted and what is on it",
                "cat /proc/mounts /proc/cmdline; blkid"),
            new Fix("Fix what should have mounted it: root=, drivers of disk and file system, import of the pool"),
        ],
    };

    private Finding OfKernel(RootSign sign, RootSign[] all, Facts facts)
    {
        Boot? boot = sign.Boot;
        string root = sign.About is "(null)" or "" || sign.About.StartsWith("unknown-block", StringComparison.Ordinal) ? "" : sign.About;
        KernelPartition[] known = [.. facts.Of<KernelPartition>().Where(p => p.Boot == boot)];
        string[] disks = [.. known.Select(p => p.Name).Where(IsDisk).Distinct(StringComparer.Ordinal)];
        RootSign? there = all.FirstOrDefault(s => s.Step == RootStep.InitramfsThere);
        bool unpackFailed = facts.Of<InitramfsUnpackFailed>().Any(u => u.Boot == boot);
        bool byUserSpace = root.StartsWith("UUID=", StringComparison.Ordinal) || root.StartsWith("LABEL=", StringComparison.Ordinal) ||
            root.StartsWith("/dev/mapper/", StringComparison.Ordinal) || root.StartsWith("/dev/disk/", StringComparison.Ordinal);
        bool ramdisk = root is "ram" or "/dev/ram" or "/dev/ram0" or "ram0";
        bool bootSeen = boot?.Release is not null;
        (string title, string why, double sure) = (byUserSpace, ramdisk, there is not null || unpackFailed) switch
        {
            (_, true, _) => ($"the kernel has no root: root={root} is a RAM disk (initrd) that was not given to it",
                "The boot loader (or the hypervisor) passed no initrd, or did not tell the kernel its address.", 0.85),
            (true, _, false) => ($"the kernel tried root={root} itself: no initramfs was loaded",
                "UUID=, LABEL= and mapper names are resolved only by an initramfs; the kernel itself knows PARTUUID=, PARTLABEL= and " +
                    "device names. The kernel tried the name itself, so no initramfs ran.", bootSeen ? 0.95 : 0.9),
            (true, _, true) => ($"the kernel tried root={root} itself: its initramfs could not be used",
                "An initramfs was passed to the kernel, but its init did not run; only that can resolve this name.", 0.9),
            (_, _, true) => ($"the kernel found no root file system{Named(root)}: its initramfs could not be used",
                "An initramfs was passed to the kernel, but its init did not run.", 0.85),
            _ when root.Length == 0 => ("the kernel found no root file system: no usable root= and no initramfs took over",
                "The kernel got neither a root= that it can resolve nor a usable initramfs.", 0.85),
            _ when known.Length > 0 && disks.Length == 0 => ($"the kernel found no root file system{Named(root)}: it found no disk at all",
                "The list of partitions contains no disk: the disk's driver is a module that only an initramfs can load, or the disk " +
                    "is not " +
                "there.", 0.9),
            _ when disks.Length > 0 => ($"the kernel found no root file system{Named(root)}: it found only {Few(disks)}",
                "The disk's driver works; root= names a partition that is not in the list, or the file system's driver is missing.",
                0.85),
            _ => ($"the kernel found no root file system{Named(root)}: it tried to mount it without an initramfs",
                "No line shows that an initramfs was loaded, so the kernel searched itself: it can use only disks whose drivers are " +
                    "built " +
                "in, " +
                "and does not know this one.", 0.8),
        };
        var evidence = new List<Source> { sign.Source };
        evidence.AddRange(all.Where(s => s.Step is RootStep.RootInvalid or RootStep.NoFilesystem).Take(1).Select(s => s.Source));
        evidence.AddRange(new[] { there?.Source }.Known());
        evidence.AddRange(known.Take(3).Select(p => p.Source));
        return new Finding(Id, title, Severity.Critical, sure, why + Listed(known, disks))
        {
            Fixes = Fixes(root, byUserSpace, ramdisk),
            Evidence = [.. evidence.DistinctBy(s => (s.Input, s.Line))],
            CausedBy = ["initramfs-unpack-failed", "initramfs-lost", "driver-probe-failed"],
            Explains = ["kernel-panic"],
        };
    }

    private static string Named(string root) => root.Length == 0 ? "" : $" ({root})";

    private static string Few(string[] disks) => string.Join(", ", disks.Take(4)) + (disks.Length > 4 ? " …" : "");

    private static string Listed(KernelPartition[] known, string[] disks) => known.Length == 0 ? ""
        : disks.Length == 0 ? $" Of block devices it lists only {Few([.. known.Select(p => p.Name).Distinct()])}."
        : $" It lists {Few(disks)}.";

    private static bool IsDisk(string name) => !name.StartsWith("ram", StringComparison.Ordinal) &&
        !name.StartsWith("loop", StringComparison.Ordinal) && !name.StartsWith("sr", StringComparison.Ordinal) &&
        !name.StartsWith("fd", StringComparison.Ordinal) && !name.StartsWith("mtdblock", StringComparison.Ordinal);

    private static Fix[] Fixes(string root, bool byUserSpace, bool ramdisk)
    {
        Fix[] build =
        [
            new("Debian, Ubuntu, from a rescue system (chroot): rebuild the initramfs and update the boot loader's entry so that it " +
                "loads it",
                "update-initramfs -c -k all && update-grub"),
            new("Fedora, RHEL, SUSE", "dracut --regenerate-all -f && grub2-mkconfig -o /boot/grub2/grub.cfg"),
        ];
        var entry = new Fix("Check that the boot loader's entry has an initrd line and that the file it names exists (also on /boot or " +
            "the EFI " +
            "partition)");
        if (ramdisk)
            return [new("Give the kernel the initrd (its file, address and size in the boot loader or hypervisor), or another root=")];
        if (byUserSpace)
            return [entry, .. build,
                new("Or boot without an initramfs: root=PARTUUID=… (from blkid), which the kernel resolves itself, and a kernel with " +
                "built-in drivers for disk and file system")];
        return [entry, .. build, new(root.Length == 0 ? "Name the root on the kernel's command line: root=" : $"Check that root={root} " +
            $"is " +
            $"right",
            "blkid")];
    }

    private Finding OfInitramfs(RootSign[] gaveUp, RootSign[] all, Facts facts)
    {
        RootSign named = gaveUp.FirstOrDefault(s => s.About.Length > 0) ?? gaveUp[0];
        DeviceWait[] waits = [.. facts.Of<DeviceWait>().Where(w => w.Boot == named.Boot && w.GaveUp)];
        string about = named.About.Length > 0 ? named.About
            : (waits.FirstOrDefault(w => IsRootItself(w.Device)) ?? waits.FirstOrDefault())?.Device ?? "";
        bool mapper = about.StartsWith("/dev/mapper/", StringComparison.Ordinal);
        RootSign? locked = all.FirstOrDefault(s => s.Step == RootStep.Locked);
        bool luks = locked is not null || about.Contains("luks", StringComparison.OrdinalIgnoreCase) || about.Contains("crypt",
            StringComparison.OrdinalIgnoreCase);
        FindingRef[] storage = [.. facts.Of<ProbeFailed>().Where(p => p.Boot == named.Boot && StorageDrivers.Contains(p.Driver))
            .Select(p => new FindingRef("driver-probe-failed", $"{p.Device}")).Distinct().Take(16)];
        string reason = all.FirstOrDefault(s => s.Reason.Length > 0)?.Reason ?? "";
        bool noDriver = reason.StartsWith("No such device", StringComparison.Ordinal) ||
            reason.Contains("unknown filesystem type", StringComparison.Ordinal);
        bool report = facts.Of<ToolSaid>().Any(s => s.Message.Mark == RootMessages.Shell && s.Boot == named.Boot);
        string why = WhyNotFound(about, reason, noDriver, mapper, luks, storage.Length > 0);
        return new Finding(Id, "the machine did not find its root file system" + (about.Length == 0 ? ""
                : noDriver ? $": {about} could not be mounted" : $": {about} did not appear"),
            Severity.Critical, 0.9, why + (locked is null || why.Contains("encrypted", StringComparison.Ordinal) ? ""
                : " An encrypted volume (LUKS) was not opened before: the root may be inside it."))
        {
            Subject = about.Length > 0 ? about : null,
            Evidence = [.. gaveUp.Select(s => s.Source).DistinctBy(s => s.Text).Take(4), .. new[] { locked?.Source, waits
                .FirstOrDefault(w => w.Device == about)?.Source }.Known().Where(s => gaveUp.All(g => g.Source.Line != s.Line))],
            CausedBy = [.. storage, "driver-missing-in-image", "multipath-path-failed", "raid-failed", "thin-pool-full", "volume-damaged",
                "initramfs-unpack-failed"],
            Explains = ["kernel-panic"],
            Fixes = [.. report ? new[] { new Fix("From its shell, read the report that dracut wrote, starting at the end",
                "tail -60 /run/initramfs/rdsosreport.txt; cat /proc/cmdline; blkid") } : [], .. about switch
            {
                "/dev/gpt-auto-root" => [new("Name the root on the command line (root=UUID=…, from blkid), or give its partition the GPT " +
                    "type of a root", "blkid; lsblk -o NAME,PARTTYPENAME,UUID; cat /proc/cmdline")],
                "/dev/root" or "/dev/mapper/live-rw" => [new("In the shell, check whether the network is up and the image can be fetched",
                    "ip -br addr; cat /proc/cmdline; journalctl | tail -50"),
                    new("Boot with rd.debug and rd.shell to log each step; add the network card's driver and ip=dhcp rd.neednet=1")],
                _ => OnDisk(mapper),
            }],
        };
    }

    private static string WhyNotFound(string about, string reason, bool noDriver, bool mapper, bool luks, bool driverFailed)
    {
        if (about == "/dev/gpt-auto-root")
            return "No root= names it, so systemd looks for a root partition by its GPT type (discoverable partitions) on the disk " +
                "that the boot loader was started from, and found none: the loader did not pass its disk, the partition has another " +
                "type, or the disk's driver is missing.";
        if (about is "/dev/root" or "/dev/mapper/live-rw")
            return "That name is created when the root is available: for a live or network root (root=live:…, netroot=, rd.live.image) " +
                "after its image was downloaded or found. The network did not come up, the image was not found, or the driver of its " +
                "medium is " +
                "missing.";
        if (noDriver)
            return $"mount says \"{reason}\": the device exists, but the kernel has no driver for its file system type. The " +
                $"module is " +
                "not in the initramfs, or the initramfs is for a different kernel than the running one.";
        if (reason.Contains("no filesystem type specified", StringComparison.Ordinal))
            return "The initramfs had no root device (root= is missing, or of a type, such as ZFS, whose hook is not in it), so mount " +
                "had nothing to mount.";
        if (mapper && !luks)
            return "It is a logical volume: either its volume group was not activated (the disk or the unlocked LUKS volume below it was " +
                "not found, or a thin pool's metadata needs repair), or its name changed.";
        if (luks)
            return "It is an encrypted volume: it was not unlocked, or the disk below it was not found.";
        return driverFailed ? "A storage driver failed during the same boot."
            : "The initramfs ran and did not find it: the disk's driver is not in the initramfs or failed, the disk appeared too late " +
                "or not at all, or the name on the command line is wrong.";
    }

    private static Fix[] OnDisk(bool mapper) => mapper
                ? [new("In the shell, check whether the physical volumes exist; then activate the group by hand",
                    "lvm pvs; lvm vgs; lvm vgchange " +
                    "-ay"),
                    new("If a thin pool does not activate", "lvm lvconvert --repair VG/POOL", "back up the data first"),
                    new("If that works, add what is needed to the command line (rd.lvm.lv=, rd.luks.uuid=) and rebuild the initramfs")]
                : [new("In the shell, check whether the disk exists, and under which name",
                    "blkid; cat /proc/partitions; cat /proc/cmdline"),
                    new("If the disk is missing, read the kernel's messages about it and add its driver to the initramfs",
                        "dmesg | tail -50"),
                    new("If it appears late: rootdelay=30 (initramfs-tools) or rd.retry=180 (dracut); if its name changed: correct " +
                        "root= and /etc/fstab and rebuild the initramfs")];
}
