using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Speakers;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>
/// A normal boot that does not find its root file system. The reason depends on whether there was an initramfs, on root=, and on
/// the partitions that the kernel knows.
/// </summary>
public sealed class RootNotFound : Rule
{
    /// <summary>Seconds; a root on a slow card or a network comes earlier.</summary>
    private const int Patient = 45;

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
                all.FirstOrDefault(s => s.Step is RootStep.KernelCannotOpen or RootStep.NoFilesystem) ??
                all.FirstOrDefault(s => s.Step is RootStep.ListPrinted && facts.Of<KernelPartition>().Any(p => p.Boot == s.Boot));
            if (kernel is not null)
                yield return OfKernel(kernel, all, facts);
            else if (all.Any(s => s.Step == RootStep.InitramfsGaveUp))
                yield return OfInitramfs([.. all.Where(s => s.Step == RootStep.InitramfsGaveUp)], all, facts);
            else if (all.Where(s => s.Step == RootStep.NothingMounted).MaxBy(s => s.Reason.Length) is { } nothing)
                yield return OfSwitch(nothing, facts);
            else if (Awaited(all, facts) is { } awaited)
                yield return awaited;
        }
        foreach (DeviceWait wait in facts.Of<DeviceWait>().Where(w => w.Boot?.Capture != true && ((IsRootItself(w.Device) &&
            (w.GaveUp || w.Seconds >= Patient)) || WaitedByInitramfs(w, facts))))
        {
            if (!facts.Of<RootSign>().Any(s => s.Boot == wait.Boot && s.Step is RootStep.InitramfsGaveUp or RootStep.KernelCannotOpen))
                yield return OfInitramfs([new RootSign(wait.Source, RootStep.InitramfsGaveUp, wait.Device, 0) { Boot = wait.Boot }], [],
                    facts);
        }
    }

    /// <summary>A name that stands for the root, whatever disk it is: dracut's of a live or network root, systemd's.</summary>
    internal static bool IsRootItself(string device) => device is "/dev/root" or "/dev/gpt-auto-root" or "/dev/mapper/live-rw" or
        "/dev/disk/by-designator/root";

    /// <summary>
    /// dracut waited for it in vain, and nothing tells of a crash kernel or of a dump: that is the way of an ordinary start, not of one
    /// that is to save a dump.
    /// </summary>
    internal static bool WaitedByInitramfs(DeviceWait wait, Facts facts) =>
        wait is { GaveUp: true, Limit: null } && wait.Boot is { Capture: null } && wait.Source.Text
            .Contains("initqueue/finished/devexists-", StringComparison.Ordinal) && !facts.Any<DumpProgress>() &&
        !facts.Any<DumpTarget>() && !facts.Any<TargetState>() && !facts.Any<KernelPanic>() && DumpServices.Of(facts) == DumpService.Unknown;

    /// <summary>
    /// It only waits, and nothing later in the input tells that it went on: an ordinary start prints some such lines as well.
    /// </summary>
    private Finding? Awaited(RootSign[] all, Facts facts)
    {
        const int Least = 3, Behind = 8;
        RootSign[] waits = [.. all.Where(s => s.Step == RootStep.Waits)];
        if (waits.Length < Least || DumpServices.Of(facts) != DumpService.Unknown || facts.Any<DumpProgress>() ||
            facts.Of<DeviceWait>().Any(w => w.GaveUp) ||
            facts.Of<TextLength>().Any(l => l.Source.Input == waits[^1].Source.Input && l.Lines > waits[^1].Source.Line + Behind))
            return null;
        string[] names = [.. waits.Select(w => w.About).Where(n => n.Length > 0).Distinct(StringComparer.Ordinal)];
        bool cut = names.Any(n => !n.Contains('/', StringComparison.Ordinal) && !n.Contains('=', StringComparison.Ordinal));
        return new Finding(Id, names.Length == 0
            ? "the initramfs waits in vain for a device that the root file system needs"
            : $"the initramfs waits for devices that do not appear: {Few(names)}", Severity.Critical, 0.8, (names.Length == 0
            ? "dracut's initqueue ran into its time-out again and again; old versions do not print which device it waits for."
            : "Until each is there the root file system is not mounted.") + (cut ? " Some of these are no names of devices but pieces of " +
            "one: a name with colons (/dev/disk/by-path, by-id of md) was split at them, which the script of NixOS' stage 1 did." : "") +
            " Either the device is not there (disk, LVM, LUKS, RAID, network, live medium), its driver is not in the initramfs, or " +
            "root= (or another parameter) names it wrongly.")
        {
            Evidence = [.. waits.DistinctBy(w => w.About).Select(w => w.Source).Take(4)],
            CausedBy = ["driver-probe-failed", "driver-missing-in-image", "volume-not-activated", "multipath-path-failed", "raid-failed"],
            Fixes = cut ? [new Fix("Use names without colons: /dev/disk/by-uuid or by-partuuid", "blkid; ls -l /dev/disk/by-uuid")]
                : [new Fix("In its shell: what was asked for, and what is there",
                    "cat /proc/cmdline; ls -l /dev/disk/by-uuid /dev/mapper; blkid; " +
                    "tail -50 /run/initramfs/rdsosreport.txt"),
                    new Fix("If no shell comes: start with rd.shell rd.debug rd.timeout=60 on the command line")],
        };
    }

    private Finding OfSwitch(RootSign sign, Facts facts)
    {
        bool empty = sign.Reason.Contains("os-release", StringComparison.Ordinal) || sign.Reason.Contains("OS tree",
            StringComparison.Ordinal) || sign.Reason.Contains("rootfs layout", StringComparison.Ordinal);
        // systemd tells only that its unit failed.
        bool bare = sign.Reason.Length == 0 && (sign.Source.Text.Contains("Failed to start ", StringComparison.Ordinal) ||
            sign.Source.Text.Contains("Failed with result", StringComparison.Ordinal));
        TroubleLines? before = empty ? SaidBefore(sign, facts) : null;
        string title = sign.Reason.Contains("init binary", StringComparison.Ordinal)
            ? "the initramfs switched to the root file system, and it has no init"
            : empty ? "the initramfs did not switch to the root file system: what is mounted there holds no system" +
                (sign.Reason.Contains("os-release", StringComparison.Ordinal) ? " (no os-release)" : "") +
                (before is null ? "" : $", after {before.Speaker.Name} had failed")
            : bare ? "the switch from the initramfs to the root file system failed"
            : "the initramfs tried to switch to the root file system, and none was mounted";
        string who = sign.Source.Text.Contains("dracut", StringComparison.Ordinal) ? "dracut" : "systemd";
        string why = (sign.Reason.Length == 0 ? "" : $"{who} says: {sign.Reason.TrimEnd('.')}. ") + (empty
            ? (before is null ? "" : $"Before that {before.Speaker.Name} said: \"{Said(before)}\". ") +
                "The mounted file system is empty, or the wrong one or the wrong subvolume (root=, rootflags=subvol=), or nothing is " +
                "mounted there; or what fills it first (ostree-prepare-root, an overlay, the activation of NixOS) did not do its work."
            : bare ? "No line here tells why: mostly nothing is mounted at /sysroot (or it is the wrong file system or subvolume), or " +
                "there " +
                "is no init on it (init= on the command line, a generation of NixOS or a deployment that is gone)."
            : (sign.Reason.Length == 0 ? "" : "The mounted file system is empty, or the wrong file system or subvolume (root=, " +
                "rootflags=subvol=), or nothing is mounted. ") +
                "switch_root (or run-init) switches from the initramfs to the mounted root file system. It found none, or no init on " +
                "it, so the first program ended, and the kernel then panics.");
        return new(Id, title, Severity.Critical, 0.85, why)
        {
            Evidence = before is null ? [sign.Source] : [before.Source, sign.Source],
            CausedBy = ["initramfs-unpack-failed", "driver-probe-failed", "ostree-root-missing"],
            Explains = ["kernel-panic", "init-not-started"],
            Fixes =
            [
                .. bare ? new[] { new Fix("What its unit said (from its shell, or with rd.systemd.debug_shell=1 on the command line: tty9)",
                    "journalctl -b -u initrd-switch-root.service -u sysroot.mount") } : [],
                new Fix("In a shell of the initramfs (rd.break, break=mount), check whether the root is mounted and what is on it",
                    "cat /proc/mounts /proc/cmdline; blkid; ls /sysroot"),
                new Fix(before is null ? "Fix what should have mounted it: root=, drivers of disk and file system, import of the pool"
                    : $"Mend what {before.Speaker.Name} failed at"),
            ],
        };
    }

    /// <summary>What a program of the initramfs said in words of failure shortly before: it was to fill or mount the root.</summary>
    private static TroubleLines? SaidBefore(RootSign sign, Facts facts)
    {
        const int Near = 16;
        return facts.Of<TroubleLines>().Where(t => t.Boot == sign.Boot && t.Source.Input == sign.Source.Input && t.Speaker is
            { Program: true } && t.Speaker.Name is not ("systemd" or "") && t.Gravity >= Gravity.Plain &&
            t.Source.Line < sign.Source.Line && sign.Source.Line - t.Source.Line <= Near)
            .OrderByDescending(t => t.Gravity).ThenBy(t => t.Source.Line).FirstOrDefault();
    }

    private static string Said(TroubleLines before)
    {
        const int Most = 120;
        ReadOnlySpan<char> said = KernelLine.Parse(before.Source.Plain).Message.Trim();
        if (said.IndexOf("]: ", StringComparison.Ordinal) is > 0 and < 60 and var tag)
            said = said[(tag + 3)..];
        return Printable.Escape(said.Length > Most ? $"{said[..Most]}…" : said.ToString());
    }

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
        RootSign? late = all.FirstOrDefault(s => s.Step == RootStep.DiskCameLate);
        if (late is not null)
            return Late(sign, late, root);
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
                "An initramfs was handed over, but no program of it took over.", 0.85),
            _ when Unread(sign, all) => ($"no file system driver of the kernel can read the root{Named(root)}" + (disks.Length > 0
                ? $" (it knows {Few(disks)})" : ""),
                "The kernel knows the device, and none of the file systems that are built into it took what lies there: it was not " +
                    "written or is damaged, it is of another type (its driver is a module or missing), or root= names the wrong " +
                    "partition.", 0.9),
            _ when root.Length == 0 => ("the kernel found no root file system: no usable root= and no initramfs took over",
                "The kernel got neither a root= that it can resolve nor a usable initramfs.", 0.85),
            _ when known.Length > 0 && disks.Length == 0 => ($"the kernel found no root file system{Named(root)}: it found no disk at all",
                "The list of partitions contains no disk: the disk's driver is a module that only an initramfs can load, or the disk is " +
                    "not there.", 0.9),
            _ when disks.Length > 0 => ($"the kernel found no root file system{Named(root)}: it found only {Few(disks)}",
                "The disk's driver works; root= names a partition that is not in the list, or the file system's driver is missing.",
                0.85),
            _ => ($"the kernel found no root file system{Named(root)}: it tried to mount it without an initramfs",
                "No line shows that an initramfs was loaded, so the kernel searched itself: it can use only disks whose drivers are " +
                    "built in, and does not know this one.", 0.8),
        };
        var evidence = new List<Source> { sign.Source };
        evidence.AddRange(all.Where(s => s.Step is RootStep.RootInvalid or RootStep.NoFilesystem).Take(1).Select(s => s.Source));
        RootSign? empty = all.FirstOrDefault(s => s.Step == RootStep.InitramfsEmpty);
        if (empty is not null)
            why += $" Before, it looked for {empty.About} in an initramfs and found none: no initramfs was given, it was not unpacked, " +
                "or it holds no such program.";
        evidence.AddRange(new[] { there?.Source, empty?.Source }.Known());
        evidence.AddRange(known.Take(3).Select(p => p.Source));
        return new Finding(Id, title, Severity.Critical, sure, why + Listed(known, disks))
        {
            Fixes = OwnKernel(boot, known, facts) && !byUserSpace && !ramdisk ? OnBoard(root) : Fixes(root, byUserSpace, ramdisk),
            Evidence = [.. evidence.DistinctBy(s => (s.Input, s.Line))],
            CausedBy = ["initramfs-unpack-failed", "initramfs-lost", "driver-probe-failed"],
            Explains = ["kernel-panic"],
        };
    }

    /// <summary>The kernel tried its file systems on a device that it knows, as in <c>unknown-block(179,2)</c>.</summary>
    private static bool Unread(RootSign sign, RootSign[] all) => all.Any(s => s.Step == RootStep.NoFilesystem) &&
        all.Append(sign).Any(s => Major(s.Source.Text) > 1);

    /// <summary>The major number of the block device that a line of the kernel's names; 0: none (1 is a RAM disk).</summary>
    private static int Major(string text)
    {
        const string Numbers = "unknown-block(";
        int at = text.IndexOf(Numbers, StringComparison.Ordinal);
        if (at < 0)
            return 0;
        string rest = text[(at + Numbers.Length)..];
        int comma = rest.IndexOf(',', StringComparison.Ordinal);
        return comma > 0 && int.TryParse(rest[..comma], out int major) ? major : 0;
    }

    private Finding Late(RootSign sign, RootSign late, string root) =>
        new(Id, $"the kernel looked for its root{Named(root)} too early: {late.About} came up after it had given up", Severity.Critical,
            0.9,
            $"The disk or card is there and its driver works; it answered only later ({late.About}). Cards (SD, eMMC), USB disks and " +
            "some controllers are found in the background, and a kernel without an initramfs does not wait for them unless it is told to.")
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

    private static string Few(string[] disks) => string.Join(", ", disks.Take(4)) + (disks.Length > 4 ? " …" : "");

    private static string Listed(KernelPartition[] known, string[] disks) => known.Length == 0 ? ""
        : disks.Length == 0 ? $" Of block devices it lists only {Few([.. known.Select(p => p.Name).Distinct()])}."
        : $" It lists {Few(disks)}.";

    private static bool IsDisk(string name) => !name.StartsWith("ram", StringComparison.Ordinal) &&
        !name.StartsWith("loop", StringComparison.Ordinal) && !name.StartsWith("sr", StringComparison.Ordinal) &&
        !name.StartsWith("fd", StringComparison.Ordinal) && !name.StartsWith("mtdblock", StringComparison.Ordinal);

    /// <summary>
    /// A kernel that was built for one board or by its user: flash for a disk, or a release without a distribution's ending (6.6.73, not
    /// 6.6.73-generic).
    /// </summary>
    private static bool OwnKernel(Boot? boot, KernelPartition[] known, Facts facts)
    {
        if (known.Any(p => p.Name.StartsWith("mtdblock", StringComparison.Ordinal) ||
            p.Name.StartsWith("ubiblock", StringComparison.Ordinal)))
            return true;
        string? release = boot?.Release ?? facts.Of<Crash>().FirstOrDefault(c => c.Boot == boot)?.Context.Release;
        return release is not null && release.AsSpan().IndexOfAnyExcept("0123456789.+") < 0;
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
            new("Debian, Ubuntu, from a rescue system (chroot): rebuild the initramfs and update the boot loader's entry so that it " +
                "loads it",
                "update-initramfs -c -k all && update-grub"),
            new("Fedora, RHEL, SUSE", "dracut --regenerate-all -f && grub2-mkconfig -o /boot/grub2/grub.cfg"),
        ];
        var entry = new Fix("Check that the boot loader's entry has an initrd line and that the file it names exists (also on /boot or " +
            "the EFI partition)");
        if (ramdisk)
            return [new("Give the kernel the initrd (its file, address and size in the boot loader or hypervisor), or another root=")];
        if (byUserSpace)
            return [entry, .. build,
                new("Or boot without an initramfs: root=PARTUUID=… (from blkid), which the kernel resolves itself, and a kernel with " +
                "built-in drivers for disk and file system")];
        return [entry, .. build, new(root.Length == 0 ? "Name the root on the kernel's command line: root=" : $"Check that root={root} " +
            "is right",
            "blkid")];
    }

    private Finding OfInitramfs(RootSign[] gaveUp, RootSign[] all, Facts facts)
    {
        RootSign named = gaveUp.FirstOrDefault(s => s.About.Length > 0) ?? gaveUp[0];
        DeviceWait[] waits = [.. facts.Of<DeviceWait>().Where(w => w.Boot == named.Boot && w.GaveUp)];
        string about = named.About.Length > 0 ? named.About
            : (waits.FirstOrDefault(w => IsRootItself(w.Device)) ?? waits.FirstOrDefault())?.Device ?? "";
        if (Other(about, gaveUp, facts) is { } other)
            return other;
        string ended = Ended(named, facts);
        if (OfEncrypted(gaveUp) is { } volume)
            return Encrypted(volume, gaveUp, ended);
        bool mapper = about.StartsWith("/dev/mapper/", StringComparison.Ordinal);
        RootSign? locked = all.FirstOrDefault(s => s.Step == RootStep.Locked);
        bool luks = locked is not null || about.Contains("luks", StringComparison.OrdinalIgnoreCase) || about.Contains("crypt",
            StringComparison.OrdinalIgnoreCase);
        FindingRef[] storage = [.. facts.Of<ProbeFailed>().Where(p => p.Boot == named.Boot && StorageDrivers.Contains(p.Driver))
            .Select(p => new FindingRef("driver-probe-failed", $"{p.Device}")).Distinct().Take(16)];
        string reason = all.FirstOrDefault(s => s.Reason.Length > 0)?.Reason ?? "";
        bool notMounted = gaveUp.Any(s => s.Source.Text.Contains("ailed to mount '", StringComparison.Ordinal) ||
            s.Source.Text.Contains("Unable to mount ", StringComparison.Ordinal));
        bool noDriver = reason.StartsWith("No such device", StringComparison.Ordinal) ||
            reason.Contains("unknown filesystem type", StringComparison.Ordinal);
        bool report = facts.Of<ToolSaid>().Any(s => s.Message.Mark == RootMessages.Shell && s.Boot == named.Boot);
        ToolSaid? network = facts.Of<ToolSaid>().FirstOrDefault(s => s.Message.Stage == ToolStage.Networking && s.Boot == named.Boot &&
            s.Source.Input == named.Source.Input && s.Source.Order < named.Source.Order);
        bool server = all.Any(s => s.Source.Text.Contains("mount.nfs", StringComparison.Ordinal) || s.Source.Text
            .Contains("/run/net-", StringComparison.Ordinal));
        string why = (server && network is not null ? $"The root is on the network, and before: {network.Means} " : "") +
            WhyNotFound(about, reason, noDriver, mapper, luks, storage.Length > 0);
        BlockId[] listed = IdsBeside(about, named, facts);
        BlockId? there = listed.FirstOrDefault(b => b.Uuid.StartsWith(IdOf(about), StringComparison.OrdinalIgnoreCase));
        string devices = Few([.. listed.Select(b => b.Type.Length > 0 ? $"{b.Device} ({b.Type})" : b.Device).Distinct()]);
        if (there is not null)
            why = $"blkid, which ran later, lists it on {there.Device}: the disk is there, and came too late for the one who waited.";
        else if (listed.Length > 0)
            why += $" blkid lists {devices}, and none of them has this id: if the root is among them, its file system was made anew or " +
                "copied and root= names the old one; else its disk is missing.";
        // A hook that waits for a device says nothing of what it is for.
        bool unsure = all.Length == 0 && about.Length > 0 && !IsRootItself(about) && AskedDevice.Of(about, named.Boot, facts) is null;
        if (unsure)
            why += " dracut waits so for the root, for a swap volume that resume= names, and for the place where a dump is to be saved; " +
                "no line tells which this is.";
        TroubleLines? before = storage.Length > 0 || there is not null ? null : StorageBefore.Of(named.Source, named.Boot, facts);
        why += StorageBefore.Tell(before) + ended;
        return new Finding(Id, unsure ? $"the initramfs waits in vain for a device: {about} did not appear"
            : "the machine did not find its root file system" + (about.Length == 0 ? ""
                : noDriver || notMounted ? $": {about} could not be mounted" : $": {about} did not appear") +
                (before is null ? "" : $", after {before.Speaker.Name} had reported {TroubleWords.Tell(before.Words)}"),
            Severity.Critical, 0.9, why + (locked is null || why.Contains("encrypted", StringComparison.Ordinal) ? ""
                : " An encrypted volume (LUKS) was not opened before: the root may be inside it."))
        {
            Subject = about.Length > 0 ? about : null,
            Evidence = [.. new[] { before?.Source }.Known(), .. gaveUp.Select(s => s.Source).DistinctBy(s => s.Text).Take(4),
                .. new[] { locked?.Source, waits
                .FirstOrDefault(w => w.Device == about)?.Source }.Known().Where(s => gaveUp.All(g => g.Source.Line != s.Line)),
                .. (there is not null ? new[] { there } : listed).Take(3).Select(b => b.Source)],
            CausedBy = [.. storage, "driver-missing-in-image", "multipath-path-failed", "raid-failed", "thin-pool-full", "volume-damaged",
                "initramfs-unpack-failed"],
            Explains = ["kernel-panic"],
            Fixes = [.. server && network is not null ? DumpServices.Fitting(network, DumpService.Unknown) : [], .. report
                ? new[] { new Fix("From its shell: read the report that it wrote, the end first",
                "tail -60 /run/initramfs/rdsosreport.txt; cat /proc/cmdline; blkid") } : [], .. about switch
            {
                "/dev/gpt-auto-root" or "/dev/disk/by-designator/root" =>
                    [new("Name the root on the command line (root=UUID=…, from blkid), or give its partition the GPT " +
                    "type of a root", "blkid; lsblk -o NAME,PARTTYPENAME,UUID; cat /proc/cmdline")],
                "/dev/root" or "/dev/mapper/live-rw" => [new("In the shell, check whether the network is up and the image can be fetched",
                    "ip -br addr; cat /proc/cmdline; journalctl | tail -50"),
                    new("Boot with rd.debug and rd.shell to log each step; add the network card's driver and ip=dhcp rd.neednet=1")],
                _ => OnDisk(mapper),
            }],
        };
    }

    /// <summary>
    /// The volume that cryptsetup was to unlock on a device that did not come, where nobody tells that the root was given up: it may be
    /// another one, which the initramfs unlocks as well. Null: not so.
    /// </summary>
    private static string? OfEncrypted(RootSign[] gaveUp)
    {
        const string Source = "encrypted source device ", Unlock = "can't unlock ";
        if (!gaveUp.Where(s => s.About.Length > 0).All(s => s.Source.Text.Contains(Source, StringComparison.Ordinal)) ||
            gaveUp.Any(s => s.Source.Text.Contains("root file", StringComparison.OrdinalIgnoreCase)))
            return null;
        string? text = gaveUp.Select(s => s.Source.Text).FirstOrDefault(t => t.Contains(Unlock, StringComparison.Ordinal));
        return text is null ? null : text[(text.IndexOf(Unlock, StringComparison.Ordinal) + Unlock.Length)..].Split(' ')[0].Trim('.', '\'');
    }

    private Finding Encrypted(string volume, RootSign[] gaveUp, string ended)
    {
        RootSign sign = gaveUp.First(s => s.About.Length > 0);
        bool swap = volume.Contains("swap", StringComparison.OrdinalIgnoreCase);
        return new Finding(Id, $"the initramfs did not find {sign.About}, the device of the encrypted volume {volume}",
            Severity.Critical, 0.9, (swap ? "By its name the volume is swap, which the initramfs unlocks for the sake of hibernation: no " +
            "line tells of the root. " : "The root may be in this volume. ") + "The disk is not there, or crypttab (in the initramfs) " +
            "names it by an id that is no more: swap that is formatted at each start gets a new one." + ended)
        {
            Subject = sign.About,
            Evidence = [.. gaveUp.Select(s => s.Source).DistinctBy(s => s.Text).Take(3)],
            CausedBy = ["driver-probe-failed", "driver-missing-in-image", "raid-failed"],
            Fixes =
            [
                new Fix("In its shell: is the device there, and what does the initramfs take it for?",
                    "blkid; cat /proc/partitions /proc/cmdline /cryptroot/crypttab; dmesg | tail -50"),
                new Fix(swap ? $"If only swap is missing: take {volume} out of /etc/crypttab and /etc/fstab (and RESUME= of the " +
                    "initramfs), or correct its id" : $"Correct the id of {volume} in /etc/crypttab", "blkid -t TYPE=crypto_LUKS; " +
                    "grep -v '^#' /etc/crypttab; update-initramfs -u -k all"),
            ],
        };
    }

    /// <summary>Programs of the initramfs that were ended by a signal before: a sentence, or empty.</summary>
    private static string Ended(RootSign named, Facts facts) => facts.Of<PastedTrouble>().FirstOrDefault(p => p.Ended &&
        p.Source.Input == named.Source.Input && p.Source.Line < named.Source.Line) is { } p
        ? $" Before that a program was ended (\"{Printable.Escape(p.Source.Plain.Trim())}\"): where that comes from reading the " +
            "initramfs or a disk, the image, the memory or the disk is at fault, and what did not come may follow from it."
        : "";

    /// <summary>All that did not come is asked for by other parameters of the command line than root=.</summary>
    private Finding? Other(string about, RootSign[] gaveUp, Facts facts)
    {
        string[] names = [.. gaveUp.Select(s => s.About).Append(about).Where(n => n.Length > 0).Distinct(StringComparer.Ordinal)];
        AskedDevice?[] asked = [.. names.Select(n => AskedDevice.Of(n, gaveUp[0].Boot, facts))];
        if (asked.Length == 0 || Array.Exists(asked, a => a is null || a.IsRoot))
            return null;
        AskedDevice first = asked[0]!;
        bool swap = first.Parameter.StartsWith("resume=", StringComparison.Ordinal);
        return new Finding(Id, $"the initramfs waits in vain for {names[0]}, which {first.Parameter} on the command line asks for",
            Severity.Critical, 0.9,
                "It is not the root file system, which another parameter names: no line says that the root is missing. " +
            (swap ? "The swap volume that should hold an image of hibernation does not exist under this name."
                : "The volume was removed, renamed or never made, or its disk is not there; dracut does not go on without it.") +
            " Without the parameter the machine starts.")
        {
            Subject = names[0],
            Evidence = [.. gaveUp.Select(s => s.Source).DistinctBy(s => s.Text).Take(3), first.Source],
            CausedBy = ["driver-probe-failed", "volume-not-activated"],
            Fixes =
            [
                new Fix($"Take {first.Parameter} off the command line: once in the boot menu (e), then for good",
                    $"grubby --update-kernel=ALL --remove-args='{first.Parameter}'   # or /etc/default/grub, then grub2-mkconfig or " +
                        $"update-grub"),
                new Fix("In its shell: does the volume exist, under which name?", "lvm lvs; blkid; cat /proc/cmdline"),
            ],
        };
    }

    private static string IdOf(string about) => about.Contains("/by-uuid/", StringComparison.Ordinal)
        ? about[(about.LastIndexOf('/') + 1)..]
        : about.StartsWith("UUID=", StringComparison.Ordinal) ? about["UUID=".Length..] : "";

    /// <summary>What blkid lists beside a root that is looked for by its id.</summary>
    private static BlockId[] IdsBeside(string about, RootSign named, Facts facts) => IdOf(about).Length == 0 ? []
        : [.. facts.Of<BlockId>().Where(b => b.Source.Input == named.Source.Input)];

    /// <summary>mount's words → what they mean for a root file system.</summary>
    private static readonly (string Word, string Means)[] Reasons =
    [
        ("Device or resource busy",
            "something else holds it: it is mounted already, or a program of the initramfs (LVM, mdadm, a scan of " +
            "ZFS volumes) has it open. A race: the next start, or a second try, often succeeds."),
        ("Structure needs cleaning", "the file system is damaged and needs a repair from a rescue system."),
        ("Input/output error", "the disk could not be read."),
        ("wrong fs type", "what lies there is another file system than meant, it is damaged, or its driver is not in the initramfs."),
        ("Invalid argument", "the file system there is of another type, is damaged, or does not take the mount options."),
        ("Read-only", "it may not be written; its journal could not be replayed."),
        ("Protocol not supported", "the initramfs lacks what NFS needs (the module of its version or /etc/protocols and " +
            "/etc/netconfig), or the server does not speak that version."),
        ("access denied by server", "the server's export does not allow this address."),
        ("timed out", "the server did not answer: no network yet, a firewall, or a wrong address."),
        ("No route to host", "there is no way to the server."),
        ("Network is unreachable", "the network is not up."),
        ("Connection refused", "the machine answered, and no such service listens there."),
    ];

    /// <summary><c>2016-03-22-19-42-00</c>: the date of an ISO 9660 file system, which is all it has for a UUID.</summary>
    private static bool IsIsoDate(string device) => device.Length > 19 && device[^19..] is var date &&
        date.AsSpan().IndexOfAnyExcept("0123456789-") < 0 && date[4] == '-' && date[7] == '-' && date[10] == '-' && date[13] == '-';

    private static string WhyNotFound(string about, string reason, bool noDriver, bool mapper, bool luks, bool driverFailed)
    {
        if (IsIsoDate(about))
            return "That name is the date of an ISO 9660 file system: a live or installation medium (DVD, USB stick, virtual CD). The " +
                "medium was taken out or cannot be read, its driver is missing, it was written with a tool that changes it, or the " +
                "kernel lacks what joins it with memory (overlay, aufs).";
        if (about is "/dev/gpt-auto-root" or "/dev/disk/by-designator/root")
            return "No root= names it, so systemd looks for a root partition by its GPT type (discoverable partitions) on the disk from " +
                "which the boot loader came, and found none: the loader did not tell its disk, the partition has another type, or the " +
                "disk's driver is missing.";
        if (about is "/dev/root" or "/dev/mapper/live-rw")
            return "That name is created when the root is available: for a live or network root (root=live:…, netroot=, rd.live.image) " +
                "after its image was downloaded or found. The network did not come up, the image was not found, or the driver of its " +
                "medium is missing.";
        if (noDriver)
            return $"mount says \"{reason}\": the device exists, but the kernel has no driver for its file system type. The module is " +
                "not in the initramfs, or the initramfs is for a different kernel than the running one.";
        if (reason.Contains("no filesystem type specified", StringComparison.Ordinal))
            return "The initramfs knew no root device (root= is missing, or of a kind, such as ZFS, whose hook is not in it), so mount " +
                "had nothing to mount.";
        if (Array.Find(Reasons, r => reason.Contains(r.Word, StringComparison.Ordinal)) is { Word: not null } known)
            return $"mount says \"{reason.TrimEnd('.')}\": {known.Means}";
        if (mapper && !luks && AwaitedDevice.VolumeOf(about) is null)
            return "It is a name of the device mapper (LUKS, multipath, a mapping of one's own): what lies below it was not found, not " +
                "opened or not put together; or it is there, and what is on it could not be mounted (the lines before tell).";
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
