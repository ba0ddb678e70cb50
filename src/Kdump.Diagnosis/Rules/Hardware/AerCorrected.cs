using Kdump.Diagnosis.Catalogue.Devices;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Hardware;
using Kdump.Diagnosis.Pci;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>A PCIe link corrected errors: single ones are harmless, storms mean a bad link.</summary>
public sealed class AerCorrected : Rule
{
    public override string Id => "aer-corrected";

    public override Entry Entry => new("aer-corrected", "a PCIe link corrected errors")
    {
        Area = Area.Hardware,
        Signature = ["… PCIe Bus Error: severity=Corrected, type=Physical Layer"],
        Cause = "A marginal link: contact, riser, cable, power saving.",
        Origin = "drivers/pci/pcie/aer.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (var device in facts.Of<AerError>().Where(e => e.Corrected).GroupBy(e => e.Device).OrderBy(d => d.Key))
        {
            AerError[] errors = device.ToArray();
            uint bits = errors.Aggregate(0u, (all, e) => all | e.Reasons);
            string[] meanings = AerBits.Meanings(bits, correctable: true).ToArray();
            AerMessage[] messages = facts.Of<AerMessage>()
                .Where(m => m.Severity == "corrected" && (m.Port == device.Key || m.From == device.Key)).ToArray();
            long more = facts.Of<AerError>().GroupBy(e => e.Device).Count() == 1 ? facts.Dropped<AerError>() : 0;
            double? rate = Rate(errors);
            bool storm = errors.Length >= 10 && rate < 1;
            long unprinted = Suppressed.Of(facts, errors[0].Boot, "aer_ratelimit", "aer_print_error", "pci_print_aer");
            bool often = errors.Length >= 10 || messages.Any(m => m.Multiple) || more > 0 || unprinted > 0;
            DeviceSaid? lost = LostBelow(device.Key, facts);
            var why =
                new List<string> { $"The {errors[0].Layer.ToLowerInvariant()} of {device.Key}: " +
                $"{string.Join(", ", AerBits.Names(bits, correctable: true))}. The hardware corrected it by itself." };
            if ((bits & 1) != 0)
                why.Add("Receiver errors come from the link itself: ASPM or signal integrity (slot, riser, cable, contacts).");
            why.AddRange(PciNames.Sentence(device.Key, facts));
            string pace = "";
            if (storm && rate is { } gap)
                pace = gap < 0.001 ? ", less than a millisecond apart: a storm" : $", one every {gap * 1000:0} ms: a storm";
            if (errors.Length > 1 || more > 0)
                why.Add($"{Counted.Of(errors.Length + more, "report")}{pace}.");
            else if (messages.Any(m => m.Multiple))
                why.Add("The port reports that more than one error arrived.");
            if (unprinted > 0)
                why.Add($"The kernel suppressed {unprinted} more AER messages of this machine because there were too many.");
            if (lost is not null)
                why.Add($"{lost.Device} below the port stopped answering in the same log: " +
                    "this link fails, so the errors are not harmless.");
            if (messages.Any(m => m.NothingFound))
                why.Add("The agent's status was already empty when it was read.");
            yield return new Finding(Id,
                $"AER: {(storm ? "storm of corrected" : "corrected")} PCIe errors at {device.Key}: " +
                $"{(meanings.Length > 0 ? string.Join("; ", meanings) : errors[0].Layer)}",
                often || lost is not null ? Severity.Warning : Severity.Info, 0.95, string.Join(' ', why))
            {
                Subject = device.Key.ToString(),
                Fixes =
                [
                    .. lost is null ? Array.Empty<Fix>() : [new("Check the power of the device below: " +
                        "its plugs, cables and supply under load")],
                    new("Reseat the card or cable, clean its contacts, try another slot"),
                    new("To see whether power saving of the link causes it, boot with pcie_aspm=off", Risk: "a few watts more"),
                ],
                Evidence = [.. errors.SelectMany(e => e.Lines).Take(6), .. messages.Select(m => m.Source).Take(3)],
                CausedBy = [new("pcie-link-degraded", $"{device.Key}")],
                Explains = lost is null || lost.Source.Order < errors[0].Source.Order ? [] : [new(lost.Family.Id, lost.Device)],
            };
        }
        foreach (AerMessage message in facts.Of<AerMessage>()
            .Where(m => m.Severity == "corrected" && !facts.Of<AerError>().Any(e => e.Corrected)).DistinctBy(m => m.Port))
            yield return new Finding(Id,
                $"AER: root port {message.Port} received corrected errors{(message.From is { } from ? $" from {from}" : "")}",
                Severity.Info, 0.8, "Only the port's message is in the log.") { Subject = message.Port.ToString(),
                Evidence = [message.Source] };
    }

    /// <summary>Average seconds between errors; null if the times are not known.</summary>
    private static double? Rate(AerError[] errors)
    {
        double[] times = errors.Select(e => KernelLine.Parse(e.Source.Plain).Time).OfType<double>().ToArray();
        return times.Length < 2 ? null : (times[^1] - times[0]) / (times.Length - 1);
    }

    /// <summary>A device on a higher bus of the same segment that stopped answering in the same log.</summary>
    private static DeviceSaid? LostBelow(PciAddress port, Facts facts) =>
        facts.Of<DeviceSaid>().FirstOrDefault(s => s.Family.Id is "pcie-link-lost" or "gpu-off-the-bus" or "pci-reset-failed" &&
            s.Address is { } a && a.Segment == port.Segment && (a == port || a.Bus > port.Bus));
}
