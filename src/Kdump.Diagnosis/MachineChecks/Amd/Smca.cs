using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.MachineChecks.Amd;

/// <summary>
/// What stands behind a bank of a Zen processor: MCA_IPID holds the hardware id in bits 43:32 and the type in bits 63:48, so a record
/// can be decoded without its machine (arch/x86/kernel/cpu/mce/amd.c smca_hwid_mcatypes; AMD's Processor Programming References).
/// </summary>
public sealed class Smca
{
    private static readonly CodeTable None = CodeTable.Reserved(6);

    private static readonly Smca[] All =
    [
        new("LS", 0xb0, 0x0, "Load Store Unit", SmcaCore.LoadStore),
        new("LS_V2", 0xb0, 0x10, "Load Store Unit", SmcaCore.LoadStoreV2),
        new("IF", 0xb0, 0x1, "Instruction Fetch Unit", SmcaCore.Fetch),
        new("L2_CACHE", 0xb0, 0x2, "L2 Cache", SmcaCore.L2),
        new("DE", 0xb0, 0x3, "Decode Unit", SmcaCore.Decode),
        new("RESERVED", 0x0, 0x0, "Reserved", None),
        new("EX", 0xb0, 0x5, "Execution Unit", SmcaCore.Execution),
        new("FP", 0xb0, 0x6, "Floating Point Unit", SmcaCore.FloatingPoint),
        new("L3_CACHE", 0xb0, 0x7, "L3 Cache", SmcaCore.L3),
        new("CS", 0x2e, 0x0, "Coherent Slave", SmcaFabric.Coherent),
        new("PIE", 0x2e, 0x1, "Power, Interrupts, etc.", SmcaFabric.Power),
        new("CS_V2", 0x2e, 0x2, "Coherent Slave", SmcaFabric.CoherentV2),
        new("MA_LLC", 0x2e, 0x4, "Memory Attached Last Level Cache", SmcaFabric.MemoryCache),
        new("UMC", 0x96, 0x0, "Unified Memory Controller", SmcaFabric.Memory),
        new("UMC_V2", 0x96, 0x1, "Unified Memory Controller v2", SmcaFabric.MemoryV2),
        new("PB", 0x5, 0x0, "Parameter Block", SmcaManagement.Parameter),
        new("PSP", 0xff, 0x0, "Platform Security Processor", SmcaManagement.Security),
        new("PSP_V2", 0xff, 0x1, "Platform Security Processor", SmcaManagement.SecurityV2),
        new("SMU", 0x1, 0x0, "System Management Unit", SmcaManagement.Management),
        new("SMU_V2", 0x1, 0x1, "System Management Unit", SmcaManagement.ManagementV2),
        new("MP5", 0x1, 0x2, "Microprocessor 5 Unit", SmcaManagement.Microprocessor5),
        new("MPDMA", 0x1, 0x3, "MPDMA Unit", SmcaManagement.DmaProcessor),
        new("NBIO", 0x18, 0x0, "Northbridge IO Unit", SmcaLinks.IoHub),
        new("PCIE", 0x46, 0x0, "PCI Express Unit", SmcaLinks.Pcie),
        new("PCIE_V2", 0x46, 0x1, "PCI Express Unit", SmcaLinks.PcieV2),
        new("XGMI_PCS", 0x50, 0x0, "Ext Global Memory Interconnect PCS Unit", SmcaLinks.XgmiPcs),
        new("NBIF", 0x6c, 0x0, "NBIF Unit", SmcaLinks.Nbif),
        new("SHUB", 0x80, 0x0, "System Hub Unit", SmcaLinks.Nbif),
        new("SATA", 0xa8, 0x0, "SATA Unit", SmcaLinks.Sata),
        new("USB", 0xaa, 0x0, "USB Unit", SmcaLinks.Usb),
        new("USR_DP", 0x170, 0x0, "Ultra Short Reach Data Plane Controller", SmcaLinks.ReachData),
        new("USR_CP", 0x180, 0x0, "Ultra Short Reach Control Plane Controller", SmcaLinks.ReachControl),
        new("GMI_PCS", 0x241, 0x0, "Global Memory Interconnect PCS Unit", SmcaLinks.GmiPcs),
        new("XGMI_PHY", 0x259, 0x0, "Ext Global Memory Interconnect PHY Unit", SmcaLinks.Phy),
        new("WAFL_PHY", 0x267, 0x0, "WAFL PHY Unit", SmcaLinks.Phy),
        new("GMI_PHY", 0x269, 0x0, "Global Memory Interconnect PHY Unit", SmcaLinks.Phy),
    ];

    private readonly CodeTable codes;

    private Smca(string name, uint hardware, uint type, string words, CodeTable codes)
    {
        Name = name;
        Hardware = hardware;
        Type = type;
        Words = words;
        this.codes = codes;
    }

    /// <summary>As AMD and the kernel abbreviate it: <c>UMC</c>.</summary>
    public string Name { get; }

    public uint Hardware { get; }

    public uint Type { get; }

    /// <summary>The unit as the kernel prints it.</summary>
    public string Words { get; }

    public bool IsMemory => Hardware == 0x96;

    /// <summary>The kernel has no long name for these and prints "(null)".</summary>
    internal bool KernelPrintsNull => Name is "MA_LLC" or "USR_DP" or "USR_CP";

    /// <summary>The unit that an IPID names; null for one that is not known.</summary>
    public static Smca? Find(ulong ipid) => Array.Find(All, u => u.Hardware == ((ipid >> 32) & 0xfff) && u.Type == ipid >> 48);

    /// <summary>The unit that reported a record: by its IPID, or by the name that rasdaemon keeps in its place.</summary>
    public static Smca? Of(MachineCheck r)
    {
        if (r.Ipid is { } ipid)
            return Find(ipid);
        return r.UnitName is { } name ? Array.Find(All, u => u.Words == name) : null;
    }

    /// <summary>
    /// The meaning of the extended code. Genoa and related processors number the codes of the coherent stations differently
    /// (erratum 1384), and MI300's memory controllers have codes of their own.
    /// </summary>
    public string? Meaning(ulong status, CpuId id)
    {
        CodeTable table = (Name, id.Family, id.Model) switch
        {
            ("CS_V2", 0x19, (>= 0x10 and <= 0x1f) or (>= 0x60 and <= 0x7b) or (>= 0xa0 and <= 0xaf)) => SmcaFabric.CoherentGenoa,
            ("CS_V2", 0x1a, >= 0x40 and <= 0x4f) => SmcaFabric.CoherentGenoa,
            ("UMC", 0x19, >= 0x90 and <= 0x9f) => SmcaFabric.MemoryMi300,
            _ => codes,
        };
        return table[(status >> 16) & 0x3f];
    }

    /// <summary>The place of a DRAM error: the controller's number and the chip select; on MI300 only the die.</summary>
    public string? Location(ulong status, ulong ipid, ulong? synd, CpuId id)
    {
        if (!IsMemory || ((status >> 16) & 0x3f) != 0)
            return null;
        uint channel = (uint)((ipid >> 20) & 0xfff);
        if (Name == "UMC_V2")
        {
            ulong lane = (ipid >> 12) & 15;
            return $"HBM stack {channel / 2}, channel {(channel % 2 != 0 ? lane + 4 : lane)}";
        }
        if (id is { Family: 0x19, Model: >= 0x90 and <= 0x9f })
            return $"die {((ipid >> 44) & 15) / 4}";
        return $"memory channel {channel}" + (synd is { } s ? $", chip select {s & 7}" : "");
    }
}
