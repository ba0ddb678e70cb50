namespace Kdump.Diagnosis.Catalogue.Devices;

/// <summary>Clocks, heat, watchdogs.</summary>
internal static class Platforms
{
    public static readonly DeviceFamily ClockUnstable = new("clocksource-unstable", "the clock {device} was given up as unstable")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Cause = "The kernel compares the clock with a second one. A difference means that one of them ran wrongly, " +
            "or that the comparing CPU was not run for seconds: a guest that its host did not run, " +
            "firmware in SMM, a tool that changes clocks. From here on a slower clock is used: every question for the time costs more.",
        Words = """
            - | | Marking clocksource '{e}' as unstable because the skew is too large | it differs too much from the clock beside it
            - | | Marking clocksource {w} as unstable | it differs too much from the clock it is compared with
            - | | ^Clocksource {w} unstable (delta = {e} ns) | it differs by {2} ns
            tsc | | Marking TSC unstable due to clocksource watchdog | it differs too much from the clock it is compared with
            clocksource | + | Switched to clocksource {w} | the clock is {1} now
            -- | + | ^Switching to clocksource {w} | the clock is {1} now
            -- | + | '{e}' wd_now | it was compared with {1}
            -- | + | '{e}' wd_nsec | it was compared with {1}
            -- | + | CoreFreq({e}): Processor | a tool that writes processor registers (CoreFreq) is loaded
            -- | + | Hypervisor detected: {t} | it is a guest of {1}
            clocksource | + | Checking clocksource {w} synchronization | clock {1} is compared between CPUs
            """,
        Ways =
        [
            new("See which clock is used and which there are",
                "cat /sys/devices/system/clocksource/clocksource0/current_clocksource " +
                "/sys/devices/system/clocksource/clocksource0/available_clocksource"),
            new("In a virtual machine: look whether the host ran it (load, suspend, migration), and give it the hypervisor's own clock"),
            new("On hardware: update the firmware (BIOS); unload tools that write to processor registers"),
        ],
        Origin = "kernel/time/clocksource.c clocksource_watchdog(); arch/x86/kernel/tsc.c mark_tsc_unstable()",
    };

    public static readonly DeviceFamily ThermalShutdown = new("thermal-shutdown",
        "the machine switched itself off because of heat {device}")
    {
        Area = Area.Hardware,
        Severity = Severity.Critical,
        Confidence = 0.95,
        Cause = "A thermal zone reached its critical trip point, and the kernel shut the machine down. " +
            "This is not a crash, and there is no dump.",
        Words = """
            -- | | ^ACPI: Critical trip point | its critical trip point was reached
            amdgpu | E | GPU over temperature range(SW CTF) detected | the GPU is too hot
            """,
        Ways =
        [
            new("Check fans, dust and thermal paste, and the air around the machine; find out which sensor it is and its trip points",
                "grep . /sys/class/thermal/thermal_zone*/type /sys/class/thermal/thermal_zone*/trip_point_*_temp"),
        ],
        Origin = "drivers/acpi/thermal.c; drivers/gpu/drm/amd/pm",
    };

    public static readonly DeviceFamily Tpm = new("tpm-failed", "the security chip {device} (TPM) does not work as it should")
    {
        Area = Area.Hardware,
        Severity = Severity.Warning,
        Confidence = 0.85,
        Cause = "The TPM did not answer, or answered with a status that it must not have: " +
            "it is busy with itself, was not started by the firmware, lost its power, or its bus (SPI, LPC, I2C) is read wrongly. " +
            "Units that wait for it time out (tpm2, measured boot, keys of encrypted disks).",
        Words = """
            tpm tpm_tis tpm_crb tpm_tis_spi | | invalid TPM_STS.x {w} | it gives an invalid status ({1})
            tpm tpm_tis tpm_crb tpm_tis_spi | | Operation Timed out | it did not answer in time
            tpm tpm_tis tpm_crb tpm_tis_spi | | tpm_try_transmit: send(): error {w} | a command could not be sent ({1})
            tpm tpm_tis tpm_crb tpm_tis_spi | | tpm_transmit: tpm_send: error {w} | a command could not be sent ({1})
            tpm tpm_tis tpm_crb tpm_tis_spi | | TPM self test failed | its self test failed
            tpm tpm_tis tpm_crb tpm_tis_spi | | in failure mode | it is in failure mode
            tpm tpm_tis tpm_crb tpm_tis_spi | I | A TPM error ({w}) occurred {t} | error {1} at: {2}
            """,
        Ways =
        [
            new("Update the machine's firmware and the TPM's own; switch the machine off and on, not only restart it"),
            new("To see whether it is the cause of a slow boot: " +
                "switch the TPM off in the firmware's setup, or boot with systemd.tpm2_wait=false"),
        ],
        Origin = "drivers/char/tpm/tpm_tis_core.c tpm_tis_status(), tpm-interface.c",
    };

    public static readonly DeviceFamily BmcWatchdog = new("bmc-watchdog-reset", "the BMC's watchdog resets the machine")
    {
        Area = Area.Hardware,
        AnySpeaker = true,
        Confidence = 0.9,
        Cause = "The management controller's watchdog ran out and carried out its action. " +
            "It is not a crash of the kernel: nothing is written, and no dump exists. " +
            "It runs out because the system hangs, or because no program stops or feeds a watchdog that the firmware armed.",
        Words = """
            -- | | Watchdog2 * Hard reset | the event log has a hard reset by it
            -- | | Watchdog2 * Power cycle | the event log has a power cycle by it
            -- | | Watchdog2 * Power down | the event log has a power down by it
            -- | | Watchdog 2 #{w} * Hard reset | the event log has a hard reset by it
            -- | W | Watchdog2 * Timer expired | the event log has a timer that ran out
            -- | + | ^Watchdog Timer Use: {t} | what it is armed for: {1}
            -- | + | ^Watchdog Timer Is: {t} | its state: {1}
            -- | + | ^Watchdog Timer Action*: {t} | its action: {1}
            -- | + | ^Initial Countdown: {t} | it was armed for {1}
            -- | | The watchdog timer reset the system | the event log says so
            -- | | The watchdog timer power cycled the system | the event log says so
            -- | | ASR Detected by System ROM | HP's server recovery (ASR) reset it
            """,
        Ways =
        [
            new("See who armed it and for how long", "ipmitool mc watchdog get"),
            new("Stop it after boot, or let the system feed it (RuntimeWatchdogSec= of systemd with ipmi_watchdog)",
                "ipmitool mc watchdog off"),
            new("A use of \"OS Load\" or \"BIOS/POST\" is the firmware's: switch that watchdog off in the BIOS"),
        ],
        Origin = "IPMI 2.0 specification, 27 and 42.2 (sensor type 23h Watchdog 2); ipmitool's listings",
    };
}
