using Kdump.Diagnosis.Catalogue.Families;
using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>The kernel itself looked for its root: no initramfs ran, or none of its programs took over.</summary>
internal static class RootByKernel
{
    public static Finding Judge(RootSign sign, RootSign[] all, Facts facts)
    {
        Boot? boot = sign.Boot;
        string root = sign.About;
        if (root is "(null)" or "" || root.StartsWith("unknown-block", StringComparison.Ordinal) ||
            root.StartsWith("unknown block", StringComparison.Ordinal))
            root = BlockNumbers.Major(sign.Source.Text) == RamDisk ? "/dev/ram0" : "";
        KernelPartition[] known = [.. facts.Of<KernelPartition>().Where(p => p.Boot == boot)];
        string[] disks = [.. known.Select(p => p.Name).Where(IsDisk).Distinct(StringComparer.Ordinal)];
        RootSign? there = all.FirstOrDefault(s => s.Step == RootStep.InitramfsThere);
        bool unpackFailed = facts.Of<InitramfsUnpackFailed>().Any(u => u.Boot == boot);
        bool byUserSpace = root.StartsWith("UUID=", StringComparison.Ordinal) || root.StartsWith("LABEL=", StringComparison.Ordinal) ||
            root.StartsWith("/dev/mapper/", StringComparison.Ordinal) || root.StartsWith("/dev/disk/", StringComparison.Ordinal);
        bool ramdisk = root is "ram" or "/dev/ram" or "/dev/ram0" or "ram0";
        bool bootSeen = boot?.Release is not null;
        RootSign? late = all.FirstOrDefault(s => s.Step == RootStep.DiskCameLate);
        if (late is not null)
            return Late(sign, late, root);
        if (root.Length > 0 && facts.Of<FamilySeen>().FirstOrDefault(f => f.Boot == boot && f.Source.Input == sign.Source.Input &&
            f.Source.Order < sign.Source.Order && f.Object == root[(root.LastIndexOf('/') + 1)..] && OfFileSystem(f.Family)) is { } broken)
            return Damaged(sign, broken, root);
        (string title, string why, double sure) = (byUserSpace, ramdisk, there is not null || unpackFailed) switch
        {
            (_, true, _) => ($"the kernel has no root: root={root} is a RAM disk (initrd) that was not given to it",
                "The boot loader (or the hypervisor) passed no initrd, or did not tell the kernel its address.", 0.85),
            (true, _, false) => ($"the kernel tried root={root} itself: no initramfs was loaded",
                "UUID=, LABEL= and mapper names are resolved only by an initramfs; the kernel itself knows PARTUUID=, " +
                    "PARTLABEL= and device names. The kernel tried the name itself, so no initramfs ran.", bootSeen ? 0.95 : 0.9),
            (true, _, true) => ($"the kernel tried root={root} itself: its initramfs could not be used",
                "An initramfs was passed to the kernel, but its init did not run; only that can resolve this name.", 0.9),
            (_, _, true) => ($"the kernel found no root file system{Named(root)}: its initramfs could not be used",
                "An initramfs was handed over, but no program of it took over.", 0.85),
            _ when Unread(sign, all) => ($"no file system driver of the kernel can read the root{Named(root)}" + (disks.Length > 0
                ? $" (it knows {RootNotFound.Few(disks)})" : ""),
                "The kernel knows the device, and none of the file systems that are built into it took what lies there: " +
                    "it was not written or is damaged, " +
                    "it is of another type (its driver is a module or missing), or root= names the wrong partition.", 0.9),
            _ when root.Length == 0 && BlockNumbers.Of(sign.Source.Text) is { } number =>
                ($"the kernel found no root file system: it tried the device {number}",
                    "It has only the device's number, which root= names or the kernel's image holds from where it was built. " +
                    "Nothing could be read there: the disk or its driver is missing, or it is another disk on this machine. " +
                    "No initramfs took over.", 0.8),
            _ when root.Length == 0 => ("the kernel found no root file system: no usable root= and no initramfs took over",
                "The kernel got neither a root= that it can resolve nor a usable initramfs.", 0.85),
            _ when known.Length > 0 && disks.Length == 0 => ($"the kernel found no root file system{Named(root)}: it found no disk at all",
                "The list of partitions contains no disk: " +
                    "the disk's driver is a module that only an initramfs can load, or the disk is not there.", 0.9),
            _ when disks.Length > 0 => ($"the kernel found no root file system{Named(root)}: it found only {RootNotFound.Few(disks)}",
                "The disk's driver works; root= names a partition that is not in the list, or the file system's driver is missing.",
                0.85),
            _ => ($"the kernel found no root file system{Named(root)}: it tried to mount it without an initramfs",
                "No line shows that an initramfs was loaded, so the kernel searched itself: " +
                    "it can use only disks whose drivers are built in, and does not know this one.", 0.8),
        };
        var evidence = new List<Source> { sign.Source };
        evidence.AddRange(all.Where(s => s.Step is RootStep.RootInvalid or RootStep.NoFilesystem).Take(1).Select(s => s.Source));
        RootSign? empty = all.FirstOrDefault(s => s.Step == RootStep.InitramfsEmpty);
        if (empty is not null)
            why += $" Before, it looked for {empty.About} in an initramfs and found none: no initramfs was given, it was not unpacked, " +
                "or it holds no such program.";
        evidence.AddRange(new[] { there?.Source, empty?.Source }.Known());
        evidence.AddRange(known.Take(3).Select(p => p.Source));
        return new Finding(RootNotFound.Name, title, Severity.Critical, sure, why + Listed(known, disks))
        {
            Fixes = OwnKernel(boot, known, facts) && !byUserSpace && !ramdisk ? OnBoard(root) : Fixes(root, byUserSpace, ramdisk),
            Evidence = [.. evidence.DistinctBy(s => (s.Input, s.Line))],
            CausedBy = ["initramfs-unpack-failed", "initramfs-lost", "driver-probe-failed"],
            Explains = ["kernel-panic"],
        };
    }

