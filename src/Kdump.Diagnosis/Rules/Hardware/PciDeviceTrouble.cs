using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Pci;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>A driver reports a problem of its device with a known message.</summary>
public sealed class PciDeviceTrouble : Rule
{
    public override string Id => "device-timeout";

    public override Entry Entry => new("device-timeout", "a device did not answer its driver")
    {
        Area = Area.Hardware,
        Signature =
        [
            "nvme …: I/O … QID … timeout",
            "mlx5_core …: … No done completion",
        ],
        Cause = "A problem of its firmware or link, or a lost interrupt.",
        Origin = "the drivers themselves",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        var known = facts.Of<PciTrouble>().Select(t => (Trouble: t, Meaning: DriverKnowledge.Find(t.Driver, t.Words)))
            .Where(k => k.Meaning is not null);
        foreach (var device in known.GroupBy(k => (k.Trouble.Device, k.Meaning!.Value.Id, k.Meaning!.Value.What)))
        {
            PciTrouble first = device.First().Trouble;
            string[] commands = device.Select(d => Command(d.Trouble.Words)).OfType<string>().Distinct().Take(4).ToArray();
            yield return new Finding(device.Key.Id,
                $"{device.Key.What}: {first.Driver} {first.Device}{(commands.Length > 0 ? $" ({string.Join(", ", commands)})" : "")}",
                Severity.Warning, 0.85,
                $"{char.ToUpperInvariant(device.First().Meaning!.Value.Why[0])}{device.First().Meaning!.Value.Why[1..]}." +
                    $"{(device.Count() > 1 ? $" {device.Count()} such lines." : "")}")
            {
                Subject = first.Device.ToString(),
                Evidence = device.Select(d => d.Trouble.Source).Take(4).ToArray(),
                CausedBy =
                [
                    new("aer-uncorrectable", $"{first.Device}"), new("iommu-fault", first.Device.Short), "vector-exhaustion",
                ],
            };
        }
    }

    /// <summary>The firmware command that mlx5 names: <c>CREATE_DCT(0x710)</c>.</summary>
    private static string? Command(string words)
    {
        int bracket = words.IndexOf("(0x", StringComparison.Ordinal);
        if (bracket <= 0)
            return null;
        int start = words.LastIndexOf(' ', bracket) + 1;
        string name = words[start..bracket];
        return name.Length is > 2 and < 40 && name.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '_') ? name : null;
    }
}
