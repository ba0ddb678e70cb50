using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Pci;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>A PCIe link corrects errors: harmless one by one, a bad link when they come in storms.</summary>
public sealed class AerCorrected : Rule
{
    public override string Id => "aer-corrected";

    public override Entry Entry => new("aer-corrected", "a PCIe link corrects errors")
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
            AerMessage[] messages = facts.Of<AerMessage>().Where(m => m.Severity == "corrected").ToArray();
            bool storm = errors.Length >= 10 || messages.Any(m => m.Multiple) || facts.Dropped<AerError>() > 0;
            var why =
                new List<string> { $"The {errors[0].Layer.ToLowerInvariant()} of {device.Key}: " +
                $"{string.Join(", ", AerBits.Names(bits, correctable: true))}. The hardware corrected it: nothing was lost." };
            if ((bits & 1) != 0)
                why.Add("Receiver errors come from the link itself: ASPM or signal integrity (slot, riser, cable, contacts).");
            if (Rate(errors) is { } rate)
                why.Add(rate);
            if (messages.Any(m => m.NothingFound))
                why.Add("The agent had no status left when read.");
            if (facts.Dropped<AerError>() is > 0 and var more)
                why.Add($"{more} further reports are not counted one by one.");
            yield return new Finding(Id,
                $"AER: {(storm ? "storm of corrected" : "corrected")} PCIe errors at {device.Key}: " +
                $"{(meanings.Length > 0 ? string.Join("; ", meanings) : errors[0].Layer)}",
                storm ? Severity.Warning : Severity.Info, 0.95, string.Join(' ', why))
            {
                Subject = device.Key.ToString(),
                Fixes =
                [
                    new("Reseat the card or cable, clean its contacts, try another slot"),
                    new("To see whether power saving of the link causes it, boot with pcie_aspm=off", Risk: "a few watts more"),
                ],
                Evidence = [.. errors.SelectMany(e => e.Lines).Take(6), .. messages.Select(m => m.Source).Take(3)],
                CausedBy = [$"pcie-link-degraded:{device.Key}"],
            };
        }
        foreach (AerMessage message in facts.Of<AerMessage>()
            .Where(m => m.Severity == "corrected" && !facts.Of<AerError>().Any(e => e.Corrected)).DistinctBy(m => m.Port))
            yield return new Finding(Id,
                $"AER: root port {message.Port} received corrected errors{(message.From is { } from ? $" from {from}" : "")}",
                Severity.Info, 0.8, "Only the port's message is in the log.") { Subject = message.Port.ToString(),
                Evidence = [message.Source] };
    }

    private static string? Rate(AerError[] errors)
    {
        double[] times = errors.Select(e => KernelLine.Parse(e.Source.Plain).Time).OfType<double>().ToArray();
        if (times.Length < 2)
            return null;
        double gap = (times[^1] - times[0]) / (times.Length - 1);
        return gap < 0.001 ? "They come microseconds apart: a microsecond-rate storm." : gap < 1
            ? $"They come every {gap * 1000:0} ms: a storm." : null;
    }
}
