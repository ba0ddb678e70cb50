using Kdump.Diagnosis.Catalogue.Devices;
using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Pci;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>NVIDIA's driver reports an error by its number: its meaning, the likely cause, and what to do.</summary>
public sealed class GpuXid : Rule
{
    public override string Id => "gpu-xid";

    public override Entry Entry => DeviceFamilies.Xid;

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (var gpu in facts.Of<DeviceSaid>().Where(s => s.Family == DeviceFamilies.Xid).GroupBy(s => s.Device))
        {
            foreach (DeviceSaid said in gpu.OrderBy(s => s.Source.Order).Take(8))
                yield return Of(said, gpu, Link(said, facts));
        }
    }

    /// <summary>An uncorrected PCIe error that came from this GPU before: an error of the link, or a GPU that did not answer.</summary>
    private static AerMessage? Link(DeviceSaid said, Facts facts) => said.Address is { } gpu
        ? facts.Of<AerMessage>().LastOrDefault(m => m.Boot == said.Boot && m.Severity != "corrected" && m.Source.Input ==
            said.Source.Input &&
            m.Source.Order < said.Source.Order && m.From is { } from && (from.Segment, from.Bus, from.Device) ==
            (gpu.Segment, gpu.Bus, gpu.Device)) : null;

    private Finding Of(DeviceSaid said, IEnumerable<DeviceSaid> gpu, AerMessage? link)
    {
        string number = said.Taken[1], details = said.Taken.Count > 2 ? said.Taken[2].Trim() : "";
        bool fabric = said.Source.Text.Contains("SXid", StringComparison.Ordinal);
        (string words, XidBlame blame) = fabric ? ("an error of an NVSwitch or of one of its NVLinks", XidBlame.Link)
            : NvidiaXid.Of(number);
        DeviceSaid? earlier = gpu.FirstOrDefault(s => s.Source.Order < said.Source.Order && s.Boot == said.Boot);
        string name = fabric ? "SXid" : "Xid";
        // The first line of an SXid may be its data; how bad it is stands in another.
        if (fabric && said.Values.FirstOrDefault(v => v.Contains("atal", StringComparison.Ordinal)) is { } telling)
            details = telling;
        // "Ch 00000001 caused by previous Xid 149": of this GPU, or of one that it works with.
        const string Previous = "caused by previous Xid ";
        int named = details.IndexOf(Previous, StringComparison.Ordinal);
        string previous = named < 0 ? "" : details[(named + Previous.Length)..].Split([' ', ',', '.'])[0];
        if (previous.Length > 0)
        {
            (string before, blame) = NvidiaXid.Of(previous);
            words = $"only the clean-up after Xid {previous}: {before}";
        }
        return new Finding(Id, $"the {(fabric ? "NVSwitch" : "GPU")} {said.Device} reports {name} {number}: {words}" +
            (fabric && details.Contains("atal", StringComparison.Ordinal) ? $" ({details.Split(',')[0].ToLowerInvariant()})" : ""),
                SeverityOf(blame, details), 0.95,
            $"{(link is null || blame is XidBlame.Hardware ? Blame(blame) : "A PCIe error of this GPU came before it: " +
                "what fails on the GPU after that follows from its link (power, cable, riser, Thunderbolt) and not from the program.")} " +
                $"The driver printed: {details}." +
                (said.Count > 1 ? $" {said.Count} times." : "") +
            (earlier is not null && number is "45" or "43" ? $" Xid {earlier.Taken[1]} came before it and is the reason." : ""))
        {
            Subject = $"{said.Device}/{number}",
            Fixes = link is not null && blame is XidBlame.Application
                ? [new("Look after the link first: " +
                    "power and cable of the card or its enclosure, another slot or port, power saving of the link",
                    $"lspci -vvv -s {said.Device}")] : Fixes(blame, previous.Length > 0 ? previous : number, said),
            Evidence = [said.Source],
            CausedBy =
            [
                new("gpu-off-the-bus", $"{said.Device}"), new("pcie-link-lost", $"{said.Device}"),
                new("aer-uncorrectable", $"{said.Device}"),
                .. link is null ? Array.Empty<FindingRef>() : [new("aer-uncorrectable", link.Port.ToString())],
            ],
        };
    }

    private static Severity SeverityOf(XidBlame blame, string details)
    {
        if (details.Contains("Non-fatal", StringComparison.OrdinalIgnoreCase) || details.Contains("Nonfatal", StringComparison.Ordinal))
            return Severity.Warning;
        return blame is XidBlame.Information or XidBlame.Application ? Severity.Warning : Severity.Error;
    }

    private static string Blame(XidBlame blame) => blame switch
    {
        XidBlame.Application => "First suspect is the program on the GPU (CUDA code, a shader); only when several programs do it, " +
            "driver or hardware.",
        XidBlame.Driver => "First suspect is the NVIDIA driver or the GPU's firmware; hardware only when an update does not help.",
        XidBlame.Hardware => "The GPU's hardware reports it.",
        XidBlame.Link => "It is an error of the connection: PCIe, NVLink, power or seat.",
        XidBlame.Information => "It is informational, or a consequence of another error.",
        _ => "kdt does not know this number: look it up in NVIDIA's list of Xid errors.",
    };

    private static Fix[] Fixes(XidBlame blame, string number, DeviceSaid said)
    {
        string look = said.Address is { } gpu ? $"nvidia-smi -q -i {gpu}" : "nvidia-smi -q";
        return number switch
        {
            "48" or "63" or "64" or "92" or "94" or "95" or "140" =>
            [
                new("See its memory's errors and remapped rows; reset the GPU so that rows are remapped", look),
                new("Replace the GPU when remapping fails (Xid 64) or errors come again"),
            ],
            "54" => [new("Connect the card's auxiliary power plugs")],
            "74" or "121" or (['1', '4', _]) => [new("See the state of its links", "nvidia-smi nvlink -s"), new(
            "Reseat the GPU or its bridge; reset the GPU")],
            _ => blame switch
            {
                XidBlame.Application => [new("Run the program under compute-sanitizer, or with another GPU; " +
                    "see whether only this program does it")],
                XidBlame.Driver => [new("Update driver and GPU firmware; keep a report for NVIDIA", "nvidia-bug-report.sh")],
                XidBlame.Information => [new("Look at the Xid before it, and at the GPU", look)],
                _ => [new("Check power, temperature and seat of the GPU; keep a report for NVIDIA", "nvidia-bug-report.sh")],
            },
        };
    }
}
