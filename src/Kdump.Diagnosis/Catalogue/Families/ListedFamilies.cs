using System.Globalization;

namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>
/// What people paste beside a log: the event log of a BMC (<c>ipmitool sel list</c>, <c>elist</c>), counters of a disk, of a
/// network card, of an array. Each line is one trouble; the device is named in that line or above it.
/// </summary>
internal static class ListedFamilies
{
    private static readonly Fix[] SelFixes =
    [
        new("Read the list with the names of the sensors, and the time of each event beside that of the crash", "ipmitool sel elist"),
        new("Ask the web page of the BMC: it knows the board's names for slots better than ipmitool does"),
    ];

    private static readonly Fix[] WarningFixes =
    [
        new("Back up its data now, then read its complete health report", "smartctl -x /dev/nvme0"),
        new("If the medium, the spare or the reliability is named, replace it at the next opportunity; " +
            "if heat is named, check its cooling first"),
    ];

    public static readonly Family BmcMemory = new("bmc-memory-error", "the machine's BMC logged errors of memory")
    {
        Area = Area.Hardware,
        Cause = "The BMC (or the firmware for it) writes what the hardware reports, also when no kernel runs.",
        Fixes = [.. SelFixes, new("Replace the DIMM that is named; change two of equal kind between slots first to see which one it is")],
        Tellings =
        [
            new("| Memory{e}| Uncorrectable ECC{e}| Asserted", "the BMC logged an uncorrectable memory error ({1}{2})")
                { Subject = 0, Severity = Severity.Error },
            new("Uncorrectable ECC / other uncorrectable memory error @{w}", "the BMC logged an uncorrectable memory error at {1}")
                { Severity = Severity.Error },
            new("DIMM Failure - Uncorrectable Memory Error ({e})", "the machine's firmware logged an uncorrectable memory error: {1}")
                { Severity = Severity.Error },
            new("Uncorrectable Memory Error ({e})", "the machine's firmware logged an uncorrectable memory error: {1}")
                { Severity = Severity.Error },
            new("Correctable ECC / other correctable memory error @{w}", "the BMC logged a corrected memory error at {1}")
                { Severity = Severity.Warning, Confidence = 0.8 },
            new("orrected Memory Error threshold exceeded ({e})", "the machine's firmware counted too many corrected memory errors: {1}")
                { Severity = Severity.Warning },
            new("| Memory{e}| Parity{e}| Asserted", "the BMC logged a parity error of memory ({1}{2})") { Subject = 0 },
            new("| Memory{e}| Correctable ECC logging limit reached{e}| Asserted",
                "the BMC logged so many corrected memory errors that it stopped ({1}{2})") { Subject = 0, Severity = Severity.Warning },
            new("| Memory{e}| Correctable ECC{e}| Asserted", "the BMC logged a corrected memory error ({1}{2})",
                "A single corrected error is no reason to exchange anything; watch whether the same place comes again.")
                { Subject = 0, Severity = Severity.Warning, Confidence = 0.8 },
            new("| Memory *| Uncorrectable memory error", "the BMC logged an uncorrectable memory error")
                { Subject = 0, Severity = Severity.Error },
            new("| Memory *| Correctable memory error", "the BMC logged a corrected memory error",
                "A single corrected error is no reason to exchange anything; watch whether the same place comes again.")
                { Subject = 0, Severity = Severity.Warning, Confidence = 0.8 },
            new("| Memory{e}| Configuration error{e}| Asserted",
            "the BMC logged a faulty configuration of memory ({1}{2})") { Subject = 0 },
        ],
        Origin = "IPMI 2.0 table 42-3, sensor type 0Ch; ipmitool lib/ipmi_sel.c",
    };

