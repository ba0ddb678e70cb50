using System.Text.Json;
using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Hardware;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Pci;
using Kdump.Diagnosis.Reports;

namespace Kdump.Cli.Reports;

/// <summary><c>kdt pci --json</c>.</summary>
internal static class PciJson
{
    public static void Write(TextWriter output, Facts facts, Verdict verdict) => JsonText.Write(output, "kdt.pci/1", json =>
    {
        var tree = new PciTree(facts.Of<LspciFunction>());
        json.WriteStartArray("devices");
        foreach (LspciFunction f in tree.All)
            Device(json, f, tree);
        json.WriteEndArray();
        json.WriteStartArray("errors");
        foreach (AerError e in facts.Of<AerError>())
            Error(json, e);
        json.WriteEndArray();
        json.WriteStartArray("faults");
        foreach (DmarFault f in facts.Of<DmarFault>())
        {
            json.WriteStartObject();
            json.WriteString("iommu", "intel");
            json.WriteString("bdf", f.Device.ToString());
            json.WriteString("access", (f.Interrupt, f.Write) switch
            {
                (true, _) => "interrupt",
                (_, true) => "write",
                _ => "read",
            });
            json.WriteString("address", $"0x{f.Address:x}");
            json.WriteNumber("reason", f.Reason);
            json.WriteString("words", DmarReason.Of(f.Reason));
            json.WriteNumber("line", f.Source.Line);
            json.WriteEndObject();
        }
        foreach (AmdViEvent e in facts.Of<AmdViEvent>())
        {
            json.WriteStartObject();
            json.WriteString("iommu", "amd");
            json.WriteString("event", e.Name);
            json.WriteString("bdf", e.Device?.ToString());
            json.WriteString("address", e.Address is { } a ? $"0x{a:x}" : null);
            json.WriteString("flags", e.FlagWords);
            json.WriteNumber("line", e.Source.Line);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("groups");
        foreach (var group in facts.Of<IommuGroupMember>().GroupBy(m => m.Group).OrderBy(g => g.Key))
        {
            json.WriteStartObject();
            json.WriteNumber("group", group.Key);
            json.WriteStartArray("devices");
            foreach (PciAddress device in group.Select(m => m.Device).Distinct().Order())
                json.WriteStringValue(device.ToString());
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        VerdictJson.Write(json, "verdict", verdict);
    });

    private static void Device(Utf8JsonWriter json, LspciFunction f, PciTree tree)
    {
        json.WriteStartObject();
        json.WriteString("bdf", f.Address.ToString());
        json.WriteString("class", f.Class);
        json.WriteString("name", f.Name);
        json.WriteString("ids", f.Ids);
        json.WriteString("driver", f.Driver);
        json.WriteString("parent", tree.ParentOf(f)?.Address.ToString());
        json.WriteString("portType", f.PortType);
        if (f.Link is { } link)
            json.WriteString("link", $"{link.Speed} x{link.Width}");
        if (f.LinkCan is { } can)
            json.WriteString("linkCapable", $"{can.Speed} x{can.Width}");
        if (f.BusMaster is { } master)
            json.WriteBoolean("busMaster", master);
        if (f.MsiX is { } vectors)
            json.WriteNumber("msix", vectors);
        if (f.Msi is { } messages)
            json.WriteNumber("msi", messages);
        json.WriteBoolean("aer", f.HasAer);
        if (f.HasAer)
        {
            Strings(json, "uncorrectable", AerBits.Names(f.UeStatus, correctable: false));
            Strings(json, "correctable", AerBits.Names(f.CeStatus, correctable: true));
        }
        if (f.ShowsExtended)
            json.WriteBoolean("acs", f.AcsCan is not null);
        if (f.AcsDoes is not null)
            json.WriteString("acsControl", f.AcsDoes);
        json.WriteBoolean("ari", f.Ari);
        if (f.Sriov is { } s)
        {
            json.WriteStartObject("sriov");
            json.WriteBoolean("enabled", s.Enabled);
            json.WriteNumber("totalVfs", s.Total);
            json.WriteNumber("numVfs", s.Active);
            json.WriteNumber("offset", s.Offset);
            json.WriteNumber("stride", s.Stride);
            Strings(json, "vfs", s.Enabled ? s.Functions(f.Address).Select(v => v.ToString()) : []);
            json.WriteEndObject();
        }
        if (f.Group is { } group)
            json.WriteNumber("iommuGroup", group);
        if (f.Numa is { } node)
            json.WriteNumber("numa", node);
        Strings(json, "bars", f.Bars);
        json.WriteEndObject();
    }

    private static void Error(Utf8JsonWriter json, AerError e)
    {
        json.WriteStartObject();
        json.WriteString("bdf", e.Device.ToString());
        json.WriteString("severity", e.Severity);
        json.WriteString("layer", e.Layer);
        json.WriteString("agent", e.Agent);
        if (e.Status is { } status)
            json.WriteString("status", $"0x{status:x8}");
        if (e.Mask is { } mask)
            json.WriteString("mask", $"0x{mask:x8}");
        Strings(json, "bits", AerBits.Names(e.Reasons, e.Corrected));
        Strings(json, "meanings", AerBits.Meanings(e.Reasons, e.Corrected));
        json.WriteString("tlp", e.Header?.ToString());
        json.WriteNumber("line", e.Source.Line);
        json.WriteEndObject();
    }

    private static void Strings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }
}
