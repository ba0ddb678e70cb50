using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Evidence.Pci;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>
/// The disk exists under another name than the image looks for: a UUID or label that changed after kdump.img was built (a
/// reformatted file system, a cloned machine). Distinguished from a missing disk only if an input shows the disks of the machine.
/// </summary>
public sealed class DumpTargetWrongId : Rule
{
    /// <summary>
    /// Drivers whose disks depend on cables, switches and other machines: a disk missing there may simply be unreachable.
    /// </summary>
    private static readonly string[] Remote =
        ["qla2xxx", "lpfc", "bfa", "fnic", "bnx2fc", "qedf", "qedi", "bnx2i", "mpt3sas", "megaraid_sas", "hpsa", "smartpqi"];

    public override string Id => "dump-target-wrong-id";

    public override Entry Entry => new("dump-target-wrong-id", "the disk exists under a different id than the image looks for")
    {
        Area = Area.Reaching,
        Signature = ["the id waited for, and a listing of /dev/disk that lacks it"],
        Cause = "The file system was reformatted, " +
            "the machine was cloned, the by-path name is from another systemd version, or a path of a multipath device took the UUID.",
        Fixes = [new("Rebuild the image on this machine", "kdumpctl rebuild && kdumpctl restart")],
        Origin = "kdump-utils commits 5c87d73 and 4683367, \"Notes for disk images\" of its howto",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (DeviceWait wait in DumpTargetMissing.Missing(facts))
        {
            if (!IsId(wait.Device))
                continue;
            DiskListing[] listings = facts.Of<DiskListing>().Where(l => DumpTargetMissing.Lists(l, wait.Device) is not null).ToArray();
            if (listings.Any(l => DumpTargetMissing.Lists(l, wait.Device) == true))
                continue;
            string name = wait.Device[(wait.Device.LastIndexOf('/') + 1)..];
            if (listings.FirstOrDefault(l => l.Boot?.Capture == false) is { } ordinary)
            {
                yield return Of(wait, name, 0.9, [wait.Source, ordinary.Source],
                    $"The normal system lists {ordinary.Links.Count} ids in {ordinary.Directory} and this one is not among them, " +
                        "so the image was built for a disk that was removed or reformatted.");
            }
            else if (DisksWithIds(facts, wait) is { Count: > 0 } disks)
            {
                List<PciFunction> bare = BareControllers(facts);
                string held = string.Join(", ",
                    disks.DistinctBy(d => d.Name).Select(d => $"{d.Name} {(d.FsUuid.Length > 0 ? d.FsUuid : d.FsLabel)}").Take(4));
                string drivers = bare.Count == 0 ? "Every storage controller has its driver"
                    : $"Every disk has its driver (only {bare[0].Name} at {bare[0].Address} has none, and may have no disk)";
                double confidence = bare.Count == 0 ? 0.8 : 0.7;
                Source[] evidence = [wait.Source, .. disks.Select(d => d.Source).Take(4)];
                yield return OfStartedRoot(wait, facts)
                    ? OfStart(wait, name, confidence, evidence, $"{drivers}, and the disks found have these ids: {held}.")
                    : Of(wait, name, confidence, evidence, $"{drivers}, and the disks found have these ids: {held}; so the image was " +
                        "built for a disk that was removed or reformatted.");
            }
            else if (listings.Length > 0 && !facts.Of<ProbeFailed>().Any(p => p.MayBeCapture && StorageDrivers.Contains(p.Driver)))
            {
                yield return new Unknown(
                    $"whether the disk behind {wait.Device} is missing or only has a new id: " +
                    $"{listings[0].Directory} lists {listings[0].Links.Count} other ids",
                    $"ls -l {listings[0].Directory} on the normal system in the same log, or the report of kdump-probe");
            }
        }
    }

    private Finding Of(DeviceWait wait, string name, double confidence, Source[] evidence, string why) =>
        new(Id, $"no disk of this machine has the id {name} that kdump.img looks for", Severity.Error, confidence, why)
        {
            Subject = wait.Device,
            Evidence = evidence,
            Fixes = [.. DumpImage.ForEach(tools => new Fix(
                $"Set the current id of the disk (blkid) in {Named(tools)}, and rebuild the image", DumpImage.Command(tools)))],
        };

    /// <summary>Where the dump target is named.</summary>
    private static string Named(KdumpTools tools) => tools switch
    {
        KdumpTools.Debian => "/etc/fstab",
        KdumpTools.Suse => "KDUMP_SAVEDIR of /etc/sysconfig/kdump, or in /etc/fstab",
        _ => "/etc/kdump.conf, or in /etc/fstab",
    };

    /// <summary>
    /// kdump-tools' settings and the machine's own /etc/fstab: the crash kernel has started that root, which waits for its mounts.
    /// </summary>
    private static bool OfStartedRoot(DeviceWait wait, Facts facts) =>
        wait.Source.Input == "/etc/fstab" && facts.Of<KdumpSetting>().Any(s => s.Name == "USE_KDUMP");

    private Finding OfStart(DeviceWait wait, string name, double confidence, Source[] evidence, string why) =>
        new(Id, $"no disk of this machine has the id {name} that /etc/fstab looks for", Severity.Error, confidence,
            why + " The start of this root ends in emergency mode when the wait is over, before the dump is written.")
        {
            Subject = wait.Device,
            Evidence = evidence,
            Fixes = [new Fix("Correct that line of /etc/fstab, or add nofail to it if no dump goes there", "blkid; findmnt --verify")],
        };

    private static bool IsId(string device) =>
        device.StartsWith("/dev/disk/by-uuid/", StringComparison.Ordinal) ||
            device.StartsWith("/dev/disk/by-label/", StringComparison.Ordinal) ||
            device.StartsWith("/dev/disk/by-partuuid/", StringComparison.Ordinal);

    /// <summary>Controllers without a driver in the image: each may have a disk or none.</summary>
    private static List<PciFunction> BareControllers(Facts facts) =>
        [.. facts.Of<PciFunction>().Where(f => f.MayBeCapture && f.Class >> 16 == 1 && IsBare(f))];

    private static bool IsBare(PciFunction f) =>
        f.Driver.Length == 0 && f.Modules is { Length: 0 } && f.Class >> 8 is 0x0101 or 0x0106 or 0x0100 && f.Vendor != 0x1af4;

    /// <summary>
    /// The disks that kdump-probe saw with an id; null if more disks are possible: storage without driver, storage that failed or
    /// still waits, or storage whose disks depend on other machines.
    /// </summary>
    private static List<BlockDevice>? DisksWithIds(Facts facts, DeviceWait wait)
    {
        List<PciFunction> storage = [.. facts.Of<PciFunction>().Where(f => f.MayBeCapture && f.Class >> 16 == 1)];
        bool hidden = storage.Any(f => (f.Driver.Length == 0 && !IsBare(f)) || Remote.Contains(f.Driver)) || facts.Of<BusDevice>()
            .Any(d => d.MayBeCapture && d.Unbound) ||
            facts.Of<ProbeFailed>().Any(p => p.MayBeCapture && StorageDrivers.Contains(p.Driver)) || facts.Of<DriverError>()
                .Any(e => e.MayBeCapture && StorageDrivers.Contains(e.Driver)) ||
            facts.Of<DeferredProbe>().Any(d => d.MayBeCapture) || facts.Of<TargetState>().Any(s => s.Path == wait.Device && !s.Certain);
        return hidden || !facts.Any<PciFunction>() ? null
            : [.. facts.Of<BlockDevice>().Where(b => b.MayBeCapture && (b.FsUuid.Length > 0 || b.FsLabel.Length > 0))];
    }
}
