using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Kernel;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore devices</c>: the PCI functions.</summary>
internal static class DevicesView
{
    public static void Text(Context context, Vmcore vmcore)
    {
        Devices devices = vmcore.Devices.Need(vmcore.Dump.Name, "devices");
        context.Output.WriteLine($"{"BDF",-13} CLASS  VEND:DEV  {"DRIVER",-16} IRQ     POWER   STATE");
        foreach (PciDevice d in devices.All.OrderBy(d => d.Bdf, StringComparer.Ordinal))
        {
            string state = string.Join(' ', new[]
            {
                d.Enabled ? "enabled" : "disabled", d.BusMaster ? "dma" : "", d.VirtualFunction ? "vf" : "",
                d.IommuGroup is int g ? $"iommu-group={g}" : "", d.SavedConfig is null ? "" : "config-saved",
            }.Where(s => s.Length > 0));
            string irq;
            if (d.MsiX)
                irq = "msi-x";
            else if (d.Msi)
                irq = "msi";
            else
                irq = d.Irq == 0 ? "-" : $"{d.Irq}";
            context.Output.WriteLine(
                $"{Printable.Escape(d.Bdf),-13} " +
                $"{d.Class:x6} {d.Vendor:x4}:{d.Device:x4} {Printable.Escape(d.Driver ?? "-"),-16} {irq,-7} {d.PowerState,-7} {state}");
        }
        UnreadText.Lost(vmcore, devices.Damages);
    }

    public static void Json(TextWriter output, Vmcore vmcore)
    {
        Devices devices = vmcore.Devices.Need(vmcore.Dump.Name, "devices");
        UnreadText.Json(output, vmcore, "kdt.vmcore.devices/1", json =>
        {
            json.WriteStartArray("devices");
            foreach (PciDevice d in devices.All.OrderBy(d => d.Bdf, StringComparer.Ordinal))
            {
                json.WriteStartObject();
                json.WriteString("bdf", d.Bdf);
                json.WriteString("class", $"{d.Class:x6}");
                json.WriteString("id", $"{d.Vendor:x4}:{d.Device:x4}");
                json.WriteString("subsystem", $"{d.SubsystemVendor:x4}:{d.SubsystemDevice:x4}");
                json.WriteNumber("revision", d.Revision);
                json.WriteString("driver", d.Driver);
                json.WriteNumber("irq", d.Irq);
                json.WriteBoolean("msi", d.Msi);
                json.WriteBoolean("msix", d.MsiX);
                json.WriteBoolean("busMaster", d.BusMaster);
                json.WriteBoolean("enabled", d.Enabled);
                json.WriteBoolean("virtualFunction", d.VirtualFunction);
                json.WriteString("power", d.PowerState);
                json.WriteString("bridge", d.ParentBridge);
                if (d.IommuGroup is int group)
                    json.WriteNumber("iommuGroup", group);
                if (d.SavedConfig is { } config)
                    json.WriteString("savedConfig", Convert.ToHexStringLower(config));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            UnreadText.Lost(json, vmcore, devices.Damages);
        });
    }
}
