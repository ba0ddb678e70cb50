namespace Kdump.Diagnosis.Evidence.Pci;

/// <summary>What a device can do about SR-IOV, and does.</summary>
/// <param name="Offset">First VF's distance to the PF in routing ids.</param>
public sealed record SriovState(bool Enabled, int Total, int Active, int Offset, int Stride, string DeviceId)
{
    /// <summary>The routing id of each active VF; they may lie on a later bus.</summary>
    public IEnumerable<PciAddress> Functions(PciAddress pf)
    {
        for (int i = 0; i < Math.Min(Active, 256); i++)
        {
            int id = pf.RequesterId + Offset + (i * Stride);
            if (id > 0xffff)
                yield break;
            yield return PciAddress.FromRequesterId(pf.Segment, id);
        }
    }
}

/// <summary>A link as a port or device states it.</summary>
public sealed record PciLink(string Speed, int Width);

/// <summary>One PCI function as lspci shows it, or its config space says; what was not shown is null.</summary>
public sealed record LspciFunction(Source Source, PciAddress Address) : Fact(Source)
{
    /// <summary>The class in words, or as a number with -n: <c>Ethernet controller</c>, <c>0200</c>.</summary>
    public string Class { get; set; } = "";

    /// <summary>Vendor and device in words, or as <c>vvvv:dddd</c> with -n.</summary>
    public string Name { get; set; } = "";

    /// <summary><c>15b3:1003</c>, where shown (-n, -nn, or config space).</summary>
    public string? Ids { get; set; }

    public string? Driver { get; set; }

    /// <summary>The modules that fit it: the text behind <c>Kernel modules:</c>.</summary>
    public string? Modules { get; set; }

    /// <summary>The listing shows drivers, so a device without one has none.</summary>
    public bool ShowsDriver { get; set; }

    public bool? BusMaster { get; set; }

    public bool? Memory { get; set; }

    public int? Numa { get; set; }

    public int? Group { get; set; }

    public int? Secondary { get; set; }

    public int? Subordinate { get; set; }

    /// <summary>Endpoint, Root Port …, without the slot sign.</summary>
    public string? PortType { get; set; }

    public PciLink? LinkCan { get; set; }

    public PciLink? Link { get; set; }

    public bool LinkMarkedDowngraded { get; set; }

    public bool HasAer { get; set; }

    public uint UeStatus { get; set; }

    public uint UeMask { get; set; }

    public uint CeStatus { get; set; }

    public uint CeMask { get; set; }

    public string? HeaderLog { get; set; }

    /// <summary>The listing shows capabilities, so a missing one does not exist.</summary>
    public bool ShowsExtended { get; set; }

    /// <summary>What was shown of it can show that something is wrong; names and ids cannot.</summary>
    public bool ShowsState => ShowsExtended || HasAer || Link is not null || BusMaster is not null;

    /// <summary>What Access Control Services can do and what is switched on; null where the capability was not shown.</summary>
    public string? AcsCan { get; set; }

    public string? AcsDoes { get; set; }

    public bool Ari { get; set; }

    public SriovState? Sriov { get; set; }

    public int? MsiX { get; set; }

    public bool MsiXEnabled { get; set; }

    public int? Msi { get; set; }

    public bool MsiEnabled { get; set; }

    public List<string> Bars { get; } = [];

    public bool IsBridge => Class.Contains("bridge", StringComparison.OrdinalIgnoreCase) &&
        Class.Contains("PCI", StringComparison.Ordinal) || Class.StartsWith("0604", StringComparison.Ordinal) || Secondary is not null;
}
