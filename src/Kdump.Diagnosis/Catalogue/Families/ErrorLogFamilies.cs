namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>
/// Logs that devices and firmware keep themselves and people paste as they are: the error log of an NVMe disk (<c>nvme error-log</c>,
/// <c>smartctl -x</c>), the messages of OPAL (<c>/sys/firmware/opal/msglog</c>) and of hostboot before it.
/// </summary>
internal static class ErrorLogFamilies
{
    public static readonly Family Refused = new("nvme-log-command-refused",
        "the error log of an NVMe disk holds commands that it does not know")
    {
        Area = Area.Hardware,
        Severity = Severity.Info,
        Confidence = 0.9,
        Cause = "Every disk refuses commands and log pages that it does not have, and notes that in its error log; " +
            "the kernel and tools ask for them at each start. " +
            "It is no fault of the disk: no data was concerned. A growing count of such entries is harmless.",
        Fixes = [new("Check the relevant values: media errors, spare, warnings", "nvme smart-log /dev/nvme0")],
        Tellings =
        [
            .. Of("Invalid Field in Command", "INVALID_FIELD", "Invalid Field"),
            .. Of("Invalid Command Opcode", "INVALID_OPCODE", "Invalid Opcode"),
            .. Of("Invalid Log Page", "INVALID_LOG_PAGE", "Invalid Log Page"),
            .. Of("Feature Identifier Not Saveable", "FEATURE_NOT_SAVEABLE", "Feature Not Saveable"),
            .. Of("Invalid Namespace or Format", "INVALID_NS", "Invalid Namespace"),
        ],
        Origin = "NVM Express base specification, Error Information log and status codes; " +
            "nvme-cli nvme-print-stdout.c; smartmontools nvmeprint.cpp",
    };

    public static readonly Family MediaLogged = new("nvme-log-media-error", "the error log of an NVMe disk holds errors of its medium")
    {
        Area = Area.Hardware,
        Cause = "The disk noted that it could not give back what was written, or could not write. The blocks are named in its log (lba).",
        Fixes =
        [
            new("Back up its data; read its counters and run its self-test",
                "nvme smart-log /dev/nvme0; nvme device-self-test /dev/nvme0"),
            new("Exchange it when they grow"),
        ],
        Tellings =
        [
            .. Medium("Unrecovered Read Error", "UNRECOVERED_READ", "a block cannot be read"),
            .. Medium("Write Fault", "WRITE_FAULT", "a write failed"),
            .. Medium("End-to-end Guard Check Error", "GUARD_CHECK", "a block's check value is wrong"),
            .. Medium("Internal Error", "INTERNAL", "an internal error"),
            .. Medium("Data Transfer Error", "DATA_XFER_ERROR", "data did not get through (link, memory, or the disk)"),
            .. Medium("Deallocated or Unwritten", "UNWRITTEN_BLOCK", "a block that was never written was read"),
        ],
        Origin = "NVM Express base specification, status codes of media and data integrity errors; nvme-cli nvme-print-stdout.c",
    };

    public static readonly Family OpalFrozen = new("opal-pci-bridge-frozen", "firmware of a POWER machine froze a PCI host bridge")
    {
        Area = Area.Hardware,
        Cause = "The host bridge (PHB) saw an error of its PCIe link or of a device behind it and stopped all traffic; " +
            "Linux reports it as EEH and resets the bridge or gives its devices up. " +
            "A link that went down, a card or riser that sits badly, and a card's firmware that reset itself are the usual reasons.",
        Fixes =
        [
            new("Find the slot of the bridge and Linux' messages about it", "lspci -nn; dmesg | grep EEH"),
            new("Reseat the card and its riser, update its firmware; read the service processor's log of that moment"),
        ],
        Tellings =
        [
            new("PHB#{e}[{e}]: PHB Freeze/Fence detected", "the PCI host bridge PHB {1} was frozen or fenced: " +
                "its PCIe link or a device behind it failed"),
            new("PHB#{e}[{e}]: PHB still fenced", "the PCI host bridge PHB {1} stays fenced after its reset"),
            new("PHB#{e}[{e}]: Link down", "the PCIe link of PHB {1} is down"),
            new("PHB#{e}[{e}]: LINK: Timeout waiting for link up", "the PCIe link of PHB {1} did not come up")
                { Severity = Severity.Warning },
            new("PHB#{e}[{e}]: CRESET: Unexpected slot state", "the reset of PHB {1} did not end as it should")
                { Severity = Severity.Warning },
        ],
        Origin = "skiboot hw/phb4.c, hw/phb3.c; docs/opal-api/opal-pci-eeh-freeze-status.rst",
    };

    public static readonly Family Checkstop = new("hostboot-error-reported", "the first firmware of a POWER machine reports an error of " +
        "the hardware")
    {
        Area = Area.Hardware,
        Cause = "Hostboot looks at the fault registers of the processor (prdf) when it starts after a checkstop: hardware met an error " +
            "that it could not go on with, and stopped the whole machine, kernel and all. A checkstop leaves no oops and no dump. The " +
            "fault may lie in the part that it calls out, or in software that used it in a forbidden way (a device passed through to a " +
            "guest).",
        Fixes =
        [
            new("Read the error log of the service processor, and what is deconfigured (GARD)", "errl -d; opal-gard list all"),
            new("Update the firmware; where it comes back with another part in the same place, the board or the software is at fault"),
        ],
        Tellings =
        [
            new("System checkstop occurred during runtime on previous boot", "a checkstop ended the machine's last run: hardware met an " +
                "error that it could not go on with") { Subject = 0 },
            new("Signature Description{e}: {e} ({e}) {t}", "the fault registers of the processor say: {4} ({3} of {2})")
                { Subject = 2 },
            new("  Target  *: Physical:{t}", "hostboot calls out the part {1}") { Severity = Severity.Warning },
            new("  Deconfig State  *: DECONFIG", "hostboot took a part out of use (deconfigured)") { Subject = 0,
                Severity = Severity.Warning },
        ],
        Origin = "hostboot src/usr/diag/prdf, src/usr/errl",
    };

    public static readonly Family[] All = [Refused, MediaLogged, OpalFrozen, Checkstop];

    /// <summary>The wordings of new and old nvme-cli, and a row of smartctl's table.</summary>
    private static Telling[] Of(string words, string old, string shortly) =>
    [
        new($"status_field{{e}}: {{w}}({words}", $"the NVMe disk noted commands that it does not know ({words}): harmless")
            { Subject = 0 },
        new($"status_field{{e}}: {{w}}({old}", $"the NVMe disk noted commands that it does not know ({shortly}): harmless")
            { Subject = 0 },
    ];

    private static Telling[] Medium(string words, string old, string means) =>
    [
        new($"status_field{{e}}: {{w}}({words}", $"the NVMe disk noted errors of its medium: {means}") { Subject = 0 },
        new($"status_field{{e}}: {{w}}({old}", $"the NVMe disk noted errors of its medium: {means}") { Subject = 0 },
    ];
}
