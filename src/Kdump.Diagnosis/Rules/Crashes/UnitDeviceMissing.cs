using Kdump.Diagnosis.Catalogue.Families;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Speakers;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>A start waited for a device in vain; a crash kernel's target and the root have rules of their own.</summary>
public sealed class UnitDeviceMissing : Rule
{
    /// <summary>systemd prints what depends on a device right behind the line that gives it up.</summary>
    private const int Near = 6;

    private const int Most = 16;

    public override string Id => "unit-device-missing";

    public override Entry Entry => new(Id, "a device that a mount or unit needs did not appear")
    {
        Area = Area.Crashing,
        Signature = ["Timed out waiting for device …", "Job dev-….device/start timed out", "A start job is running for /dev/… (… / …)"],
        Cause = "A name in /etc/fstab, crypttab, resume= or a unit that no device has; a volume that was not activated or opened; " +
            "a driver that is not there; a terminal, an interface or a channel of the hypervisor that this machine does not have.",
        Fixes = [new("Compare the name with the existing devices", "blkid; grep -v '^#' /etc/fstab; cat /proc/cmdline")],
        Origin = "systemd src/core/job.c, device.c; dracut modules.d/90lvm",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        DependencyFailed[] needed = [.. facts.Of<DependencyFailed>()];
        DeviceWait[] waits = [.. facts.Of<DeviceWait>().Where(w => w.Boot?.Capture != true && OrdinaryStart.Long(w) &&
            !RootNotFound.IsRootItself(w.Device) && !RootNotFound.WaitedByInitramfs(w, facts) && !OfRoot(w, facts) &&
            (w.Boot?.Capture == false || OrdinaryStart.Of(w, facts)))
            .OrderByDescending(w => w.GaveUp).DistinctBy(w => (w.Boot, w.Device)).Take(Most)];
        foreach (IGrouping<Boot?, DeviceWait> without in waits.Where(w => WithoutUdev(w.Boot, facts)).GroupBy(w => w.Boot))
            yield return OfUdev([.. without]);
        waits = [.. waits.Where(w => !WithoutUdev(w.Boot, facts))];
        foreach (IGrouping<LvmAsked?, DeviceWait> group in waits.GroupBy(w => NotAskedFor(w, facts)).Where(g => g.Key is not null))
            yield return OfVolumes(group.Key!, [.. group], needed);
        foreach (DeviceWait wait in waits.Where(w => NotAskedFor(w, facts) is null))
        {
            DependencyFailed[] its = [.. needed.Where(n => n.Boot == wait.Boot && n.Source.Input == wait.Source.Input &&
                n.Source.Line >= wait.Source.Line && n.Source.Line - wait.Source.Line <= Near)];
            AwaitedDevice about = AwaitedDevice.Of(wait, its);
            TroubleLines? before = about.Goes ? null : StorageBefore.Of(wait.Source, wait.Boot, facts);
            yield return new Finding(Id, wait.GaveUp ? about.Title : $"{about.Title}: it was still waited for", about.Goes
                ? Severity.Warning : Severity.Error, wait.GaveUp ? 0.9 : 0.8, about.Why + StorageBefore.Tell(before))
            {
                Subject = wait.Device,
                Evidence = [.. new[] { before?.Source, wait.Source, its.FirstOrDefault()?.Source }.Known().DistinctBy(s =>
                    (s.Input, s.Line))],
                Fixes = about.Fixes,
                CausedBy = ["driver-probe-failed", "raid-failed", "encrypted-volume-locked", "volume-not-activated",
                    "driver-missing-in-image"],
            };
            if (!about.Goes && wait.Boot?.Capture is null && its.Length == 0 && !facts.Any<RootSign>())
                yield return OrdinaryStart.WhichKernel(wait);
        }
    }

    /// <summary>True if udev does not run: then no device becomes known, whatever its name.</summary>
    internal static bool WithoutUdev(Boot? boot, Facts facts) => facts.Of<FamilySeen>().Any(f => f.Boot == boot &&
        ReferenceEquals(f.Family, StartupFamilies.Udev));

    private Finding OfUdev(DeviceWait[] waits)
    {
        string few = string.Join(", ", waits.Take(3).Select(w => w.Device)) + (waits.Length > 3 ? " …" : "");
        return new Finding(Id, $"{Counted.Of(waits.Length, "device")} never appeared: udev, which makes devices known, was not running",
            Severity.Error, 0.9, $"systemd waited for {few}. Nothing in these lines tells that any of them is missing or wrongly named.")
        {
            Subject = waits[0].Device,
            CausedBy = ["udev-not-started"],
            Evidence = [.. waits.Take(4).Select(w => w.Source)],
            Fixes = [new Fix("First see why udev did not start; the devices follow it", "systemctl status systemd-udevd")],
        };
    }

    /// <summary>The list of volumes that LVM was asked for, if this volume is not in it.</summary>
    private static LvmAsked? NotAskedFor(DeviceWait wait, Facts facts)
    {
        if (AwaitedDevice.VolumeOf(wait.Device) is not { } volume)
            return null;
        if (facts.Of<LvmAsked>().LastOrDefault(a => a.Boot == wait.Boot && a.Source.Input == wait.Source.Input &&
            a.Source.Line <= wait.Source.Line) is { } asked && !asked.Volumes.Contains(volume, StringComparer.Ordinal))
            return asked;
        return null;
    }

    private Finding OfVolumes(LvmAsked asked, DeviceWait[] waits, DependencyFailed[] needed)
    {
        string[] volumes = [.. waits.Select(w => AwaitedDevice.VolumeOf(w.Device)!)];
        string few = string.Join(", ", volumes.Take(4)) + (volumes.Length > 4 ? " …" : "");
        bool one = volumes.Length == 1;
        return new Finding(Id, $"logical volume{(one ? "" : "s")} {few} {(one ? "was" : "were")} not activated: the initramfs was told " +
            "of others only", Severity.Error, 0.9,
            "An initramfs of dracut activates only the logical volumes that the command line names (rd.lvm.lv=): " +
            $"{string.Join(", ", asked.Volumes.Take(4))}. These are not among them, so their devices do not come, whatever the disk holds.")
        {
            Subject = waits[0].Device,
            Evidence = [.. waits.Take(3).Select(w => w.Source), asked.Source, .. needed.Where(n => n.Boot == waits[0].Boot &&
                n.Source.Line > waits[0].Source.Line).Take(1).Select(n => n.Source)],
            Fixes = [new Fix("In the shell: activate all of them and go on (Ctrl-D)", "lvm vgchange -ay; lvm lvs -o lv_name,lv_active"),
                new Fix("Then name them on the command line as well (rd.lvm.lv=VG/LV), or take all rd.lvm.lv= out", "cat /proc/cmdline")],
            CausedBy = ["raid-failed", "encrypted-volume-locked"],
        };
    }

    /// <summary>True if it is what the initramfs gave up on: the finding about the root tells it.</summary>
    private static bool OfRoot(DeviceWait wait, Facts facts) => facts.Of<RootSign>().Any(s => s.Boot == wait.Boot &&
        s.Step == RootStep.InitramfsGaveUp && ((s.Source.Input == wait.Source.Input && s.Source.Line == wait.Source.Line) ||
            (s.About.Length > 0 && DeviceUnit.Same(s.About, wait.Device)) ||
            // The initramfs gave up on what depends on it, in a line just after.
            (s.About.Length == 0 && s.Source.Input == wait.Source.Input && s.Source.Line - wait.Source.Line is > 0 and <= Near &&
                s.Source.Text.Contains("Initrd Root Device", StringComparison.Ordinal))));
}