    /// <summary>The kernel tried its file systems on a device that it knows, as in <c>unknown-block(179,2)</c>.</summary>
    private static bool Unread(RootSign sign, RootSign[] all) => all.Any(s => s.Step == RootStep.NoFilesystem) &&
        all.Append(sign).Any(s => BlockNumbers.Major(s.Source.Text) > RamDisk);

    /// <summary>Documentation/admin-guide/devices.txt.</summary>
    private const int RamDisk = 1;

    private static bool OfFileSystem(Catalogue.Family family) => ReferenceEquals(family, FilesystemFamilies.Damaged) ||
        ReferenceEquals(family, MountFamilies.NotMounted) || ReferenceEquals(family, FilesystemFamilies.IoError);

    /// <summary>The kernel knew the device and the file system on it, and that file system said what is wrong with it.</summary>
    private static Finding Damaged(RootSign sign, FamilySeen broken, string root) =>
        new(RootNotFound.Name, $"the kernel could not mount its root file system ({root}): what the file system reported before is why",
            Severity.Critical, 0.9,
            "The device is there and its driver works; neither root= nor the initramfs is at fault.")
        {
            Fixes = [new("Check and repair it from another system (a rescue system, or the disk or card in another machine)",
                PlainWord.Is(root) ? $"fsck -n {(root[0] == '/' ? root : $"/dev/{root}")}" : null)],
            Evidence = [sign.Source, broken.Source],
            CausedBy = ["filesystem-not-mounted", "filesystem-damaged", "filesystem-io-error"],
            Explains = ["kernel-panic"],
        };

    private static Finding Late(RootSign sign, RootSign late, string root) =>
        new(RootNotFound.Name, $"the kernel looked for its root{Named(root)} too early: {late.About} came up after it had given up",
            Severity.Critical,
            0.9,
            "The disk or card is there and its driver works; " +
            $"it answered only later ({late.About}). Cards (SD, eMMC), USB disks and some controllers are found in the background, " +
            "and a kernel without an initramfs does not wait for them unless it is told to.")
        {
            Fixes =
            [
                new("Let the kernel wait: rootwait (or rootdelay=10) on its command line, beside root=", "cat /proc/cmdline"),
                new("Check that root= names a partition of that disk", "blkid"),
            ],
            Evidence = [sign.Source, late.Source],
            Explains = ["kernel-panic"],
        };