    public static readonly Family BmcProcessor = new("bmc-processor-error", "the machine's BMC logged an error of a processor")
    {
        Area = Area.Hardware,
        Severity = Severity.Critical,
        Cause = "The BMC saw the processor's error line. " +
            "IERR and machine checks come from the processor, and as often from what it waited for: memory, a PCIe card, the firmware.",
        Fixes = [.. SelFixes, new("Look for the machine check of that moment in the kernel's log, or in the next boot's (BERT)")],
        Tellings =
        [
            new("| Processor{e}| IERR{e}| Asserted", "the BMC logged an internal error (IERR) of a processor ({1})") { Subject = 0 },
            new("| Processor{e}| Uncorrectable machine check exception{e}| Asserted",
                "the BMC logged an uncorrectable machine check of a processor ({1})") { Subject = 0 },
            new("| Processor{e}| Machine Check Exception{e}| Asserted", "the BMC logged a machine check of a processor ({1})")
                { Subject = 0 },
            new("| Processor CPU Machine Chk{e}| Transition to Non-recoverable{e}| Asserted",
                "the BMC logged a machine check of a processor that it could not recover from") { Subject = 0 },
            new("| Processor{e}| Thermal Trip{e}| Asserted", "a processor switched the machine off because it was too hot ({1})")
                { Subject = 0 },
            new("| Processor *| {t}", "the BMC logged an internal error (IERR) of a processor") { Subject = 0, Holds = Ends("IERR") },
            new("| Processor *| {t}", "a processor switched the machine off because it was too hot")
                { Subject = 0, Holds = Ends("Thermal Trip") },
            new("| Processor *| {t}", "the BMC logged an uncorrectable machine check of a processor")
                { Subject = 0, Holds = Ends("Uncorrectable machine check exception") },
            new("| Processor{e}| Configuration Error{e}| Asserted", "the BMC logged a faulty configuration of a processor ({1})")
                { Subject = 0, Severity = Severity.Error },
        ],
        Origin = "IPMI 2.0 table 42-3, sensor type 07h; ipmitool lib/ipmi_sel.c",
    };

    public static readonly Family BmcBus = new("bmc-bus-error", "the machine's BMC logged an error of a bus")
    {
        Area = Area.Hardware,
        Cause = "PERR, SERR and bus errors come from PCI or PCIe: a card, a slot, a riser.",
        Fixes = [.. SelFixes, new("Look for AER messages of that moment in the kernel's log",
            "dmesg | grep -i -e AER -e 'Hardware Error'")],
        Tellings =
        [
            new("| Critical Interrupt{e}| PCI PERR{e}| Asserted", "the BMC logged a parity error on PCI ({1})") { Subject = 0 },
            new("| Critical Interrupt{e}| PCI SERR{e}| Asserted", "the BMC logged a system error on PCI ({1})") { Subject = 0 },
            new("| Critical Interrupt{e}| Bus Fatal Error{e}| Asserted", "the BMC logged a fatal error on a bus ({1})")
                { Subject = 0, Severity = Severity.Critical },
            new("| Critical Interrupt{e}| Bus Uncorrectable error{e}| Asserted", "the BMC logged an uncorrectable error on a bus ({1})")
                { Subject = 0 },
            new("| Critical Interrupt *| {t}", "the BMC logged a parity error on PCI") { Subject = 0, Holds = Ends("PCI PERR") },
            new("| Critical Interrupt *| {t}", "the BMC logged a system error on PCI") { Subject = 0, Holds = Ends("PCI SERR") },
            new("| Critical Interrupt *| {t}", "the BMC logged an uncorrectable error on a bus")
                { Subject = 0, Holds = Ends("Bus Uncorrectable error") },
            new("| Critical Interrupt *| {t}", "the BMC logged a fatal error on a bus")
                { Subject = 0, Holds = Ends("Bus Fatal Error"), Severity = Severity.Critical },
            new("| Critical Interrupt{e}| Bus Correctable error{e}| Asserted", "the BMC logged a corrected error on a bus ({1})")
                { Subject = 0, Severity = Severity.Warning },
        ],
        Origin = "IPMI 2.0 table 42-3, sensor type 13h; ipmitool lib/ipmi_sel.c",
    };

