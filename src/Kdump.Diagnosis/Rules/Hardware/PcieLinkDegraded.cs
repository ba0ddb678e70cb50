using Kdump.Diagnosis.Evidence.Pci;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>A card runs with fewer lanes or at a lower speed than it supports.</summary>
public sealed class PcieLinkDegraded : Rule
{
    public override string Id => "pcie-link-degraded";

    public override Entry Entry => new("pcie-link-degraded", "a card runs with fewer lanes or at a lower speed than it supports")
    {
        Area = Area.Hardware,
        Signature = ["… Gb/s available PCIe bandwidth, limited by …"],
        Cause = "A narrow slot, a bad contact, or a link that was trained down after errors.",
        Origin = "drivers/pci/pci.c __pcie_print_link_status()",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (LspciFunction f in facts.Of<LspciFunction>().Where(f => f.PortType is "Endpoint" or "Legacy Endpoint" or "Upstream Port")
            .DistinctBy(f => (f.Address.Segment, f.Address.Bus, f.Address.Device)))
        {
            if (f.LinkCan is not { Width: > 0 } can || f.Link is not { Width: > 0 } has)
                continue;
            bool narrow = has.Width < can.Width, slow = Rank(has.Speed) is > 0 and var h && h < Rank(can.Speed);
            if (!narrow && !slow)
                continue;
            // If the port above has no more lanes, the slot is the limit and nothing is faulty.
            LspciFunction? port = facts.Of<LspciFunction>()
                .FirstOrDefault(p => p.Address.Segment == f.Address.Segment && p.Secondary == f.Address.Bus);
            bool slot = narrow && port?.LinkCan is { } above && above.Width <= has.Width;
            string name = f.Name.Length > 0 ? $" ({(f.Name.Length > 60 ? f.Name[..60] : f.Name)})" : "";
            yield return new Finding(Id,
                $"{f.Address}{name} runs its link at {has.Speed} x{has.Width} and supports {can.Speed} x{can.Width}",
                narrow && !slot ? Severity.Warning : Severity.Info, narrow ? 0.9 : 0.6,
                (slot, narrow) switch
                {
                    (true, _) => $"The port above it, {port!.Address}, has only x{port.LinkCan!.Width}: the slot is the limit.",
                    (_, true) => "Lanes are missing: a slot wired for fewer, or contacts, riser or lanes that failed in training.",
                    _ => "The speed is below the card's maximum; links also slow down to save power, so this alone is not an error.",
                })
            {
                Subject = f.Address.ToString(),
                Fixes = narrow && !slot ? [new(
                    "Compare with the slot's lanes in the machine's manual; if the slot has them, reseat the card or move it",
                    $"lspci -vvv -s {f.Address} | grep Lnk")] : [],
                Evidence = [f.Source],
            };
        }
    }

    private static int Rank(string speed) =>
        speed switch { "2.5GT/s" => 1, "5GT/s" => 2, "8GT/s" => 3, "16GT/s" => 4, "32GT/s" => 5, "64GT/s" => 6, _ => 0 };
}
