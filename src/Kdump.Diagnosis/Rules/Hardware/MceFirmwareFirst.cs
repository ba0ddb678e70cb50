using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Rules.Hardware;

/// <summary>Firmware handled a hardware error first and told the kernel about it (APEI).</summary>
public sealed class MceFirmwareFirst : Rule
{
    public override string Id => "hardware-error-by-firmware";

    public override Entry Entry => new("hardware-error-by-firmware", "firmware reported a hardware error")
    {
        Area = Area.Hardware,
        Signature = ["{…}[Hardware Error]: Hardware error from APEI Generic Hardware Error Source: …"],
        Cause = "Firmware saw it first and passed it on (APEI GHES; BERT for the boot before).",
        Origin = "drivers/acpi/apei/ghes.c, drivers/firmware/efi/cper.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (var same in facts.Of<CperError>().GroupBy(e => (e.Severity, e.Section, e["physical_address"], e["device_id"])))
        {
            CperError e = same.First();
            string kind = e["error_type"] is { } type
                ? type[(type.IndexOf(", ", StringComparison.Ordinal) is >= 0 and var at ? at + 2 : 0)..] : e["error_status"] ?? "";
            string where = Where(e);
            bool memory = e.Section.Contains("memory", StringComparison.Ordinal);
            string lost = e.Severity is "recoverable" or "fatal" ? "uncorrected " : e.Severity == "corrected" ? "corrected " : "";
            yield return new Finding(Id,
                $"firmware-first {e.Severity} error (APEI): " +
                $"{lost}{(e.Section.Length > 0 ? e.Section : "error of unknown kind")}{(kind.Length > 0 ? $", {kind}" : "")}" +
                    $"{(where.Length > 0 ? $", {where}" : "")}",
                e.Severity switch { "fatal" => Severity.Critical, "recoverable" => Severity.Error, _ => Severity.Info }, 0.95,
                $"The machine's firmware saw the error and reported it through APEI; no processor bank holds " +
                    $"it.{(e.PreviousBoot ? " It is from the boot before (BERT)." : "")}" +
                        $"{(same.Count() > 1 ? $" {same.Count()} equal reports." : "")}")
            {
                Subject = $"{e.Section.Replace(' ', '-')}-{e["physical_address"] ?? e["device_id"] ?? e.Severity}",
                Fixes = memory
                    ? [new($"Exchange the " +
                    "DIMM" + (e["fru_text"] is { } fru ? $" that the firmware calls {fru}"
                        : " that the management controller's event log names"), "dmidecode -t memory")]
                    : e.Section.Contains("PCIe", StringComparison.Ordinal)
                        ? [new("Look at the device named here as for any AER error", $"lspci -vvv -s {e["device_id"] ?? ""}".TrimEnd())]
                    : [new("Read the management controller's event log for the same moment", "ipmitool sel list")],
                Evidence = e.Lines.Take(10).ToArray(),
                CausedBy = ["iommu-fault"],
            };
        }
    }

    private static string Where(CperError e)
    {
        var parts = new List<string>();
        if (e["fru_text"] is { } fru)
            parts.Add($"FRU {fru}");
        if (e["physical_address"] is { } address && HexWord.TryRead(address, out ulong value))
            parts.Add($"physical address 0x{value:x}");
        if (e["location"] is { } location)
            parts.Add(location.Replace(":", " ", StringComparison.Ordinal));
        if (e["device_id"] is { } device)
            parts.Add($"device {device}");
        return string.Join(", ", parts);
    }
}