    public static readonly Family BmcEnvironment = new("bmc-power-or-heat", "the machine's BMC logged trouble with power, heat or a drive")
    {
        Area = Area.Hardware,
        Cause = "Its sensors passed a limit, or a part reported itself faulty.",
        Fixes = [.. SelFixes, new("Check the current values of the sensors", "ipmitool sdr elist")],
        Tellings =
        [
            new("| Temperature{e}| Upper Non-recoverable going high{e}| Asserted", "a sensor was far too hot ({1})") { Subject = 0 },
            new("| Temperature{e}| Upper Critical going high{e}| Asserted", "a sensor passed its critical temperature ({1})")
                { Subject = 0 },
            new("| Voltage{e}| Lower Critical going low{e}| Asserted", "a voltage was too low ({1})") { Subject = 0 },
            new("| Voltage{e}| Lower Non-recoverable going low{e}| Asserted", "a voltage was far too low ({1})") { Subject = 0 },
            new("| Voltage{e}| Upper Critical going high{e}| Asserted", "a voltage was too high ({1})") { Subject = 0 },
            new("| Fan{e}| Lower Critical going low{e}| A", "a fan turned too slowly ({1})") { Subject = 0 },
            new("| Fan{e}| Lower Non-recoverable going low{e}| A", "a fan stood or nearly so ({1})") { Subject = 0 },
            new("| Fan{e}| Lower Non-critical going low{e}| A", "a fan turned slower than it should ({1})",
                "It passed the lower warning limit, not yet the critical one.") { Subject = 0, Severity = Severity.Warning },
            new("| Fan{e}| Transition to Off Line{e}| A", "a fan stands ({1})") { Subject = 0, Severity = Severity.Warning },
            new("| Fan{e}| Fully Redundant{e}| Deasserted", "fans are no longer redundant ({1})")
                { Subject = 0, Severity = Severity.Warning },
            new("| Fan{e}| Redundancy Lost{e}| A", "fans are no longer redundant ({1})") { Subject = 0, Severity = Severity.Warning },
            new("| Power Supply{e}| Failure detected{e}| Asserted", "a power supply failed ({1})") { Subject = 0 },
            new("| Power Supply{e}| Predictive failure{e}| Asserted", "a power supply predicts its failure ({1})")
                { Subject = 0, Severity = Severity.Warning },
            new("| Power Supply{e}| Redundancy Lost{e}| Asserted", "the power supplies are no longer redundant ({1})")
                { Subject = 0, Severity = Severity.Warning },
            new("| Power Supply{e}| Power Supply AC lost{e}| Asserted", "a power supply lost its mains ({1})")
                { Subject = 0, Severity = Severity.Warning },
            new("| {e}| Power Supply  *| Power Supply Failure detected", "a power supply failed ({1})") { Subject = 0 },
            new("| Power Supply Failure detected", "a power supply failed") { Subject = 0 },
            new("| Power Supply input lost", "a power supply lost its mains")
                { Subject = 0, Severity = Severity.Warning },
            new("| Power Supply *| Predictive Failure", "a power supply predicts its failure")
                { Subject = 0, Severity = Severity.Warning },
            new("| Temperature *| At or Above (>=) Upper Critical Threshold", "a sensor passed its critical temperature") { Subject = 0 },
            new("| Temperature *| At or Above (>=) Upper Non-Recoverable Threshold", "a sensor was far too hot") { Subject = 0 },
            new("| Fan *| At or Below (<=) Lower Critical Threshold", "a fan turned too slowly") { Subject = 0 },
            new("| Fan *| At or Below (<=) Lower Non-Recoverable Threshold", "a fan stood or nearly so") { Subject = 0 },
            new("| Voltage *| At or Below (<=) Lower Critical Threshold", "a voltage was too low") { Subject = 0 },
            new("| Voltage *| At or Above (>=) Upper Critical Threshold", "a voltage was too high") { Subject = 0 },
            new("| Drive Slot{e}| Drive Fault{e}| Asserted", "a drive reported itself faulty ({1})") { Subject = 0 },
            new("| Drive Slot{e}| Predictive Failure{e}| Asserted", "a drive predicts its failure ({1})")
                { Subject = 0, Severity = Severity.Warning },
        ],
        Origin = "IPMI 2.0 tables 42-2 and 42-3; ipmitool lib/ipmi_sel.c",
    };

