using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>
/// The machine and its BIOS as the kernel prints them at boot: <c>DMI: Cisco Systems Inc UCSC-C240-M3S/…, BIOS C240M3.3.0.4 …</c>
/// </summary>
public sealed record MachineName(Source Source, string Text) : Fact(Source);

/// <summary>A driver printed the version of its device's firmware.</summary>
public sealed record FirmwareVersion(Source Source, string Driver, PciAddress Device, string Version) : Fact(Source);

/// <summary>Reads properties that distinguish machines of the same kind.</summary>
public sealed class MachineFacts : LineParser
{
    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs => ["DMI: ", "irmware version", "irmware Version", "IRMWARE VERSION"];

    public override bool Line(in TextLine line, Facts facts)
    {
        bool dmi = line.Text.Contains("DMI: ", StringComparison.Ordinal),
            firmware = line.Text.Contains("irmware version", StringComparison.OrdinalIgnoreCase);
        if (!dmi && !firmware)
            return false;
        ReadOnlySpan<char> m = line.Kernel.Message;
        if (m.StartsWith("DMI: ", StringComparison.Ordinal) && m.Contains("BIOS", StringComparison.Ordinal))
        {
            facts.Add(new MachineName(line.ToSource(), m["DMI: ".Length..].Trim().ToString()));
            return true;
        }
        if (!firmware || !Aer.DeviceOf(m, out PciAddress device, out ReadOnlySpan<char> words))
            return false;
        int colon = words.LastIndexOf(':');
        facts.Add(new FirmwareVersion(line.ToSource(), m[..m.IndexOf(' ')].ToString(), device,
            (colon < 0 ? words : words[(colon + 1)..]).Trim().ToString()));
        return true;
    }
}
