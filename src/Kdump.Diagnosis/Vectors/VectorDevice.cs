namespace Kdump.Diagnosis.Vectors;

/// <summary>One PCI function of the healthy machine, with what decides how many vectors it will take in the crash kernel.</summary>
/// <param name="Driver">The PCI driver bound now; empty for none.</param>
/// <param name="Module">
/// The driver that will ask for its interrupts in the crash kernel, by module name; for a virtio function that of the device behind it.
/// Empty: none will.
/// </param>
public sealed record VectorDevice(Source Source, PciAddress Address, int Class, string Driver, string Module) : Fact(Source)
{
    /// <summary>The driver is part of the kernel: it probes before every module.</summary>
    public bool Builtin { get; init; }

    /// <summary>False: no image was given, and whether the driver is in it decides.</summary>
    public bool InImage { get; init; } = true;

    /// <summary>Its driver is not in the image but on the machine's root, to which the crash kernel goes on.</summary>
    public bool FromRoot { get; init; }

    /// <summary>Rows of its MSI-X table; 0 for none.</summary>
    public int MsixTable { get; init; }

    /// <summary>Messages its MSI capability offers; 0 for none.</summary>
    public int MsiMessages { get; init; }

    /// <summary>Each of its messages can be masked: then they are only reserved until they are requested.</summary>
    public bool MsiMaskable { get; init; }

    /// <summary>Vectors it has allocated on the running kernel (msi_irqs).</summary>
    public int Allocated { get; init; }

    /// <summary>Allocated vectors that are also requested: rows of /proc/interrupts.</summary>
    public int Requested { get; init; }

    /// <summary>CPUs that ran when that was counted; 0 when it was not.</summary>
    public int CpusNow { get; init; }

    /// <summary>The interrupt pin it uses now, where it uses no message.</summary>
    public int? Line { get; init; }

    /// <summary>Type of a PCIe port: root port 4, upstream 5, downstream 6, event collector 10; -1 if it is no PCIe device.</summary>
    public int PortType { get; init; } = -1;

    /// <summary>
    /// Interrupt message numbers of the port services that were granted: PME and hotplug, AER, DPC; null where not known.
    /// </summary>
    public PortMessages? Messages { get; init; }

    /// <summary>A network interface: whether the crash kernel brings it up; null where that is not known or it has none.</summary>
    public bool? Up { get; init; }

    /// <summary>The dump goes through it.</summary>
    public bool OnTargetPath { get; init; }

    /// <summary>It is below a VMD whose interrupts are multiplexed: segment 0x10000 and above.</summary>
    public bool BehindVmd => Address.Segment >= 0x10000;

    /// <summary>A host controller of USB (UHCI, OHCI, EHCI, XHCI), which has no driver where usbcore.nousb is set.</summary>
    public bool IsUsb => Class is 0x0C0300 or 0x0C0310 or 0x0C0320 or 0x0C0330;

    /// <summary>The device can signal by messages: it has a capability for them.</summary>
    public bool HasMessages => MsixTable > 0 || MsiMessages > 0;
}

/// <summary>
/// Message numbers that a PCIe port's services signal with; -1 for a service that is not there (PCIe r5 7.5.3.2, 7.8.4.10, 7.9.15.2).
/// </summary>
public readonly record struct PortMessages(int Pme, int Aer, int Dpc)
{
    public int Distinct(bool withoutAer)
    {
        var seen = new HashSet<int>();
        foreach (int number in withoutAer ? new[] { Pme } : [Pme, Aer, Dpc])
        {
            if (number >= 0)
                seen.Add(number);
        }
        return seen.Count;
    }
}