    private static string Named(string root) => root.Length == 0 ? "" : $" ({root})";

    private static string Listed(KernelPartition[] known, string[] disks)
    {
        if (known.Length == 0)
            return "";
        if (disks.Length == 0)
            return $" Of block devices it lists only {RootNotFound.Few([.. known.Select(p => p.Name).Distinct()])}.";
        return $" It lists {RootNotFound.Few(disks)}.";
    }

    private static bool IsDisk(string name) => !name.StartsWith("ram", StringComparison.Ordinal) &&
        !name.StartsWith("loop", StringComparison.Ordinal) && !name.StartsWith("sr", StringComparison.Ordinal) &&
        !name.StartsWith("fd", StringComparison.Ordinal) && !name.StartsWith("mtdblock", StringComparison.Ordinal);

    /// <summary>
    /// A kernel that was built for one board or by its user: flash for a disk, or a release without a distribution's ending (6.6.73 and
    /// 6.10.14-rc1, not 6.6.73-generic).
    /// </summary>
    private static bool OwnKernel(Boot? boot, KernelPartition[] known, Facts facts)
    {
        if (known.Any(p => p.Name.StartsWith("mtdblock", StringComparison.Ordinal) ||
            p.Name.StartsWith("ubiblock", StringComparison.Ordinal)))
            return true;
        string? release = boot?.Release ?? facts.Of<Crash>().FirstOrDefault(c => c.Boot == boot)?.Context.Release;
        int candidate = release?.IndexOf("-rc", StringComparison.Ordinal) ?? -1;
        string? numbers = candidate < 0 ? release : release!.Remove(candidate, 3);
        return numbers is not null && numbers.AsSpan().IndexOfAnyExcept("0123456789.+") < 0;
    }

    private static Fix[] OnBoard(string root) =>
    [
        new(root.Length == 0 ? "Name the root on the kernel's command line (boot loader or device tree): root=/dev/mtdblockN, " +
            "ubi.mtd=… root=ubi0:rootfs, root=/dev/mmcblkXpY rootwait" : $"Check that root={root} is the partition that was written",
            "cat /proc/mtd; cat /proc/partitions"),
        new("See that the table of partitions (device tree, mtdparts=) and the image that was flashed fit this board and version, and " +
            "that the drivers of the flash or disk and of the file system are built in", "dmesg | grep -iE 'mtd|ubi|mmc|squashfs|nand'"),
        new("Write the image for exactly this board again, by the boot loader's own way of recovery"),
    ];

    private static Fix[] Fixes(string root, bool byUserSpace, bool ramdisk)
    {
        Fix[] build =
        [
            new("Debian, Ubuntu, from a rescue system (chroot): " +
                "rebuild the initramfs and update the boot loader's entry so that it loads it",
                "update-initramfs -c -k all && update-grub"),
            new("Fedora, RHEL, SUSE", "dracut --regenerate-all -f && grub2-mkconfig -o /boot/grub2/grub.cfg"),
        ];
        var entry = new Fix(
            "Check that the boot loader's entry has an initrd line and that the file it names exists (also on /boot or the EFI partition)");
        if (ramdisk)
            return [new("Give the kernel the initrd (its file, address and size in the boot loader or hypervisor), or another root=")];
        if (byUserSpace)
            return [entry, .. build,
                new("Or boot without an initramfs: root=PARTUUID=… " +
                "(from blkid), which the kernel resolves itself, and a kernel with built-in drivers for disk and file system")];
        return [entry, .. build, new(root.Length == 0 ? "Name the root on the kernel's command line: root=" : "Check " +
            $"that root={root} is right",
            "blkid")];
    }
}
