namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>Suspend, hibernation and resume that fail: kernel/power, drivers/base/power/main.c.</summary>
internal static class SleepFamilies
{
    private static readonly Fix[] Device =
    [
        new("See what the device is and which driver it has; update kernel, firmware and that driver", "lspci -nnk -s {0}"),
        new("Test which step fails without sleeping", "echo devices > /sys/power/pm_test; " +
            "echo mem > /sys/power/state; echo none > /sys/power/pm_test"),
    ];

    private static string? Busy(IReadOnlyList<string> taken) => taken[^1] switch
    {
        "-16" => "-16 (EBUSY): the device is busy, or a wake-up was pending. If it is a USB controller, a USB device wakes the machine: " +
            "see /proc/acpi/wakeup and power/wakeup of the devices behind it.",
        "-110" => "-110 (ETIMEDOUT): it did not answer in time.",
        "-121" => "-121 (EREMOTEIO): the device did not answer on its bus (I2C); it may have no power yet.",
        "-62" => "-62 (ETIME): it did not answer in time.",
        "-5" => "-5 (EIO): the driver or the device refused.",
        _ => null,
    };

    public static readonly Family Device1 = new("device-refused-sleep", "a device could not go to sleep or wake up")
    {
        Area = Area.Crashing,
        Confidence = 0.95,
        Explains = ["sleep-failed"],
        Cause = "The driver's own suspend or resume step returned an error. During suspend or hibernation this aborts the whole attempt.",
        Fixes = Device,
        Tellings =
        [
            new("NVRM: GPU {d}: PreserveVideoMemoryAllocations module parameter is set. System Power Management attempted " +
                "without driver procfs suspend interface", "the nvidia driver of {1} refused to sleep: its suspend services had not run",
                    "The driver is set to keep its video memory over a sleep and must be told before it " +
                "(/proc/driver/nvidia/suspend), which its services do; something started the sleep without them.") { Fixes = Nvidia },
            new("{w} {d}: PM: failed to suspend{e}: error {w}", "{1} {2} could not be suspended: error {4}") { Subject = 2, Reads = Busy },
            new("{w} {d}: PM: failed to freeze{e}: error {w}", "{1} {2} could not be frozen for hibernation: error {4}") { Subject = 2,
                Reads = Busy },
            new("{w} {d}: PM: failed to quiesce{e}: error {w}", "{1} {2} could not be quiesced before the hibernated system was resumed: " +
                "error {4}", "The image was loaded, but the driver of the boot kernel refused to release its device, " +
                    "so the resume was aborted.")
                { Subject = 2, Reads = Busy, Fixes = [.. Device[..1], .. Nvidia] },
            new("{w} {d}: PM: failed to resume{e}: error {w}", "{1} {2} could not be woken (resume): error {4}") { Subject = 2,
                Reads = Busy },
            new("{w} {d}: PM: failed to restore{e}: error {w}", "{1} {2} could not be restored after hibernation: error {4}") { Subject = 2,
                Reads = Busy },
            new("{w} {d}: PM: failed to thaw{e}: error {w}", "{1} {2} could not be thawed: error {4}") { Subject = 2, Reads = Busy },
            new("PM: Device {d} failed to {w}{e}: error {w}", "{1} failed to {2}: error {4}") { Reads = Busy },
            new("pci_pm_{e}(): {e}+{e} [{e}] returns {w}", "the driver {4} refused its step {2}: error {5}") { Subject = 4 },
            new("usb_dev_{e}(): {e}+{e} [{e}] returns {w}", "the driver {4} refused its step {2}: error {5}") { Subject = 4 },
            new("{w} {d}: PM: dpm_run_callback(): {w} returns {w}", "{1} {2} failed its step {3}: {4}") { Subject = 2, Reads = Busy },
            new("{w} {d}: PM: {w}(): {w} returns {w}", "{1} {2} failed its step {4}: {5}") { Subject = 2, Reads = Busy },
            new("{w} {d}: PM: {w}(): {w} [{w}] returns {w}", "{1} {2} failed its step {4}: {6}") { Subject = 2, Reads = Busy },
            new("amdgpu: resume of IP block <{e}> failed {w}", "the graphics card could not be woken: block {1}, error {2}") { Subject = 0,
                Severity = Severity.Warning, Fixes = [new("Update kernel and amdgpu firmware; an aborted suspend can be the reason")] },
            new("ccp {d}: tee: command {w} timed out, disabling PSP", "the security processor (PSP, ccp {1}) does not answer: disabled",
                "After hibernation or resume the AMD security processor was not set up again (the ccp driver had no restore step for " +
                    "hibernation until late 2025). Drivers that use it fail from then on (amd-pmf).")
                { Fixes = [new("Use a kernel with \"crypto: ccp - Add an S4 restore flow\""), new(
                    "Until then: restart the machine after a hibernation, or do not load the driver that uses " +
                        "it", "echo blacklist amd_pmf > /etc/modprobe.d/amd-pmf.conf")] },
            new("amd-pmf {d}: TEE enact cmd failed. err: {w}, ret:{w}", "amd-pmf ({1}) cannot reach the security processor (error {2})")
                { Severity = Severity.Warning },
            new("tpm {w}: TPM resume failed", "{1} could not be woken"),
        ],
        Origin = "drivers/base/power/main.c, drivers/pci/pci-driver.c, drivers/crypto/ccp/tee-dev.c; linux-crypto, November 2025",
    };

