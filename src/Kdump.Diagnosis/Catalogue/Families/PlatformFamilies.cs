namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>What the platform around the CPU says: supply, power domains, the embedded controller, the bus, a SAS fabric.</summary>
internal static class PlatformFamilies
{
    public static readonly Family Undervoltage = new("supply-undervoltage", "the supply voltage is too low")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Confidence = 0.95,
        Cause = "The board measured its supply below what it needs. It slows itself down, " +
            "and USB devices, disks and memory cards on it fail or vanish; crashes and damaged file systems at random follow.",
        Fixes =
        [
            new("Use the supply that belongs to the board and a short, thick cable; give disks a supply of their own"),
            new("On a Raspberry Pi, see what happened since its start", "vcgencmd get_throttled"),
        ],
        Tellings =
        [
            new("Undervoltage detected!", "the supply voltage of the board is too low") { Subject = 0 },
            new("Under-voltage detected! ({e})", "the supply voltage of the board is too low") { Subject = 0 },
            new("undervoltage detected", "the supply voltage is too low") { Subject = 0 },
        ],
        Origin = "drivers/hwmon/raspberrypi-hwmon.c, drivers/firmware/raspberrypi.c (4.14 to 4.18)",
    };

    /// <summary>libsas (mvsas, pm80xx, isci, hisi_sas): drivers/scsi/libsas/sas_scsi_host.c.</summary>
    public static readonly Family SasRecovers = new("sas-commands-failed",
        "commands to disks behind a SAS controller fail and are recovered")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Cause = "libsas aborts the commands that were not answered, and resets the disk or the link when that does not help. " +
            "A disk that does not answer, its cable or expander, its power; the same disk again and again is the one.",
        Fixes =
        [
            new("See which disk's lines stand beside it, then that disk's own counters", "smartctl -x /dev/DISK"),
            new("Check cables, backplane and expander; update the controller's firmware"),
        ],
        Tellings =
        [
            new("sas: ata{e}: end_device-* cmd error handler", "commands to the SATA disk ata{1} behind a SAS controller failed")
                { Subject = 0 },
            new("sas: *Exit sas_scsi_recover_host: busy: {w} failed: {w} tries: {w}",
                "{2} commands to disks behind a SAS controller failed " +
                "and were recovered") { Subject = 0, Holds = taken => taken[1] != "0" },
            new("sas: Enter sas_scsi_recover_host busy: {w} failed: {w}", "{2} commands to disks behind a SAS controller failed")
                { Subject = 0, Holds = taken => taken[1] != "0" },
            new("sas: trying to find task 0x{w}", "commands to disks behind a SAS controller are not answered") { Subject = 0 },
        ],
        Origin = "drivers/scsi/libsas/sas_scsi_host.c sas_scsi_recover_host()",
    };

    public static readonly Family PowerDomain = new("power-domain-failed", "a power domain of the chip does not switch")
    {
        Area = Area.Hardware,
        Confidence = 0.9,
        Cause = "The part of the chip behind it (graphics, NPU, video, PCIe) has no power, no clock, or is not idle when it should be. " +
            "What reads its registers then gets no answer: an SError, an external abort, or a panic of the vendor's kernel.",
        Fixes =
        [
            new("Compare the device tree of that part (power-domains, supply, clocks) with a kernel that works; " +
                "leave its driver out to see"),
            new("Disconnect the board from power for a minute: such a state can survive a reset"),
        ],
        Tellings =
        [
            new("failed to get ack on domain '{e}'", "the power domain {1} does not answer a request (no ack)"),
            new("failed to set domain '{e}'", "the power domain {1} could not be switched"),
            new("failed to set idle on domain '{e}'", "the power domain {1} does not come to rest"),
            new("failed to get idle on domain '{e}'", "the power domain {1} does not come to rest"),
            new("^{w} {d}: failed to power up ADB400",
                "the power domain of {2} could not be connected to the bus (ADB400)") { Subject = 2 },
            new("Timeout waiting for {w} power OK", "the power domain {1} did not become ready"),
            new("{w} status stuck at 'o{w}'", "the power domain {1} does not switch (it stays o{2})"),
        ],
        Origin = "drivers/pmdomain (rockchip/pm-domains.c, imx/gpcv2.c, bcm/bcm2835-power.c), drivers/clk/qcom/gdsc.c",
    };

    public static readonly Family EmbeddedController = new("embedded-controller-silent", "the embedded controller does not answer")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Confidence = 0.9,
        Cause = "The embedded controller (EC) of a laptop runs keyboard, lid, battery, fans and wake-up. " +
            "ACPI asked it something and got no answer in time (AE_TIME), so the firmware's method was given up: " +
            "those functions fail, often around suspend and resume.",
        Fixes =
        [
            new("Update the firmware of the machine (BIOS and EC)"),
            new("Reset the controller: shut down, take the machine off its supply, hold the power button for 30 seconds"),
        ],
        Tellings =
        [
            new("Timeout from EC hardware or EC device driver", "the embedded controller (EC) does not answer in time") { Subject = 0 },
            new("AE_TIME, Returned by Handler for [EmbeddedControl]",
                "the embedded controller (EC) does not answer in time") { Subject = 0 },
        ],
        Origin = "drivers/acpi/acpica/evregion.c, drivers/acpi/ec.c",
    };

    public static readonly Family ProgramAbort = new("program-external-abort", "a program's access got no answer from memory or the bus")
    {
        Area = Area.Hardware,
        Severity = Severity.Error,
        Confidence = 0.85,
        Cause = "arm64: the access of a program (exception class 0x24) ended in an external abort: memory, " +
            "or a device that the program had mapped, gave an error or no answer. The program gets SIGBUS; no bad pointer does that. " +
            "Many addresses of many programs: the board's memory, its clock or voltage, or memory that firmware keeps for itself.",
        Fixes =
        [
            new("Test the memory (memtester), at a lower memory clock if the board has the choice"),
            new("Compare the memory that the kernel uses with what firmware reserves", "cat /proc/iomem; dmesg | grep -i reserved"),
        ],
        Tellings =
        [
            new("Unhandled fault: synchronous external abort (0x92{w}) at {w}", "a program's access to memory ended in an external abort")
                { Subject = 0 },
            new("Unhandled fault: synchronous external abort (0x82{w}) at {w}",
                "a program's fetch of an instruction ended in an external abort") { Subject = 0 },
        ],
        Origin = "arch/arm64/mm/fault.c do_sea(), do_mem_abort(); Arm architecture, ESR_ELx.EC",
    };

    public static readonly Family[] All = [Undervoltage, SasRecovers, PowerDomain, EmbeddedController, ProgramAbort];
}