    public static readonly Family DiskReport = new("disk-reports-itself", "the disk's own report shows a problem")
    {
        OfReport = true,
        Area = Area.Hardware,
        Cause = "These are totals that the disk keeps itself: they tell that it happened, not when.",
        Fixes =
        [
            new("Back up its data, then run its self-test", "smartctl -t long /dev/DISK"),
            new("Replace it if the numbers grow, or if it reports itself as worn or faulty"),
        ],
        Tellings =
        [
            new("critical_warning{e}: {w}", "the NVMe disk warns of itself (critical_warning {2})")
                { Subject = 0, Holds = NotZero, Reads = Warnings, Fixes = WarningFixes },
            new("Critical Warning:{e}0x{w}", "the NVMe disk warns of itself (Critical Warning 0x{2})")
                { Subject = 0, Holds = NotZero, Reads = Warnings, Fixes = WarningFixes },
            new("media_errors{e}: {w}", "the NVMe disk counted {2} errors of its medium")
                { Subject = 0, Holds = NotZero, Severity = Severity.Warning },
            new("Media and Data Integrity Errors: {t}", "the NVMe disk counted {1} errors of its medium")
                { Subject = 0, Holds = NotZero, Severity = Severity.Warning },
            new("self-assessment test result: FAILED!", "the disk reports that it is failing (SMART)") { Subject = 0 },
            new("^sd *: [{e}] *Add. Sense: Failure prediction threshold exceeded", "the disk {1} foretells its own failure",
                "The disk's own tests passed a threshold: it works today and is expected to fail soon.") { Subject = 1 },
            new("Add. Sense: Firmware impending failure", "the disk foretells its own failure") { Subject = 0 },
            new("- NVM subsystem reliability has been degraded", "the NVMe disk reports that it is no longer reliable",
                "Too many media errors, an internal error, or its rated endurance is used up (Percentage Used at or above 100).")
                { Subject = 0 },
            new("- available spare has fallen below threshold", "the NVMe disk has hardly any spare blocks left") { Subject = 0 },
            new("- media has been placed in read only mode", "the NVMe disk takes no writes any more") { Subject = 0 },
            new("percentage_used{e}: {w}", "the NVMe disk has used up its rated endurance: Percentage Used is {2}")
                { Subject = 0, Holds = WornOut, Severity = Severity.Warning },
            new("Percentage Used: {t}", "the NVMe disk has used up its rated endurance: Percentage Used is {1}")
                { Subject = 0, Holds = WornOut, Severity = Severity.Warning },
            new("SMART Health Status: FAIL{t}", "the disk reports that it is failing (SMART)") { Subject = 0 },
            // SPC-5, additional sense 5d: what is about to fail, and of what.
            new("SMART Health Status: {e} IMPENDING FAILURE", "the disk foretells its own failure") { Subject = 0 },
            new("offline *Completed: read failure {t}", "the disk's own test found a sector that it cannot read") { Subject = 0 },
            new("offline *Completed: servo/seek failure {t}", "the disk's own test found that its heads do not reach their place")
                { Subject = 0 },
            new("offline *Completed: electrical failure {t}", "the disk's own test found an electrical fault") { Subject = 0 },
            new("offline *Completed: unknown failure {t}", "the disk's own test failed") { Subject = 0 },
            new("Background long *Failed in segment {t}", "the disk's own long test failed") { Subject = 0 },
        ],
        Origin = "nvme-cli nvme-print-stdout.c, smartmontools ataprint.cpp, nvmeprint.cpp, scsiprint.cpp",
    };

    public static readonly Family NicCounters = new("nic-counts-errors", "the network card counted errors on its wire")
    {
        OfReport = true,
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Confidence = 0.7,
        Cause = "Frames came with a wrong checksum: " +
            "a cable, a plug, a transceiver, or the other end. Counters run since the driver was loaded.",
        Fixes =
        [
            new("Read them twice, a minute apart: only what grows is trouble", "ethtool -S INTERFACE | grep -i -e crc -e err"),
            new("Replace the cable or transceiver, or use another port of the switch"),
        ],
        Tellings =
        [
            new("rx_crc_errors: {w}", "the network card counted {1} frames with a wrong checksum") { Subject = 0, Holds = Many },
            new("rx_crc_errors_phy: {w}", "the network card counted {1} frames with a wrong checksum") { Subject = 0, Holds = Many },
            new("link_down_events_phy: {w}", "the network card counted {1} times that its link went down",
                "The link went down on the wire: a cable, a transceiver, or the other end.") { Subject = 0, Holds = Many },
            new("rx_symbol_err_phy: {w}", "the network card counted {1} symbols that its wire damaged") { Subject = 0, Holds = Many },
        ],
        Origin = "`ethtool -S` of igb, ixgbe, i40e, ice, e1000e, bnxt_en, mlx5",
    };

    public static readonly Family NicTimeouts = new("nic-counts-timeouts", "the network card's transmit queues stood still")
    {
        OfReport = true,
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Confidence = 0.8,
        Cause = "Packets were handed to the card and not sent in time: " +
            "firmware, driver, or a lost interrupt. Counters run since the driver was loaded.",
        Fixes = [new("Look for the moment in the kernel's log, and update driver and firmware",
            "dmesg | grep -i -e 'timed out' -e hang; ethtool -i INTERFACE")],
        Tellings =
        [
            new("tx_timeout: {w}", "the network card's transmit queues stood still {1} times") { Subject = 0, Holds = Counted },
            new("tx_timeout_count: {w}", "the network card's transmit queues stood still {1} times") { Subject = 0, Holds = Counted },
        ],
        Origin = "`ethtool -S` of i40e, igb, hns3, ixgbe, ena",
    };