    private static Fix[] Nvidia =>
        [new("nvidia: keep video memory over the sleep (NVreg_PreserveVideoMemoryAllocations=1 and the driver's sleep services)",
            "systemctl enable nvidia-suspend nvidia-hibernate nvidia-resume")];

    public static readonly Family SleepFailed = new("sleep-failed", "suspend, hibernation or resume failed")
    {
        Area = Area.Crashing,
        Confidence = 0.95,
        Cause = "The kernel aborted the attempt and continued.",
        Fixes = [new("See which device or step failed just before", "dmesg | grep -B10 -e 'PM: ' -e hibernat")],
        Tellings =
        [
            new("Hibernate inconsistent memory map detected!", "the hibernated system was not resumed: the firmware's memory map changed",
                "The image was written under another memory map than that of this boot, so it was discarded: " +
                    "the machine started normally, and unsaved work is lost. Possible causes: " +
                    "a firmware update or setting, a changed device, or firmware that changes the memory layout at each " +
                    "start.") { Subject = 0, Fixes =
                    [new("Compare the memory maps of two starts", "journalctl -k -b -1 | grep BIOS-e820; journalctl -k | grep BIOS-e820"),
                        new("Update the firmware; do not change its settings or plug devices while the machine is hibernated")] },
            new("Hibernate inconsistent memory map found", "the hibernated system was not resumed: the firmware's memory map changed")
                { Subject = 0 },
            new("PM: Image mismatch: {t}", "the hibernated system was not resumed: its image does not match this kernel ({1})",
                "The image is from a kernel with another version, other architecture data or another memory size.") { Subject = 0, Fixes =
                    [new("Start the same kernel that was hibernated; update the kernel only after a resume")] },
            new("PM: hibernation: resume failed ({w})", "the hibernated system was not resumed (error {1})") { Subject = 0 },
            new("Failed to load image, recovering", "the hibernated system was not resumed") { Subject = 0 },
            new("Failed to load hibernation image, recovering", "the hibernated system was not resumed") { Subject = 0 },
            new("PM: Swap header not found", "no hibernation image was found where it was written") { Subject = 0,
                Severity = Severity.Warning },
            new("PM: Not enough free memory", "hibernation failed: not enough free memory") { Subject = 0 },
            new("PM: hibernation: Not enough free memory", "hibernation failed: not enough free memory") { Subject = 0 },
            new("PM: Cannot find swap device", "hibernation failed: there is no swap to write the image to") { Subject = 0 },
            new("PM: Not enough free swap", "hibernation failed: not enough free swap") { Subject = 0 },
            new("PM: Some devices failed to suspend, or early wake event detected", "suspend was aborted: a device refused, " +
                "or something woke the machine") { Subject = 0 },
            new("Failed to put system to sleep. System resumed again: {t}", "the machine did not go to sleep: {1}") { Subject = 0 },
            new("Failed to suspend system{t}", "the machine did not go to sleep") { Subject = 0 },
            new("Wakeup pending, aborting suspend", "suspend was aborted: something woke the machine") { Subject = 0,
                Severity = Severity.Warning },
            new("PM: Some devices failed to power down", "the machine could not be powered down for sleep") { Subject = 0 },
            new("Freezing of tasks failed after {e} seconds (0 tasks refusing to freeze, wq_busy={w}):", "suspend was aborted: " +
                "a work queue did not come to rest",
                    "No task refused; a work item that sleep has to wait for was still being run. " +
                "The lines below name it behind \"in-flight:\" " +
                "(hub_event there is a USB hub or device that does not answer).") { Subject = 0, Fixes =
                    [new("See which work item it was", "dmesg | grep -A40 'Freezing of tasks failed' | grep -B3 in-flight")] },
            new("Freezing of tasks failed after {e} seconds ({w} tasks refusing to freeze", "suspend was aborted: {2} tasks could not be " +
                "frozen") { Subject = 0 },
            new("Freezing user space processes failed after {e} seconds ({w} tasks refusing to freeze",
                "suspend was aborted: {2} tasks could not be frozen",
                "They wait for something that does not complete, often a network file system or a FUSE program.") { Subject = 0 },
            new("Freezing of user space aborted", "suspend was aborted while tasks were being frozen") { Subject = 0,
                Severity = Severity.Warning },
        ],
        Origin = "kernel/power/hibernate.c, snapshot.c, swap.c, process.c, arch/x86/power/hibernate.c",
    };

    public static readonly Family[] All = [Device1, SleepFailed];
}
