using Kdump.Diagnosis.Evidence;

namespace Kdump.Diagnosis.Rules;

/// <summary>A driver gave up on a device while the capture kernel (or a kernel not known to be another) came up.</summary>
public sealed class DriverProbeFailed : Rule
{
    public override string Id => "driver-probe-failed";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        var failures = facts.Of<ProbeFailed>().Where(p => p.MayBeCapture).Select(p => (p.Driver, p.Device, p.Errno, p.Source, Probe: true))
            .Concat(facts.Of<DriverError>().Where(e => e.MayBeCapture).Select(e => (e.Driver, e.Device, e.Errno, e.Source, Probe: false)))
            .GroupBy(f => f.Device, StringComparer.Ordinal);
        foreach (var device in failures.OrderBy(d => d.Key, StringComparer.Ordinal))
        {
            // A driver may complain and go on; only the driver core's line, or the driver's own word for giving up, is a failed probe.
            if (!device.Any(f => f.Probe || GaveUp(f.Source.Text)))
                continue;
            var first = device.OrderByDescending(f => f.Probe).First();
            string? meaning = Errno.InProbe(first.Errno);
            bool storage = StorageDrivers.Contains(first.Driver);
            yield return new Finding(Id, $"{first.Driver} could not start {device.Key}: error -{first.Errno} ({Errno.Name(first.Errno)})",
                storage ? Severity.Error : Severity.Warning, 0.95,
                $"The driver's probe returned -{first.Errno}" + (meaning is null ? "." : $", which in a probe means: {meaning}."))
            {
                Subject = device.Key,
                CausedBy = CausesOf(first.Errno),
                Evidence = device.Select(f => f.Source).Distinct().Take(4).ToArray(),
            };
        }
    }

    private static bool GaveUp(string text) =>
        text.Contains("Removing after probe failure", StringComparison.Ordinal) || text.Contains("Disabling device after reset failure", StringComparison.Ordinal) ||
        text.Contains("probe failed", StringComparison.OrdinalIgnoreCase) || text.Contains("init_one failed", StringComparison.Ordinal);

    private static string[] CausesOf(int errno) => errno switch
    {
        28 => ["vector-exhaustion"],
        12 => ["capture-kernel-oom", "crashkernel-too-small", "iommu-group-failed"],
        2 => ["firmware-missing-in-image"],
        _ => [],
    };
}
