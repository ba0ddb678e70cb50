namespace Kdump.Diagnosis.MachineChecks;

/// <summary>What to do about a machine check of a kind.</summary>
public static class MceAdvice
{
    /// <param name="label">EDAC's name of the place: EDAC knows how addresses are interleaved, the record does not.</param>
    /// <param name="repeated">The same place made more than one error: no need to wait for the next.</param>
    /// <param name="gone">Pages that are out of use already.</param>
    public static IReadOnlyList<Fix> For(MceEvent e, string? label = null, bool repeated = false, IReadOnlySet<ulong>? gone = null)
    {
        bool corrected = e.Severity is "corrected" or "deferred";
        return e.Kind switch
        {
            _ when e.Record.ConsumedPoison =>
            [
                new($"Find the DIMM {(label is not null ? $"({label}) " : "")}behind " +
                    $"{(e.Record.Addr is { } bad ? $"physical address 0x{bad:x}" : "the address")}, not another processor: " +
                    "earlier corrected or deferred records of that address, " +
                    "EDAC, and the management controller's event log name it", "dmidecode -t memory"),
            ],
            MceKind.Memory => Memory(e, corrected && !repeated, corrected, label, gone),
            MceKind.InputOutput when !(e.IsAmd && corrected) => InputOutput(e),
            MceKind.Timer =>
            [
                new("Look for what the core waited for before suspecting the processor: " +
                    "a read from a PCIe device that was never answered ends in this error. " +
                    "Check AER, DMAR/AMD-Vi and driver lines just before it, and the management controller's event log"),
                new("If nothing else points at a device: " +
                    "update firmware (BIOS) and microcode, check power and temperature, then replace the processor"),
            ],
            MceKind.Bus or MceKind.Link or MceKind.InputOutput when e.IsAmd && corrected =>
            [
                new("Set memory, fabric clock and voltages to the maker's defaults (no overclocking), " +
                    "update firmware (BIOS, AGESA), and watch whether it comes again; then suspect power, the processor or the board"),
            ],
            MceKind.Bus or MceKind.Link when e.IsAmd =>
            [
                new("Check both ends of the path: reseat processors, DIMMs and boards, look at link and memory errors " +
                    "(HyperTransport, Infinity Fabric, DRAM) in the management controller's event log, update firmware"),
            ],
            MceKind.Bus when e.DramIfAmd =>
            [
                new("Find out whose processor it is. If it is an AMD Opteron or Athlon 64 (K8, K10), find the DIMM behind " +
                    $"{(e.Record.Addr is { } at ? $"physical address 0x{at:x}" : "the address")} and replace it: " +
                    "EDAC or the management controller's event log names it", "lscpu; dmidecode -t memory"),
                new("If it is not: check the link's other end as well, reseat processors and boards, update firmware"),
            ],
            MceKind.Bus or MceKind.Link =>
            [
                new("Check the link's other end as well: reseat processors and boards, " +
                    "look at QPI/UPI or fabric errors in the management controller's event log, update firmware"),
            ],
            MceKind.Cache or MceKind.Tlb when corrected =>
            [
                repeated || e.Yellow
                    ? new("Undo overclocking and undervolting, update firmware (BIOS, microcode) and check temperature and power; " +
                        "if the same cache reports more errors, replace the processor")
                    : new("Watch it: the same CPU and cache again and again is a processor to exchange; " +
                        "take back overclocking and undervolting first"),
            ],
            MceKind.Thermal => [new("Check fans, air flow and heat sinks, and the inlet temperature in the management controller")],
            MceKind.PowerUnit =>
                [new("Update firmware (BIOS, " +
                "microcode) and check power supplies and voltage regulators in the management controller's event log; " +
                "the unit manages power, not data")],
            _ =>
            [
                new("Update microcode and firmware; check temperature and power; " +
                    "if the same processor reports it again, move it to another socket: an error that moves with it is the processor's"),
            ],
        };
    }

    private static Fix[] Memory(MceEvent e, bool wait, bool corrected, string? label, IReadOnlySet<ulong>? gone)
    {
        string where;
        if (label is not null)
            where = $"({label})";
        else if (e.Record.FruText is { } fru)
            where = $"({fru})";
        else if (e.Unit.Length > 0)
            where = $"({e.Unit}{(e.Record.Socket is { } s ? $" of socket {s}" : "")})";
        else
            where = "(the channel and the machine's manual, EDAC's label, or the management controller's event log name it)";
        Fix exchange = new($"Find the DIMM {where} and replace it{(wait ? " when the same place shows up again" : "")}",
            "dmidecode -t memory");
        if (!corrected)
            return [exchange];
        // The address of a Zen memory controller counts within its channel, so it does not give the number of the page.
        return e.Record.Addr is > 0xfff and var addr && e.Record.AddressMode is null or 2 && !e.Record.NormalisedAddress &&
            gone?.Contains(addr >> 12) != true
            ? [exchange, new($"Meanwhile take the page out of use: physical address 0x{addr & ~0xffful:x}",
                $"echo 0x{addr & ~0xffful:x} > /sys/devices/system/memory/soft_offline_page",
                "moves the page's content; costs one page")]
            : [exchange];
    }

    private static Fix[] InputOutput(MceEvent e) =>
    [
        e.Record.RootPort is { } port
            ? new($"Look at the devices behind root port {port}, not at the processor: it only passed their error on",
                $"lspci -vvv -s {port}")
            : new("Look at PCIe devices and the IOMMU, not at the processor: " +
                "it only passed their error on. AER, DMAR/AMD-Vi and driver lines near this one name the device", "lspci -vvv"),
        new("If it began with a kernel update, compare the two kernels' configs (kdt kconfig diff): " +
            "an IOMMU that became the default turns harmless stray DMA into errors. " +
            "intel_iommu=off or iommu=pt on the command line is the test",
            Risk: "without an IOMMU a device can write to any memory, and devices cannot be given to guests safely"),
    ];
}
