namespace Kdump.Diagnosis.MachineChecks.Records;

/// <summary>
/// One machine check as it was logged, whoever made it and in whatever form it came. What the text does not hold is null: a register
/// that was not printed is not a register of zero (the kernel leaves out ADDR, MISC and SYND when they are zero).
/// </summary>
public sealed class MachineCheck
{
    private readonly List<Source> sources = [];

    /// <summary>The most lines kept of one record; it has five, or a dozen in mcelog's own form.</summary>
    private const int MaxSources = 24;

    public uint? Cpu { get; set; }

    public int? Bank { get; set; }

    public ulong? Status { get; set; }

    public ulong? McgStatus { get; set; }

    public ulong? McgCap { get; set; }

    public ulong? Addr { get; set; }

    public ulong? Misc { get; set; }

    public ulong? Tsc { get; set; }

    /// <summary>Seconds since 1970.</summary>
    public ulong? Time { get; set; }

    public ulong? Ppin { get; set; }

    public ulong? Synd { get; set; }

    public ulong? Synd1 { get; set; }

    public ulong? Synd2 { get; set; }

    public ulong? Ipid { get; set; }

    /// <summary>The bank's unit in words, where a tool printed that and not <see cref="Ipid"/>: <c>Unified Memory Controller</c>.</summary>
    public string? UnitName { get; set; }

    public ulong? Ip { get; set; }

    public byte? Cs { get; set; }

    /// <summary>The kernel's symbol for <see cref="Ip"/>: <c>mwait_idle+0x86/0x160</c>.</summary>
    public string? Symbol { get; set; }

    /// <summary>The kernel's number of the vendor (X86_VENDOR_*): 0 Intel, 2 AMD, 9 Hygon.</summary>
    public uint? Vendor { get; set; }

    public CpuId? Id { get; set; }

    public uint? Socket { get; set; }

    public uint? Apic { get; set; }

    public uint? Microcode { get; set; }

    /// <summary>A management controller's name of the processor: <c>processor 1</c>; it numbers processors in its own way.</summary>
    public string? Package { get; set; }

    /// <summary>Stamp of its first line, in seconds since boot.</summary>
    public double? LogTime { get; set; }

    /// <summary>AMD: the text that the memory controller's firmware stored in SYND1 and SYND2.</summary>
    public string? FruText { get; set; }

    /// <summary>The writer of the lines when it was not the kernel: <c>edac_mce_amd</c>, <c>EDAC</c>.</summary>
    public string? Via { get; set; }

    /// <summary>The node whose northbridge (bank 4 of AMD families 0Fh to 16h) reported it, where the kernel's decoder says so.</summary>
    public int? Northbridge { get; set; }

    /// <summary>The socket and APIC id stood behind a PROCESSOR field, as the kernel prints them, not in mcelog's raw form.</summary>
    internal bool KernelForm { get; set; }

    internal string? Caller { get; set; }

    internal bool Continued { get; set; }

    public IReadOnlyList<Source> Sources => sources;

    /// <summary>The status was read, so there is something to decode.</summary>
    public bool HasStatus => Status is not null;

    public bool IsAmd => Vendor is 2 or 9 || Ipid is not null || Via == "edac_mce_amd";

    /// <summary>A scalable-MCA bank: every AMD from Zen on.</summary>
    public bool IsScalable => Ipid is not null || (IsAmd && Id is { Family: >= 0x17 });

    /// <summary>Memory errors that firmware reported are passed on by the kernel as a bank that does not exist (apei.c, bank -1).</summary>
    public bool FromFirmware => Bank is 255 or -1;

    /// <summary>True: taken in the machine check handler; false: found by polling or a corrected-error interrupt.</summary>
    public bool Exception => (McgStatus & MciStatus.Mcip) is > 0;

    /// <summary>The PCIe root port that an I/O error came through.</summary>
    public PciAddress? RootPort => !IsAmd && Status is { } status && Misc is { } misc ? RootPortOf(status, misc) : null;

    /// <summary>
    /// The code 0E0Bh with a valid MISC, which then holds segment 39:32, bus 31:24, device 23:19 and function 18:16 (Intel's
    /// "Enhanced MCA Logging" paper).
    /// </summary>
    internal static PciAddress? RootPortOf(ulong status, ulong misc) =>
        (status & MciStatus.MiscV) != 0 && (status & 0xefff) == 0x0e0b
            ? new PciAddress((int)((misc >> 32) & 0xff), (byte)((misc >> 24) & 0xff), (byte)((misc >> 19) & 0x1f), (byte)((misc >> 16) & 7))
                : null;

    /// <summary>
    /// What kind of address ADDR is: MCi_MISC[8:6] of processors with software recovery: 0 segment offset, 1 linear, 2 physical, 3 memory,
    /// 7 generic; <see cref="AddressBits"/> low bits of it mean nothing (MCi_MISC[5:0]).
    /// </summary>
    public int? AddressMode => !IsAmd && Misc is { } misc && (Status & MciStatus.MiscV) is > 0 ? (int)((misc >> 6) & 7) : null;

    public int AddressBits => Misc is { } misc ? (int)(misc & 63) : 0;

    /// <summary>
    /// A core used data or instructions that were already marked bad (SRAR, codes 0134h and 0150h; AMD has a bit for it): the victim of
    /// an error, not its place.
    /// </summary>
    public bool ConsumedPoison =>
        IsAmd ? Poisoned && Uncorrected && !OfMemoryController :
        !ContextCorrupt && Status is { } status && (status & (MciStatus.Uc | MciStatus.Ar)) == (MciStatus.Uc | MciStatus.Ar) &&
        (status & 0xefff) is 0x134 or 0x150;

    /// <summary>The record holds no error: VAL is clear, or nothing answered and every bit reads as one.</summary>
    public bool Empty => Status is { } status && ((status & MciStatus.Val) == 0 || status == ulong.MaxValue);

    /// <summary>AMD: the data was known to be bad before.</summary>
    public bool Poisoned => IsAmd && (Status & MciStatus.Poison) is > 0;

    /// <summary>
    /// Zen's memory controllers give the address as the channel counts it; the system's is another. A core gives the system's.
    /// </summary>
    public bool NormalisedAddress => IsAmd && IsScalable && (Ipid is null || OfMemoryController);

    /// <summary>The hardware id of a Zen bank is that of a unified memory controller (MCA_IPID, bits 43:32).</summary>
    private bool OfMemoryController => (Ipid >> 32 & 0xfff) == 0x96;

    public bool Uncorrected => (Status & MciStatus.Uc) is > 0;

    public bool ContextCorrupt => (Status & MciStatus.Pcc) is > 0;

    public bool Overflow => (Status & MciStatus.Over) is > 0;

    public void Add(Source source)
    {
        if (sources.Count < MaxSources)
            sources.Add(source);
    }
}
