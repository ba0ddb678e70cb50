using Kdump.Diagnosis.Catalogue.Families;
using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Rules.Crashes;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>dracut's initramfs could not mount the root file system and started an emergency shell.</summary>
public sealed class RootNotMounted : Rule
{
    public override string Id => "root-not-mounted";

    public override Entry Entry => new("root-not-mounted", "the initramfs could not mount the root file system")
    {
        Area = Area.Reaching,
        Signature =
        [
            "dracut-mount[…]: Warning: Can't mount root filesystem",
            "dracut-initqueue[…]: Warning: Could not boot.",
            "Starting dracut-emergency.service - Dracut Emergency Shell...",
            "ALERT!  … does not exist.  Dropping to a shell!",
        ],
        Cause = "The device of root= is missing (no driver, a changed name, LVM or RAID not started), " +
            "its file system driver is missing, or its mount failed. dracut's report /run/initramfs/rdsosreport.txt shows which.",
        Fixes = [new("Check from the emergency shell", "cat /proc/cmdline; blkid; cat /run/initramfs/rdsosreport.txt | tail -50")],
        Origin = "dracut modules.d/99base/init.sh and dracut-mount.sh, initramfs-tools scripts/local; pmem/run_qemu pull request 137",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        ToolSaid[] said = facts.Of<ToolSaid>().Where(s => s.Message.Stage == ToolStage.Root).ToArray();
        ToolSaid? decisive = said.FirstOrDefault(s => s.Message.Mark.Length == 0);
        if (decisive is null)
        {
            if (said.FirstOrDefault(s => s.Message.Mark == RootMessages.Shell) is { } shell && !facts.Any<RootSign>() &&
                !facts.Of<DeviceWait>().Any(w => w.GaveUp) && !facts.Of<FamilySeen>().Any(f => f.Boot == shell.Boot &&
                    f.Family.Explains.Contains("emergency-mode", StringComparer.Ordinal)))
            {
                yield return new Unknown("why the initramfs (dracut) stopped in its emergency shell: " +
                    "mostly the root file system was not found or not mounted (disk, driver, root=); or rd.break asked for it",
                        "/run/initramfs/rdsosreport.txt, which it has written (its end first), or the whole console log; " +
                    "`cat /proc/cmdline` and `blkid` in that shell")
                { Evidence = [shell.Source] };
            }
            yield break;
        }
        if (decisive.Message.Wording.Contains("know how to handle", StringComparison.Ordinal))
        {
            yield return NotHandled(decisive);
            yield break;
        }
        if (said.All(s => s.Message.Mark.Length > 0 || s.Message.Wording == RootMessages.NotAllDisks) && !facts.Any<DeviceWait>())
        {
            yield return NotAllDisks(decisive);
            yield break;
        }
        DeviceWait[] waits = facts.Of<DeviceWait>().Where(w => w.Boot == decisive.Boot).ToArray();
        KernelCommandLine? line = facts.Of<KernelCommandLine>().FirstOrDefault(c => c.Boot == decisive.Boot);
        string? root = line?.Text.Split(' ').FirstOrDefault(w => w.StartsWith("root=", StringComparison.Ordinal));
        string? device = said.FirstOrDefault(s => s.Message.Mark == RootMessages.Device)?.Taken[0].Trim() ?? waits.FirstOrDefault()?.Device;
        string? volume = device is null ? null : AwaitedDevice.VolumeOf(device);
        bool capture = decisive.Boot?.Capture == true;
        bool scripts = decisive.Message.Wording.StartsWith("ALERT!", StringComparison.Ordinal);
        yield return new Finding(Id,
            "the initramfs could not mount the root file system" + (device is null ? "" : $": {device} did not appear"),
            capture ? Severity.Critical : Severity.Error, 0.95,
            (device is null ? Ended(scripts) : $"It waited for {device}, which did not appear.") +
            (root is null ? "" : $" The command line has {root}.") + (volume is null ? ""
                : $" That is a logical volume of the group {volume[..volume.IndexOf('/')]}: " +
                    "it appears when LVM has found the disks that hold the group, so a disk that is missing " +
                    "(its controller's driver, a changed controller), or lvm missing in the image, has the same effect."))
        {
            CausedBy = ["root-not-found", "dump-target-missing", "driver-probe-failed", "driver-missing-in-image", "dump-target-wrong-id",
                "initramfs-unpack-failed"],
            Explains = ["dump-not-saved"],
            Evidence = [.. said.OrderByDescending(s => s == decisive).Select(s => s.Source).Take(4)],
            Fixes = scripts && !capture ? OfScripts :
            [
                new Fix("From the shell, check which disks exist and which root was requested, then read the end of dracut's report",
                    "cat /proc/cmdline; blkid; ls -l /dev/disk/by-uuid; tail -50 /run/initramfs/rdsosreport.txt"),
                capture ? WithAllDrivers : new Fix("If a driver is missing, build the image with all drivers",
                    "dracut -f --no-hostonly --kver KERNEL"),
            ],
        };
        if (device is null && !facts.Of<RootSign>().Any(s => s.Boot == decisive.Boot && s.About.Length > 0))
        {
            yield return new Unknown("why the root file system could not be mounted: no line here names the device or the error",
                "/run/initramfs/rdsosreport.txt, which the emergency shell has written, or the complete console log with rd.debug");
        }
    }

