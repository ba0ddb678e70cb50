using Kdump.Diagnosis.Evidence;

namespace Kdump.Diagnosis.Rules;

/// <summary>The device that the capture kernel waits for is not there, so there is nowhere to write the dump.</summary>
public sealed class DumpTargetMissing : Rule
{
    /// <summary>Disks are found within a second or two; a wait beyond this is a symptom.</summary>
    private const int PatientSeconds = 15;

    public override string Id => "dump-target-missing";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (DeviceWait wait in facts.Of<DeviceWait>().Where(w => w.MayBeCapture && (w.GaveUp || w.Seconds >= PatientSeconds)).DistinctBy(w => w.Device))
        {
            bool known = wait.Boot?.Capture == true;
            string what = known ? $"the dump target {wait.Device}" : $"{wait.Device}, which the boot waits for,";
            string state = wait.GaveUp ? "never appeared" : $"had not appeared after {wait.Seconds} s";
            string[] storage = facts.Of<ProbeFailed>().Where(p => p.MayBeCapture && StorageDrivers.Contains(p.Driver)).Select(p => $"driver-probe-failed:{p.Device}")
                .Concat(facts.Of<DriverError>().Where(e => e.MayBeCapture && StorageDrivers.Contains(e.Driver)).Select(e => $"driver-probe-failed:{e.Device}"))
                .Distinct(StringComparer.Ordinal).ToArray();
            yield return new Finding(Id, $"{what} {state}", Severity.Critical, wait.GaveUp ? 0.95 : known ? 0.9 : 0.8,
                "Without it no dump can be written." + (storage.Length == 0 ? "" : " A storage driver failed in the same boot; whether its device is the one waited for, the numbers here do not prove."))
            {
                Subject = wait.Device,
                CausedBy = [.. storage, "driver-missing-in-image", "dump-target-wrong-id"],
                Evidence = [wait.Source],
            };
            if (wait.Boot?.Capture is null)
            {
                yield return new Unknown($"whether the kernel that waits for {wait.Device} is the capture kernel: this part of the log does not show its command line",
                    "the console log from the kernel's first lines (a capture kernel's command line holds elfcorehdr=), or the report of kdump-probe");
            }
        }
    }
}
