using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>
/// A driver failed to start a device during boot: of the crash kernel if the input has one, because failures of the first kernel
/// are a separate matter; otherwise of any kernel.
/// </summary>
public sealed class DriverProbeFailed : Rule
{
    /// <summary>Maximum number of devices reported one by one; if more fail, they have a common cause.</summary>
    private const int MaxDevices = 64;

    private readonly record struct Failure(string Driver, string Device, int Errno, Source Source, Boot? Boot, bool Probe);

    public override string Id => "driver-probe-failed";

    public override Entry Entry => new("driver-probe-failed", "a driver could not start its device")
    {
        Area = Area.Starting,
        Signature =
        [
            "…: probe of … failed with error -…",
            "… …: probe with driver … failed with error -…",
        ],
        Cause = "The error code says why: -28 no interrupt vector, -12 no memory, " +
            "-2 no firmware file, -110 the device does not answer, -22 MSI is not available, -16 the device is still in use.",
        Fixes = [new("Trace the one function that returns the error", "kdump-probe trace FUNCTION --bind BDF")],
        Origin = "drivers/base/dd.c really_probe(), wording changed in 6.11",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        bool capture = (facts.Any<ProbeFailed>() || facts.Any<DriverError>()) && facts.All.Any(f => f.Boot?.Capture == true);
        var devices = facts.Of<ProbeFailed>().Where(p => p.MayBeCapture || !capture)
            .Select(p => new Failure(p.Driver, p.Device, p.Errno, p.Source, p.Boot, Probe: true))
            .Concat(facts.Of<DriverError>().Where(e => e.MayBeCapture || !capture)
                .Select(e => new Failure(e.Driver, e.Device, e.Errno, e.Source, e.Boot, Probe: false)))
            .GroupBy(f => f.Device, StringComparer.Ordinal)
            // A driver may print an error and continue; only the driver core's line, or the driver's message that it gives up, is a
            // failed probe.
            .Where(device => device.Any(f => f.Probe || GaveUp(f.Source.Text) || WithoutInterrupt(f)))
            .OrderByDescending(device => device.Any(f => StorageDrivers.Contains(f.Driver)))
                .ThenBy(device => device.Key, StringComparer.Ordinal);
        foreach (var device in devices.Take(MaxDevices))
        {
            // Use the error code of the probe and not of one of its steps: from the driver core's line, otherwise from the driver's
            // last message.
            Failure first = device.OrderByDescending(f => f.Probe).ThenByDescending(f => f.Boot?.Capture == true)
                .ThenByDescending(f => !f.Probe && GaveUp(f.Source.Text)).ThenByDescending(f => f.Probe ? 0 : f.Source.Line).First();
            yield return Of(device.Key, first, [.. device.Select(f => f.Source).DistinctBy(s => s.Text).Take(4)], facts);
        }
    }

    private Finding Of(string device, Failure first, Source[] lines, Facts facts)
    {
        bool ordinary = first.Boot?.Capture == false;
        bool matters = StorageDrivers.Contains(first.Driver) && !DumpSaved.In(first.Boot, facts);
        IReadOnlyList<DeviceComplaint> said = DeviceComplaint.Before(first.Source, first.Boot, facts,
            c => c.Device == device && !lines.Contains(c.Source));
        DeviceComplaint? telling = said.FirstOrDefault(c => ProbeReason.Of(c.Words) is not null) ?? (said.Count > 0 ? said[0] : null);
        ProbeReason? reason = telling is null ? null : ProbeReason.Of(telling.Words);
        string number = $"-{first.Errno} ({Errno.Name(first.Errno)})";
        string why = (first.Errno == 517 ? "The driver waits" : $"The driver's probe returned -{first.Errno}") +
            (reason is not null ? $". The driver printed the reason before: \u00ab{telling!.Words}\u00bb: {reason.Means}."
                : (Errno.InProbe(first.Errno) is { } meaning ? $", which in a probe means: {meaning}." : ".") +
                    (telling is null ? "" : $" Just before, it printed \u00ab{telling.Words}\u00bb."));
        if (first.Driver == "hv_vmbus")
            why += " The device is Hyper-V's own: it is the host that answered so. " +
                "After a kexec it may still be bound to the kernel before.";
        Severity severity;
        if (matters)
            severity = Severity.Error;
        else
            severity = NotFitted(first) && reason is null ? Severity.Info : Severity.Warning;
        if (WithoutInterrupt(first))
            why = "The driver asked for an interrupt and was refused with -28 (ENOSPC). The device does not work without it.";
        return new Finding(Id, WithoutInterrupt(first) ? $"{first.Driver} got no interrupt for {device}: {number}"
            : $"{first.Driver} could not start {device}: {number}", severity, 0.95, why)
        {
            Subject = device,
            EndsWithKernel = true,
            CausedBy = [.. ordinary ? OrdinaryCausesOf(first.Errno) : CausesOf(first.Errno), $"device-timeout:{device}"],
            Evidence = [.. said.Reverse().Select(c => c.Source), .. lines],
            Fixes = reason?.Fixes(device, first.Boot?.Capture == true) ?? [],
        };
    }

    /// <summary>
    /// Firmware tables list parts that a machine does not have, and two drivers may try the same part: then a probe fails although
    /// nothing is missing.
    /// </summary>
    private static bool NotFitted(Failure failure) => failure.Errno is 6 or 16 or 19 or 22 or 95 or 121 or 524 &&
        !StorageDrivers.Contains(failure.Driver) && !NetworkDrivers.Contains(failure.Driver);

    /// <summary>A network card that is brought up (ndo_open) and refused an interrupt: no probe failed, and it does not work.</summary>
    private static bool WithoutInterrupt(Failure failure) => failure is { Probe: false, Errno: 28 } &&
        Array.Exists(InterruptWords, w => failure.Source.Text.Contains(w, StringComparison.OrdinalIgnoreCase));

    private static readonly string[] InterruptWords = ["interrupt", "irq", "msi-x", "msix"];

    private static bool GaveUp(string text) =>
        text.Contains("Removing after probe failure", StringComparison.Ordinal) ||
            text.Contains("Disabling device after reset failure", StringComparison.Ordinal) ||
        text.Contains("probe failed", StringComparison.OrdinalIgnoreCase) || text.Contains("init_one failed", StringComparison.Ordinal);

    /// <summary>
    /// Causes for a normal kernel: with the whole machine's memory and CPUs, a probe fails for other reasons than in a crash
    /// kernel.
    /// </summary>
    private static FindingRef[] OrdinaryCausesOf(int errno) => errno switch
    {
        28 => ["vector-exhaustion", "interrupt-remapping-exhausted"],
        12 => ["iommu-group-failed"],
        _ => [],
    };

    private static FindingRef[] CausesOf(int errno) => errno switch
    {
        28 => ["vector-exhaustion"],
        12 => ["capture-kernel-oom", "crashkernel-too-small", "iommu-group-failed"],
        2 => ["firmware-missing-in-image"],
        _ => [],
    };
}