    private static string Ended(bool scripts) => scripts ? "The initramfs (initramfs-tools) gave up and opened its shell."
        : "dracut ended in its emergency shell.";

    private static readonly Fix[] OfScripts =
    [
        new("From the shell, check which disks exist and which root was requested", "cat /proc/cmdline; blkid; ls -l /dev/disk/by-uuid"),
        new("If a driver is missing: MODULES=most in /etc/initramfs-tools/initramfs.conf, and build the image again",
            "update-initramfs -u -k all"),
    ];

    /// <summary>The crash kernel has an image of its own: dracut -f would build the ordinary one.</summary>
    private static readonly Fix WithAllDrivers = new("If a driver is missing, build the crash kernel's image with all drivers: " +
        "dracut_args --no-hostonly in /etc/kdump.conf (it becomes larger, and so must crashkernel=)",
        "kdumpctl rebuild && kdumpctl restart");

    /// <summary>dracut's hooks still wait for something that the image was built for; which, the line does not tell.</summary>
    private Finding NotAllDisks(ToolSaid said) => new(Id, "dracut does not find all disks that its initramfs was built for",
        said.Boot?.Capture == true ? Severity.Critical : Severity.Error, 0.9,
        "A host-only image waits for the disks, volumes and arrays of the machine on which it was built. Some of them are not here: " +
        "another machine or a restored system (new UUIDs), a disk that did not come, or no driver for its controller in the image.")
    {
        CausedBy = ["root-not-found", "driver-probe-failed", "driver-missing-in-image", "initramfs-unpack-failed"],
        Evidence = [said.Source],
        Fixes = [new Fix("In its shell: what does it wait for, and what is there?", "ls /lib/dracut/hooks/initqueue/finished; blkid; " +
            "cat /proc/cmdline"), said.Boot?.Capture == true ? WithAllDrivers
            : new Fix("From a rescue system (chroot) or the rescue entry of the menu: build the initramfs anew for this machine",
                "dracut -f --no-hostonly --kver KERNEL")],
    };

    /// <summary>No module of dracut's in the image takes this kind of root=.</summary>
    private Finding NotHandled(ToolSaid said)
    {
        string root = said.Taken[0].Trim();
        (string begin, string module)[] kinds =
        [
            ("live:http", "dmsquash-live and livenet (and network)"), ("live:nfs", "dmsquash-live and livenet (and network)"),
            ("live:ftp", "dmsquash-live and livenet (and network)"), ("live:", "dmsquash-live"), ("nfs", "nfs"), ("dhcp", "nfs or network"),
            ("iscsi:", "iscsi"), ("zfs", "zfs"), ("ZFS=", "zfs"), ("nbd:", "nbd"), ("fcoe", "fcoe"), ("cifs:", "cifs"),
            ("overlay:", "kiwi-overlay"), ("live", "dmsquash-live"),
        ];
        string? module = kinds.FirstOrDefault(k => root.StartsWith(k.begin, StringComparison.OrdinalIgnoreCase)).module;
        return new Finding(Id, $"dracut does not know how to handle root={root}", Severity.Critical, 0.95,
            "Each kind of root= is taken by a module of dracut, and no module in this initramfs takes this one: " + (module is null
                ? "the module is not in the image, or the value is misspelled."
                : $"it is taken by {module}, which is not in the image, or whose checks (network, programs) failed when it was built."))
        {
            Evidence = [said.Source],
            Fixes = [new Fix("See which modules are in the image", "lsinitrd -m IMAGE; cat /proc/cmdline"),
                new Fix("Build it with that module", "dracut -f --no-hostonly --add \"MODULE\" --kver KERNEL")],
        };
    }
}
