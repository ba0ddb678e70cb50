namespace Kdump.Diagnosis.Catalogue.Devices;

/// <summary>What a POWER processor reports of itself: it has no machine-check banks; the kernel prints words.</summary>
internal static class Power
{
    public static readonly DeviceFamily Maintenance = new("hypervisor-maintenance-interrupt",
        "a POWER processor reported a malfunction (hypervisor maintenance interrupt) {device}")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Confidence = 0.9,
        Cause = "The processor or the chip around it asked the kernel for attention. \"Malfunction Alert\" is a unit that stopped " +
            "(a core, an accelerator's link, a PCI host bridge); the firmware's log names it. What is recovered did no harm by itself; " +
            "when it comes back, the hardware is failing.",
        Words = """
            -- | C | Fatal Hypervisor Maintenance interrupt [Not recovered] | a fatal one was not recovered
            -- | | Fatal Hypervisor Maintenance interrupt [Recovered] | a fatal one was recovered
            -- | E | Severe Hypervisor Maintenance interrupt [Not recovered] | a severe one was not recovered
            -- | | Severe Hypervisor Maintenance interrupt [Recovered] | a severe one was recovered
            -- | E | Hypervisor Maintenance interrupt [Not recovered] | it was not recovered
            -- | + | Error detail: {t} | the detail: {1}
            -- | + | Core check stop | a core stopped (checkstop)
            -- | + | NX checkstop on {t} | an accelerator stopped ({1})
            """,
        Ways =
        [
            new("Read firmware's log of that moment: it names the unit", "cat /sys/firmware/opal/msglog; opal-elog-parse"),
            new("Look at the PCI host bridges and accelerators that failed at the same time", "dmesg | grep -e EEH -e cxl"),
        ],
        Origin = "arch/powerpc/platforms/powernv/opal-hmi.c",
    };

    public static readonly DeviceFamily MachineCheck = new("power-machine-check", "a POWER processor reported a machine check {device}")
    {
        Area = Area.Hardware,
        Confidence = 0.9,
        Cause = "UE is an uncorrected error of memory or a cache: the DIMM, or the processor. A multihit of SLB, ERAT or TLB is mostly " +
            "recovered by emptying the table; a wrong entry that software made looks the same. Link and timeout errors are of the bus " +
            "to another chip.",
        Words = """
            -- | C | Fatal Machine check interrupt [Not recovered] | a fatal one was not recovered
            -- | | Fatal Machine check interrupt [Recovered] | a fatal one was recovered
            -- | | Severe Machine check interrupt [Not recovered] | a severe one was not recovered
            -- | W | Severe Machine check interrupt [Recovered] | a severe one was recovered
            -- | W | Warning Machine check interrupt [ | it was a warning
            - | C | ^MCE: {e}: machine check (Fatal) {t} | fatal: {2}
            - | | ^MCE: {e}: machine check (Severe) * [Not recovered] | a severe one was not recovered
            - | W | ^MCE: {e}: machine check (Severe) * [Recovered] | a severe one was recovered
            - | | ^MCE: {e}: machine check (Severe) {t} | severe: {2}
            - | W | ^MCE: {e}: machine check (Warning) {t} | {2}
            -- | + | Error type: {t} | its type: {1}
            -- | + | Physical address: {t} | physical address {1}
            """,
        Ways =
        [
            new("Read the error log of firmware or of the service processor: it names the part",
                "cat /sys/firmware/opal/msglog; servicelog --dump"),
            new("Look for memory that was taken out of use", "dmesg | grep -wiE 'ue|memory failure'"),
        ],
        Origin = "arch/powerpc/kernel/mce.c machine_check_print_event_info(), in its forms before and since 4.20",
    };
}
