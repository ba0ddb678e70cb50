using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Hardware;
using Kdump.Diagnosis.Pci;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>
/// A PCIe device reported an uncorrected error: which error, which device made the request, and the result of the recovery.
/// </summary>
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
        Cause = "The bits name the layer: link, flow control, completion timeout, unsupported request.",
        Origin = "drivers/pci/pcie/aer.c, dpc.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (var device in facts.Of<AerError>().Where(e => !e.Corrected).GroupBy(e => e.Device).OrderBy(d => d.Key))
        {
            // Report the worst error of the device; an error of another severity has another cause and recovery.
            string subject = device.Key.ToString();
            foreach (var kind in device.GroupBy(e => e.Severity).OrderByDescending(k => k.Key == "fatal"))
            {
                yield return Of(kind.OrderByDescending(e => e.Header is not null).First(), kind.ToArray(), subject, facts);
                subject = $"{device.Key}/non-fatal";
            }
        }
        // Only the message of a root port: the lines of the device itself are missing.
        foreach (AerMessage message in facts.Of<AerMessage>()
            .Where(m => m.Severity != "corrected" && !facts.Of<AerError>().Any(e => !e.Corrected)).DistinctBy(m => m.Port))
        {
            yield return new Finding(Id,
                $"root port {message.Port} received " +
                $"an uncorrected {message.Severity} PCIe error{(message.From is { } from ? $" from {from}" : "")}", Severity.Error, 0.8,
                "The device's own lines are missing: it may no longer answer, or the lines were rate-limited (since 6.16).") { Subject =
                    message.Port.ToString(), Evidence = [message.Source] };
        }
        foreach (var port in facts.Of<PortContained>().GroupBy(c => c.Port))
            yield return Contained(port.Key, port.ToArray(), facts);
    }

    /// <summary>A port disabled the devices behind it: the trigger and the outcome.</summary>
    private Finding Contained(PciAddress port, PortContained[] events, Facts facts)
    {
        PortContained first = events[0];
        AerOutcome? outcome = facts.Of<AerOutcome>().FirstOrDefault(o => o.Port == port && o.Source.Order >= first.Source.Order);
        AerStep[] edr = facts.Of<AerStep>().Where(s => s.Step.StartsWith("EDR: ", StringComparison.Ordinal) &&
            s.Source.Text.Contains(port.ToString(), StringComparison.Ordinal)).ToArray();
        var why = new List<string> { "The port disabled the devices behind it to keep bad data from spreading; " +
            "their drivers see a device that no longer answers, and the hot-plug driver may treat it as removed." };
        if (events.Select(e => e.Trigger).OfType<string>().FirstOrDefault() is { } trigger)
            why.Add($"It was triggered by {trigger}.");
        if (edr.Length > 0)
            why.Add("The firmware notified the kernel (EDR).");
        if (outcome is not null)
            why.Add(outcome.Recovered ? "The port itself recovered; see the drivers' lines for whether each device behind it works again."
                : "Device recovery failed: the devices behind the port stay disabled until a reset or a reboot.");
        return new Finding(Id, $"Downstream Port Containment (DPC) disabled the devices behind {port}" +
            (outcome is { Recovered: false } ? ", and the recovery failed" : ""), Severity.Error, 0.9, string.Join(' ', why))
        {
            Subject = $"dpc-{port}",
            Fixes = [new("Find the device behind the port and what it sent: the error reported with it names the packet",
                $"lspci -vvv -s {port}")],
            Evidence = [.. events.Select(e => e.Source).Take(4), .. edr.Select(s => s.Source).Take(2),
                .. new[] { outcome?.Source }.OfType<Source>()],
            CausedBy = [new("aer-uncorrectable", $"{port}")],
            Explains = [new("pcie-link-down", $"{port}")],
        };
    }

    private Finding Of(AerError e, AerError[] all, string subject, Facts facts)
    {
        uint reasons = all.Aggregate(0u, (bits, other) => bits | other.Reasons);
        // The first error comes first: the others may follow from it.
        uint lead = e.First is { } bit && (reasons & (1u << bit)) != 0 ? 1u << bit : 0;
        string[] meanings = [.. AerBits.Meanings(lead, correctable: false), .. AerBits.Meanings(reasons & ~lead, correctable: false)];
        if (e.Header?.Message is not null)
            meanings = [.. meanings.Select(m => m.Replace("request", e.Header.Ptm ? "request (a PTM message)" : "request " +
                "(a message)", StringComparison.Ordinal))];
        if ((e.Reasons & SurpriseDown) != 0 && Below(e.Device, facts).FirstOrDefault() is { } gone)
            meanings = [.. meanings.Select(m => m.Replace("the device was lost",
                $"{gone.Driver} {gone.Port} was lost", StringComparison.Ordinal))];
        string what;
        if (IsOnes(e))
            what = "its registers read as all ones, it is gone from the bus";
        else if (meanings.Length > 0)
            what = string.Join("; ", meanings);
        else
            what = e.Layer == "Inaccessible" ? "its registers were not read (Inaccessible)" : $"{e.Layer} error";
        AerRecovery recovery = AerRecovery.Of(all[^1], facts);
        AerInjected? injected = facts.Of<AerInjected>().FirstOrDefault(i => i.Device == e.Device);
        var fixes = new List<Fix>();
        if (injected is not null)
            fixes.Add(
                new("The error was injected by a test (aer-inject): the hardware is not faulty; the test shows how the drivers recover"));
        if (injected is null && e.Header?.Target is { } target && Unsupported(e))
            fixes.Add(
                new($"Look at {e.Header.Requester!.Value.Short}: it accessed address 0x{target:x}, which does not exist (wild DMA). " +
                    "Update its firmware and driver; an IOMMU would name it immediately"));
        if (injected is null && e.Header is { Ptm: true })
            fixes.Add(new($"Nothing is broken: {From(e.Header)} sends PTM messages (precision time measurement) " +
                "to a port that has PTM off. Update the firmware of the machine and of the dock or card, or disable PTM in the BIOS; " +
                "use pci=noaer only to silence the messages", Risk: "with pci=noaer no PCIe error is reported any more"));
        else if (injected is null && e.Header?.Message is not null)
            fixes.Add(new($"Update the firmware of {From(e.Header)} and of the machine: it sends a message that the port does not accept"));
        if (injected is null && TooLong(e) is { } bytes)
            fixes.Add(new("Compare the Max Payload Size on the whole way " +
                $"(MaxPayload under DevCtl) with the {Counted.Of(bytes, "byte")} of the packet; " +
                "let the kernel set one size for all with pci=pcie_bus_safe", $"lspci -vvv -s {e.Device}"));
        if (injected is null && (e.Reasons & SurpriseDown) != 0 && e.Header?.Message is null)
            fixes.Add(new("The link to the device below failed: " +
                "check its power first (plugs, cable, supply under load), then temperature, then its seating"));
        if (injected is null && AtomicRefused(e))
            fixes.Add(new($"Put {From(e.Header!)} into a slot whose port takes atomic operations (mostly one of the CPU's own; " +
                "AtomicOpsCap with 32bit+ 64bit+, and Routing+ on every switch between), or tell its driver not to use them",
                $"lspci -vvv -s {e.Device} | grep -i -e AtomicOps -e DevCap2"));
        if (injected is null && e.Header?.Message is null && TooLong(e) is null && !AtomicRefused(e))
            fixes.Add(
                new("Reseat the card, try another slot, update its firmware and the machine's BIOS; " +
            "check lspci -vvv of the card and its port for further bits", $"lspci -vvv -s {e.Device}"));
        return new Finding(Id, $"AER: uncorrected ({e.Severity}) PCIe error at {e.Device}: {what}",
            SeverityOf(e, recovery, injected), 0.95, Why(e, all.Length, facts, recovery, injected))
        {
            Subject = subject,
            Fixes = fixes,
            Evidence = [.. facts.Of<AerMessage>().Where(m => m.From == e.Device && m.Port != e.Device && m.Boot == e.Boot &&
                m.Severity == e.Severity && m.Source.Input == e.Source.Input && m.Source.Order < e.Source.Order).TakeLast(1)
                .Select(m => m.Source), .. e.Lines.Take(6), .. recovery.Evidence(5)],
            // A bad link damages packets in transit; a refused request was sent by a device.
            CausedBy = injected is null && e.Layer is "Physical Layer" or "Data Link Layer"
                ? [new("pcie-link-degraded", $"{e.Device}"), new("aer-corrected", $"{e.Device}")] : [],
        };
    }

    /// <summary>By what became of the device; an error that a test made says nothing of the hardware.</summary>
    private static Severity SeverityOf(AerError e, AerRecovery recovery, AerInjected? injected)
    {
        bool fatal = e.Severity == "fatal", recovered = recovery.Outcome is { Recovered: true };
        if (recovered)
            return fatal && injected is null ? Severity.Error : Severity.Warning;
        return fatal ? Severity.Critical : Severity.Error;
    }

    /// <summary>What a device that is gone returns for every read.</summary>
    private static bool IsOnes(AerError e) => e.Status is uint.MaxValue && e.Mask is uint.MaxValue;

    private const uint SurpriseDown = 1u << 5, Malformed = 1u << 18;

    /// <summary>The packet shown is that of the first error: it is the unsupported request unless another error came first.</summary>
    private static bool Unsupported(AerError e) => (e.Reasons & (1u << 20)) != 0 && e.First is null or 20;

    /// <summary>
    /// A port that does not know atomic operations treats the packet as malformed or unsupported (PCI Express Base Specification
    /// 2.1, AtomicOp transaction protocol), or blocks it at its egress.
    /// </summary>
    private static bool AtomicRefused(AerError e) => e.Header is { Atomic: true } &&
        (e.Reasons & (Malformed | 1u << 20 | 1u << 24)) != 0;

    /// <summary>Bytes of a malformed packet with more data than the smallest Max Payload Size.</summary>
    private static int? TooLong(AerError e) =>
        (e.Reasons & Malformed) != 0 && e.Header is { HasData: true, Length: > 32 } h ? h.Length * 4 : null;

    /// <summary>Devices below the port whose driver logged something during a recovery.</summary>
    private static IEnumerable<AerStep> Below(PciAddress port, Facts facts) =>
        facts.Of<AerStep>().Where(s => s.Veto && s.Port.Segment == port.Segment && s.Port.Bus > port.Bus).DistinctBy(s => s.Port);

    private static string From(Tlp header) => header.Requester is { RequesterId: not 0 } r ? r.Short : "the device below (it sent no id)";


    private static string Why(AerError e, int count, Facts facts, AerRecovery recovery, AerInjected? injected)
    {
        var why = new List<string>();
        if (injected is not null)
            why.Add("The error was injected for a test.");
        if (e.Layer == "Inaccessible")
        {
            // aer_get_device_error_info() reads a device's registers only while the link to it can be trusted: never after a fatal error.
            why.Add(e.Severity == "fatal"
                ? "The type of error is not known: after a fatal error the kernel does not read the registers of a device behind the link."
                : "The device did not answer when its error registers were read: it is gone from the bus.");
        }
        else if (IsOnes(e))
        {
            why.Add("Status and mask read as all ones: " +
                "the device no longer answered when its error registers were read. They say nothing of the kind of error.");
        }
        else
            why.Add($"The {e.Layer.ToLowerInvariant()} of {e.Device} detected it{(e.Agent.Length > 0 ? $" as {Agent(e)}" : "")}: " +
                $"{string.Join(", ", AerBits.Names(e.Reasons, correctable: false))}" +
                (e.Status is { } s ? $" (status {s:x8}, mask {e.Mask:x8})" : "") + ".");
        why.AddRange(PciNames.Sentence(e.Device, facts));
        if (e.Device.Segment != 0)
            why.Add($"It is in PCI segment {e.Device.Segment:x4}.");
        if (e.Header is { } header && injected is null)
        {
            why.Add($"The packet (TLP): {header}.");
            if (header.Message is not null)
                why.Add($"A message has no address. It was sent by {From(header)}." + (header.Ptm
                    ? " PTM measures time between devices; a port with PTM disabled answers with this error, and no data is lost." : ""));
            if (TooLong(e) is { } bytes)
                why.Add($"It carries {Counted.Of(bytes, "byte")}: a packet that is longer than the Max Payload Size " +
                    "(MPS) of the receiver is malformed.");
            if (AtomicRefused(e))
                why.Add($"{e.Device} neither completes nor routes atomic operations (AtomicOps), which {From(header)} uses: " +
                    "the card and its seat are not damaged, the slot does not fit it.");
            if (header.Target is { } target && Unsupported(e))
                why.Add($"TLP {header.Kind} from {header.Requester!.Value.Short}: target address 0x{target:x} does not exist " +
                    "(wild DMA by the device).");
        }
        if (e.First is { } bit && System.Numerics.BitOperations.PopCount(e.Reasons) > 1)
            why.Add($"{string.Join("", AerBits.Names(1u << bit, correctable: false))} was the first; the others may follow from it.");
        if (count > 1)
            why.Add($"{Counted.Of(count, "report")}.");
        AerMessage? message = facts.Of<AerMessage>()
            .FirstOrDefault(m => m.Severity != "corrected" && (m.Port == e.Device || m.From == e.Device))
            ?? facts.Of<AerMessage>().FirstOrDefault(m => m.Severity != "corrected");
        if (message is { From: { RequesterId: 0 } } or { NothingFound: true })
            why.Add("The device is uncertain: the message named no sender, or no device had an error left when the kernel checked.");
        if (e.OldForm)
            why.Add("Old log format (id=), a kernel before 4.20.");
        else if (message?.Source.Text.Contains("error message received", StringComparison.Ordinal) == true)
            why.Add("6.x wording (Uncorrectable).");
        AerStep[] vetoes = [.. recovery.Steps.Where(s => s.Veto).DistinctBy(s => s.Port).Take(4)];
        if (vetoes.Length > 0)
            why.Add($"{string.Join(", ", vetoes.Select(v => $"{v.Port} (" +
                (v.Driver == "pci" ? "no driver)" : $"driver {v.Driver})")))} {(vetoes.Length == 1 ? "has" : "have")} no error_detected " +
                "callback: that ends the recovery of every function below the port.");
        if (recovery.Timeline() is { } timeline)
            why.Add(timeline);
        if (recovery.Outcome is { Recovered: true })
            why.Add("Recovery successful.");
        else if (recovery.Outcome is not null)
            why.Add(e.Severity == "fatal"
                ? "Recovery failed: the device may answer all reads with ones until it is reset or the machine is started anew."
                : "Recovery failed, but the error was not fatal: the link is not reset for it, and the devices may go on.");
        return string.Join(' ', why);
    }

    private static string Agent(AerError e) => e.Agent.Replace(" ID", "", StringComparison.Ordinal).ToLowerInvariant();
}
