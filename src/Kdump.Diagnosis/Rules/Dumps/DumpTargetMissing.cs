using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Rules.Crashes;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>The device that the crash kernel waits for is missing, so the dump cannot be written.</summary>
public sealed class DumpTargetMissing : Rule
{
    public override string Id => "dump-target-missing";

    public override Entry Entry => new("dump-target-missing", "the device of the dump target did not appear")
    {
        Area = Area.Reaching,
        Signature =
        [
            "A start job is running for /dev/disk/by-uuid/… (… / no limit)",
            "Timed out waiting for device …",
            "dracut-initqueue: Warning: Not all disks have been found.",
        ],
        Cause = "Its driver failed or is not in the image, its name changed, or its host adapter did not come up. " +
            "dracut waits without limit for a target given by --mount.",
        Fixes = [new("Run the probe in the crash kernel", "kdump-probe")],
        Origin = "dracut modules.d/98dracut-systemd, commit c79fc8f; kdump-utils issue 52; systemd issue 28881 (noauto)",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        Opinion[] renamed = new DumpTargetWrongId().Judge(facts).ToArray();
        foreach (DeviceWait wait in Missing(facts))
        {
            bool capture = wait.Boot?.Capture == true;
            string state = wait.GaveUp ? "never appeared" : $"did not appear within {wait.Seconds} s";
            List<FindingRef> storage = FailedStorage(facts, wait.Boot);
            // A disk without driver is explained by its own rule (driver-missing-in-image), like a driver that failed.
            bool waiting = facts.Of<BusDevice>().Any(d => d.MayBeCapture && d.Unbound && d.State is "block" or "scsi");
            DiskListing? without = facts.Of<DiskListing>().LastOrDefault(l => l.MayBeCapture && Lists(l, wait.Device) == false);
            string why = (capture ? "The crash kernel waits for this device" : "The kernel of this log waits for this device") +
                "; without its dump target it cannot write a dump." +
                (without is null ? ""
                    : $" {without.Directory} lists {Counted.Of(without.Links.Count, "other link")} but not this one.") +
                (storage.Count == 0 ? ""
                    : " A storage driver failed too; probably its device is the missing one, but no line names both.");
            yield return new Finding(Id, $"disk {wait.Device} {state}", Severity.Critical, (wait.GaveUp, capture) switch
            {
                (true, _) => 0.95,
                (_, true) => 0.9,
                _ => 0.8,
            }, why)
            {
                EndsWithKernel = true,
                Subject = wait.Device,
                CausedBy =
                [
                    .. storage, .. storage.Count == 0 && waiting ? ["vector-exhaustion"] : Array.Empty<FindingRef>(),
                    "driver-missing-in-image", "udev-not-started", new("dump-target-wrong-id", wait.Device), "initramfs-unpack-failed",
                ],
                Evidence = new[] { wait.Source, wait.Named, wait.Boot?.CaptureEvidence, without?.Source }.Known(),
            };
            bool told = waiting || facts.Any<InitramfsUnpackFailed>() || renamed.Any(o => o is Finding f && f.Subject == wait.Device);
            if (storage.Count == 0 && !told)
            {
                yield return new Unknown($"why {wait.Device} is missing: no line here shows a storage driver that failed",
                    "the complete kernel log of that boot, or the report of kdump-probe (which devices exist, and which have no driver)");
            }
            if (wait.Boot?.Capture is null)
                yield return OrdinaryStart.WhichKernel(wait);
        }
    }

    /// <summary>Devices that did not appear, each once, in kernels that may be the crash kernel and did not write a dump.</summary>
    internal static IEnumerable<DeviceWait> Missing(Facts facts) =>
        facts.Of<DeviceWait>().Where(w => w.MayBeCapture && !w.Device.StartsWith("/sys/", StringComparison.Ordinal) &&
            !OrdinaryStart.Of(w, facts) && OrdinaryStart.Long(w) && !DumpSaved.In(w.Boot, facts))
            .OrderByDescending(w => w.Boot?.Capture == true).ThenByDescending(w => w.GaveUp).DistinctBy(w => w.Device);

    /// <summary>
    /// Keys of failures that can explain a missing disk: storage drivers of the same boot, or of inputs that tell no boot.
    /// </summary>
    private static List<FindingRef> FailedStorage(Facts facts, Boot? boot) =>
        [.. facts.Of<ProbeFailed>().Where(p => p.MayBeCapture && Together(p.Boot, boot) && StorageDrivers.Contains(p.Driver))
            .Select(p => p.Device)
            .Concat(facts.Of<DriverError>().Where(e => e.MayBeCapture && Together(e.Boot, boot) && StorageDrivers.Contains(e.Driver))
                .Select(e => e.Device))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(64)
            .Select(device => new FindingRef("driver-probe-failed", device))];

    /// <summary>Two boots of one input are different; parts of different inputs may be from the same boot.</summary>
    private static bool Together(Boot? a, Boot? b) => a == b || a?.Input != b?.Input;

    /// <summary>Whether a listing contains the device; null if it lists another kind of link.</summary>
    internal static bool? Lists(DiskListing listing, string device)
    {
        int slash = device.LastIndexOf('/');
        if (slash < 0 || DeviceUnit.IsShortened(device) || listing.Directory.Length == 0 || device[..slash] != listing.Directory)
            return null;
        string name = device[(slash + 1)..];
        return listing.Links.Any(l => l.Name == name);
    }
}
