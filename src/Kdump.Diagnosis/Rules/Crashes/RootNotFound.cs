using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>
/// A normal boot that does not find its root file system. The reason depends on whether there was an initramfs, on root=, and on
/// the partitions that the kernel knows.
/// </summary>
public sealed class RootNotFound : Rule
{
    /// <summary>In seconds; even a root on a slow card or a network appears earlier.</summary>
    private const int Patient = 45;

    /// <summary>Its id, for the files that each judge one reason for a missing root.</summary>
    internal const string Name = "root-not-found";

    public override string Id => Name;

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
        Cause = "No initramfs was loaded (UUID= and LABEL= are resolved only by an initramfs; " +
            "the kernel itself knows PARTUUID= and device names), " +
            "the initramfs was truncated or damaged, it lacks the disk's driver, or root= names a device that does not exist.",
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
                yield return RootByKernel.Judge(kernel, all, facts);
            else if (all.Any(s => s.Step == RootStep.InitramfsGaveUp))
                yield return RootByInitramfs.Judge([.. all.Where(s => s.Step == RootStep.InitramfsGaveUp)], all, facts);
            else if (all.Where(s => s.Step == RootStep.NothingMounted).MaxBy(s => s.Reason.Length) is { } nothing)
                yield return RootSwitch.Judge(nothing, facts);
            else if (Awaited(all, facts) is { } awaited)
                yield return awaited;
        }
        if (NotListed(facts) is { } notListed)
            yield return notListed;
        foreach (DeviceWait wait in facts.Of<DeviceWait>().Where(w => w.Boot?.Capture != true && ((IsRootItself(w.Device) &&
            (w.GaveUp || w.Seconds >= Patient)) || WaitedByInitramfs(w, facts))))
        {
            if (!facts.Of<RootSign>().Any(s => s.Boot == wait.Boot && s.Step is RootStep.InitramfsGaveUp or RootStep.KernelCannotOpen))
                yield return RootByInitramfs.Judge([new RootSign(wait.Source, RootStep.InitramfsGaveUp, wait.Device,
                    0) { Boot = wait.Boot }], [],
                    facts);
        }
    }

    /// <summary>Containers whose content blkid lists only when they are open or put together.</summary>
    private static readonly string[] Containers = ["crypto_LUKS", "LVM2_member", "linux_raid_member", "zfs_member", "mpath_member"];

    /// <summary>
    /// Somebody pasted the command line and blkid's list: the id that is asked for is on none of the devices. Without a line of a
    /// failed start it may also be a list of another machine or of a part of the disks.
    /// </summary>
    private Finding? NotListed(Facts facts)
    {
        BlockId[] listed = [.. facts.Of<BlockId>()];
        RootAsked? asked = facts.Of<RootAsked>().LastOrDefault(a => a.Root.StartsWith("UUID=", StringComparison.Ordinal));
        if (asked is null || listed.Length == 0 || facts.Of<RootSign>().Any() || !listed.Any(l => l.Source.Input == asked.Source.Input))
            return null;
        string id = asked.Root["UUID=".Length..].Trim('"');
        if (listed.Any(l => string.Equals(l.Uuid, id, StringComparison.OrdinalIgnoreCase)))
            return null;
        string[] inside = [.. listed.Where(l => Containers.Contains(l.Type)).Select(l => $"{l.Device} ({l.Type})")];
        return new Finding(Id, $"root= asks for UUID {id}, which blkid lists on no device", inside.Length > 0 ? Severity.Warning
            : Severity.Error, inside.Length > 0 ? 0.6 : 0.85, "A start with this command line does not find its root file system. " +
            (inside.Length > 0 ? $"It may lie inside {Few(inside)}, which blkid shows only when that is open and put together. "
                : "The file system was made anew or restored under another id, the disk that has it is missing, or the command line is " +
                    "another machine's. ") + $"blkid lists {Few([.. listed.Select(l => l.Type.Length > 0 ? $"{l.Device} ({l.Type})"
                    : l.Device)])}.")
        {
            Evidence = [asked.Source, .. listed.Take(4).Select(l => l.Source)],
            Fixes = [new("Correct root= in the boot loader's configuration and the root's line in /etc/fstab, then build the initramfs " +
                "again", "blkid; grep -n ' / ' /etc/fstab; grubby --info=DEFAULT   # Debian, Ubuntu: update-grub; update-initramfs -u")],
        };
    }

    /// <summary>A name that stands for the root, whatever disk it is: dracut's of a live or network root, systemd's.</summary>
    internal static bool IsRootItself(string device) => device is "/dev/root" or "/dev/gpt-auto-root" or "/dev/mapper/live-rw" or
        "/dev/disk/by-designator/root";

    /// <summary>
    /// dracut waited for it in vain, and nothing tells of a crash kernel or of a dump: so it is an ordinary start, not one that is
    /// to save a dump.
    /// </summary>
    internal static bool WaitedByInitramfs(DeviceWait wait, Facts facts) =>
        wait is { GaveUp: true, Limit: null } && wait.Boot is { Capture: null } && wait.Source.Text
            .Contains("initqueue/finished/devexists-", StringComparison.Ordinal) && !facts.Any<DumpProgress>() &&
        !facts.Any<DumpTarget>() && !facts.Any<TargetState>() && !facts.Any<KernelPanic>() && DumpServices.Of(facts) == DumpService.Unknown;

    /// <summary>
    /// The initramfs only waits, and nothing later in the input tells that it went on: an ordinary start prints such lines as well.
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
            : "Until each is there the root file system is not mounted.") + (cut ? " " +
            "Some of these are no names of devices but pieces of one: " +
            "a name with colons (/dev/disk/by-path, by-id of md) was split at them, which the script of NixOS' stage 1 did." : "") +
            " Either the device is not there (disk, " +
            "LVM, LUKS, RAID, network, live medium), its driver is not in the initramfs, or root= (or another parameter) names it wrongly.")
        {
            Evidence = [.. waits.DistinctBy(w => w.About).Select(w => w.Source).Take(4)],
            CausedBy = ["driver-probe-failed", "driver-missing-in-image", "volume-not-activated", "multipath-path-failed", "raid-failed"],
            Fixes = cut ? [new Fix("Use names without colons: /dev/disk/by-uuid or by-partuuid", "blkid; ls -l /dev/disk/by-uuid")]
                : [new Fix("In its shell: what was asked for, and what is there",
                    "cat /proc/cmdline; ls -l /dev/disk/by-uuid /dev/mapper; blkid; tail -50 /run/initramfs/rdsosreport.txt"),
                    new Fix("If no shell comes: start with rd.shell rd.debug rd.timeout=60 on the command line")],
        };
    }

    /// <summary>The first few of many names.</summary>
    internal static string Few(string[] disks) => string.Join(", ", disks.Take(4)) + (disks.Length > 4 ? " …" : "");
}
