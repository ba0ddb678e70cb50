using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Vectors;

/// <summary>What the crash kernel is started with, as far as it decides how many vectors its drivers ask for.</summary>
/// <param name="Cpus">CPUs that run: <c>nr_cpus=</c> or <c>maxcpus=</c>.</param>
/// <param name="Possible">
/// CPUs the kernel prepares for. nr_cpus= limits them; maxcpus= does not, so queues, managed interrupts and per-CPU memory stay those of
/// the whole machine (kernel/smp.c, drivers that ask num_possible_cpus or nr_cpu_ids).
/// </param>
public sealed record CaptureConditions(int Cpus, int Possible)
{
    public CaptureConditions(int cpus) : this(cpus, cpus) { }

    /// <summary><c>pci=nomsi</c>: every device falls back to its pin.</summary>
    public bool NoMsi { get; init; }

    /// <summary><c>pcie_ports=compat</c>: no port services, so no vectors for root ports.</summary>
    public bool PortsCompat { get; init; }

    /// <summary><c>pci=noaer</c>: no error reporting service.</summary>
    public bool NoAer { get; init; }

    /// <summary>Interrupts are remapped by the IOMMU, so a device may have several MSI messages (drivers/pci/msi).</summary>
    public bool Remapping { get; init; }

    /// <summary><c>reset_devices</c>: some storage drivers then use one queue.</summary>
    public bool ResetDevices { get; init; } = true;

    /// <summary><c>usbcore.nousb</c>: usb_hcd_pci_probe in drivers/usb/core/hcd-pci.c and xhci-pci.c refuse every controller.</summary>
    public bool NoUsb { get; init; }

    /// <summary>The IOMMU's own interrupts are not set up.</summary>
    public bool NoIommu { get; init; }

    public static CaptureConditions Of(CommandLine line, int cpus, int possible, bool remappingNow)
    {
        string pci = "," + string.Join(',', line.Parameters.Where(p => p.Name == "pci").Select(p => p.Value)) + ",";
        bool noIommu = line.Last("intel_iommu") == "off" || line.Last("amd_iommu") == "off" || line.Last("iommu") == "off";
        return new(cpus, Math.Max(cpus, possible))
        {
            NoMsi = pci.Contains(",nomsi,", StringComparison.Ordinal),
            NoAer = pci.Contains(",noaer,", StringComparison.Ordinal),
            PortsCompat = line.Last("pcie_ports") == "compat",
            ResetDevices = line.Last("reset_devices") is not null,
            NoIommu = noIommu,
            NoUsb = line.Last("usbcore.nousb") is not null and not ("0" or "n" or "N"),
            Remapping = remappingNow && line.Last("intremap") != "off" && line.Last("nointremap") is null && line.Last("iommu") != "off",
        };
    }
}