    public static readonly Family NicDrops = new("nic-counts-drops", "the network card dropped what it received")
    {
        OfReport = true,
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Confidence = 0.6,
        Cause = "No receive buffer was free: " +
            "packets came faster than the CPUs took them out of the ring. Not the wire. Counters run since the driver was loaded.",
        Fixes =
        [
            new("Read them twice, a minute apart: only what grows is trouble", "ethtool -S INTERFACE | grep -i -e drop -e miss -e buf"),
            new("Give it larger rings and more queues, and spread its interrupts over the CPUs",
                "ethtool -g INTERFACE; ethtool -l INTERFACE"),
        ],
        Tellings =
        [
            .. new[] { "rx_missed_errors", "rx_no_buffer_count", "rx_no_dma_resources", "rx_fifo_errors", "rx_out_of_buffer",
                "rx_discards_phy",
                "rx_dropped", "rx_over_errors", "rx_drops_no_pbuf", "rx_drops_no_erx_descr", "rx_drops_no_frags", "rx_drops_no_skbs" }
                .Select(c => new Telling($"{c}: {{w}}", "the network card counted {1} packets that it dropped for want of buffers (" + c +
                    ")")
                { Subject = 0, Holds = Thousands }),
        ],
        Origin = "`ethtool -S` of e1000e, igb, ixgbe, i40e, mlx5, be2net, tg3",
    };

    public static readonly Family MsrRefused = new("msr-access-refused", "a model-specific register was refused")
    {
        Area = Area.Crashing,
        Severity = Severity.Info,
        Confidence = 0.85,
        Cause = "The kernel asked the processor for a register that this one, or the hypervisor around it, does not have; " +
            "it continues without. In a guest the hypervisor's settings decide (CPU model, kvm ignore_msrs). " +
            "It matters only where something that needs the register does not work.",
        Fixes = [new("Newer microcode and firmware, or in a guest another CPU model (host-passthrough)")],
        Tellings =
        [
            new("unchecked MSR access error: WRMSR to {w} (tried to write {e}) at {t}", "the processor refused a write to register {1}"),
            new("unchecked MSR access error: RDMSR from {w} at {t}", "the processor refused a read of register {1}"),
        ],
        Origin = "arch/x86/mm/extable.c ex_handler_msr",
    };

    public static readonly Family[] All = [BmcMemory, BmcProcessor, BmcBus, BmcEnvironment, DiskReport, NicCounters, NicTimeouts,
        NicDrops, MsrRefused];

    /// <summary>NVM Express base specification, SMART / Health Information log, byte 0.</summary>
    private static readonly string[] WarningBits =
    [
        "its spare blocks are below their threshold", "its temperature is beyond a threshold",
        "its reliability is degraded: " +
            "too many media errors, an internal error, or its rated endurance is used up (Percentage Used at or above 100)",
        "its medium was put into read-only mode", "the backup of its volatile memory failed", "its persistent memory is not reliable",
    ];

    private static string? Warnings(IReadOnlyList<string> taken)
    {
        string text = taken[^1].StartsWith("0x", StringComparison.Ordinal) ? taken[^1][2..] : taken[^1];
        if (!byte.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte bits))
            return null;
        string[] set = [.. WarningBits.Where((_, i) => (bits >> i & 1) != 0)];
        return set.Length == 0 ? null : $"The bits of the warning say: {string.Join("; ", set)}.";
    }

    /// <summary>
    /// The event of FreeIPMI's ipmi-sel ends the line: <c>12 | Jul-20-2017 | 10:29:49 | name | type | state | event</c>; ipmitool
    /// prints Asserted or Deasserted after it.
    /// </summary>
    private static Func<IReadOnlyList<string>, bool> Ends(string what) => taken =>
        taken[^1].Trim() is var rest && (rest == what || rest.EndsWith($"| {what}", StringComparison.Ordinal));

    private static bool NotZero(IReadOnlyList<string> taken) => taken[^1].Any(c => c is >= '1' and <= '9' or >= 'a' and <= 'f');

    /// <summary>The registers of a card that is gone read as all ones, which is no count.</summary>
    private static bool Counted(IReadOnlyList<string> taken) => long.TryParse(taken[^1], out long count) && count is > 0 and
        not uint.MaxValue;

    private static bool WornOut(IReadOnlyList<string> taken) =>
        int.TryParse(taken[^1].Trim().TrimEnd('%'), out int used) && used is >= 100 and < 256;

    private static bool Thousands(IReadOnlyList<string> taken) => long.TryParse(taken[^1], out long count) && count is >= 100_000 and
        not uint.MaxValue;

    private static bool Many(IReadOnlyList<string> taken) => long.TryParse(taken[^1], out long count) && count is >= 10 and
        not uint.MaxValue;
}
