using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Hardware;
using Kdump.Diagnosis.Pci;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>A PCIe device reported an error that was not corrected: what, who had asked, and how the recovery went.</summary>
public sealed class AerUncorrectable : Rule
{
    public override string Id => "aer-uncorrectable";

    public override Entry Entry => new("aer-uncorrectable", "a PCIe device reported an error that was not corrected")
    {
        Area = Area.Hardware,
        Signature =
        [
            "… PCIe Bus Error: severity=Uncorrected (Fatal), type=…",
            "DPC: containment event, status:…",
        ],
        Cause = "The bits name the layer: link, flow control, a completion that never came, a request nobody takes.",
        Origin = "drivers/pci/pcie/aer.c, dpc.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (var device in facts.Of<AerError>().Where(e => !e.Corrected).GroupBy(e => e.Device).OrderBy(d => d.Key))
        {
            // The worst error stands for the device; one of another severity had another cause and another recovery.
            string subject = device.Key.ToString();
            foreach (var kind in device.GroupBy(e => e.Severity).OrderByDescending(k => k.Key == "fatal"))
            {
                yield return Of(kind.OrderByDescending(e => e.Header is not null).First(), kind.ToArray(), subject, facts);
                subject = $"{device.Key}/non-fatal";
            }
        }
        // The message of a root port alone, where the lines of the device itself are missing.
        foreach (AerMessage message in facts.Of<AerMessage>()
            .Where(m => m.Severity != "corrected" && !facts.Of<AerError>().Any(e => !e.Corrected)).DistinctBy(m => m.Port))
        {
            yield return new Finding(Id,
                $"root port {message.Port} received an uncorrected {message.Severity} PCIe " +
                $"error{(message.From is { } from ? $" from {from}" : "")}", Severity.Error, 0.8,
                "The device's own lines are missing: it may no longer answer, or the lines were rate-limited (since 6.16).") { Subject =
                    message.Port.ToString(), Evidence = [message.Source] };
        }
        foreach (PortContained contained in facts.Of<PortContained>().DistinctBy(c => c.Port))
        {
            yield return new Finding(Id, $"Downstream Port Containment switched off what is behind {contained.Port}: {contained.Words}",
                Severity.Error, 0.9,
                "The port cut its devices off to keep bad data from spreading; their drivers see a device that no longer answers.")
                {
                    Subject = $"dpc-{contained.Port}", Evidence = [contained.Source],
                };
        }
    }

    private Finding Of(AerError e, AerError[] all, string subject, Facts facts)
    {
        string[] meanings = AerBits.Meanings(all.Aggregate(0u, (bits, other) => bits | other.Reasons), correctable: false).ToArray();
        string what = meanings.Length > 0 ? string.Join("; ", meanings) : e.Layer == "Inaccessible"
            ? "its registers were not read (Inaccessible)" : $"{e.Layer} error";
        AerRecovery recovery = AerRecovery.Of(all[^1], facts);
        AerInjected? injected = facts.Of<AerInjected>().FirstOrDefault(i => i.Device == e.Device);
        var fixes = new List<Fix>();
        if (injected is not null)
            fixes.Add(
                new("The error was injected by a test (aer-inject): the hardware is not at fault; what the test shows is how the drivers " +
                "recover"));
        if (injected is null && e.Header?.Target is { } target && (e.Reasons & (1u << 20)) != 0)
            fixes.Add(
                new($"Look at {Short(e.Header.Requester!.Value)}: it asked for address 0x{target:x}, which does not exist: wild DMA by " +
                $"the device. Update its firmware and driver; an IOMMU would name it at once"));
        fixes.Add(
            new("Reseat the card, try another slot, update its firmware and the machine's BIOS; check lspci -vvv of the card and its " +
            "port for further bits", $"lspci -vvv -s {e.Device}"));
        return new Finding(Id, $"AER: uncorrected ({e.Severity}) PCIe error at {e.Device}: {what}", e.Severity == "fatal"
            ? Severity.Critical : Severity.Error, 0.95, Why(e, all.Length, facts, recovery, injected))
        {
            Subject = subject,
            Fixes = fixes,
            Evidence = [.. e.Lines.Take(6), .. recovery.Evidence(5)],
            // A bad link breaks packets on the way; a request that is refused was asked for.
            CausedBy = injected is null && e.Layer is "Physical Layer" or "Data Link Layer"
                ? [$"pcie-link-degraded:{e.Device}", $"aer-corrected:{e.Device}"] : [],
        };
    }

    private static string Short(PciAddress a) => a.Segment == 0 ? a.ToString()[5..] : a.ToString();

    private static string Why(AerError e, int count, Facts facts, AerRecovery recovery, AerInjected? injected)
    {
        var why = new List<string>();
        if (injected is not null)
            why.Add("The error was injected for a test.");
        if (e.Layer == "Inaccessible")
        {
            // aer_get_device_error_info() reads a device's registers only while the link to it can be trusted: never after a fatal error.
            why.Add(e.Severity == "fatal"
                ? "Which error it was is not told: after a fatal one the kernel does not read the registers of a device behind the link."
                : "The device did not answer when its error registers were read: it is gone from the bus.");
        }
        else
            why.Add($"The {e.Layer.ToLowerInvariant()} of {e.Device} saw it{(e.Agent.Length > 0 ? $" as {Agent(e)}" : "")}: " +
                $"{string.Join(", ", AerBits.Names(e.Reasons, correctable: false))}" +
                (e.Status is { } s ? $" (status {s:x8}, mask {e.Mask:x8})" : "") + ".");
        if (e.Device.Segment != 0)
            why.Add($"It is in PCI segment {e.Device.Segment:x4}.");
        if (e.Header is { } header && injected is null)
        {
            why.Add($"The packet (TLP): {header}.");
            if (header.Target is { } target && (e.Reasons & (1u << 20)) != 0)
                why.Add($"TLP {header.Kind} from {Short(header.Requester!.Value)}: target address 0x{target:x} does not exist: wild DMA " +
                    $"by the device.");
        }
        if (count > 1)
            why.Add($"{count} reports.");
        AerMessage? message = facts.Of<AerMessage>().FirstOrDefault(m => m.Severity != "corrected");
        if (message is { From: { RequesterId: 0 } } or { NothingFound: true })
            why.Add("The blame is weak: the message named no sender, or nobody had an error left when the kernel looked.");
        if (e.OldForm)
            why.Add("Old log format (id=), a kernel before 4.20.");
        else if (message?.Source.Text.Contains("error message received", StringComparison.Ordinal) == true)
            why.Add("6.x wording (Uncorrectable).");
        foreach (AerStep veto in recovery.Steps.Where(s => s.Step.Contains("no error_detected callback", StringComparison.Ordinal))
            .DistinctBy(s => s.Port).Take(4))
            why.Add($"{veto.Port} has no error_detected callback (no driver is bound, or one without error handlers): it vetoes the " +
                $"recovery of every function below the port.");
        if (recovery.Timeline() is { } timeline)
            why.Add(timeline);
        if (recovery.Outcome is { } outcome)
            why.Add(outcome.Recovered ? "Recovery successful."
                : "Recovery failed: the device stays unusable, and reads from it return all ones.");
        return string.Join(' ', why);
    }

    private static string Agent(AerError e) => e.Agent.Replace(" ID", "", StringComparison.Ordinal).ToLowerInvariant();
}
