using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class UnitDeviceMissingTests
{
    private static Finding Single(string log)
    {
        Verdict verdict = Explained.Verdict(log);
        Assert.DoesNotContain(verdict.Findings, f => f.Id == "dump-target-missing");
        return Assert.Single(verdict.Findings, f => f.Id == "unit-device-missing");
    }

    private static string TimedOut(string device) => $"[ TIME ] Timed out waiting for device {device}.\n";

    [Fact]
    public void A_device_of_an_ordinary_start_is_no_dump_target()
    {
        Finding finding = Single(TimedOut("dev-sda.device") + "[DEPEND] Dependency failed for /data.\n");
        Assert.Equal("/dev/sda", finding.Subject);
        Assert.Contains("/etc/fstab", finding.Why, StringComparison.Ordinal);
        Assert.Equal(Severity.Error, finding.Severity);
    }

    [Fact]
    public void The_unit_and_its_path_are_one_device()
    {
        Single("systemd[1]: dev-disk-by\\x2dlabel-boot.device: Job dev-disk-by\\x2dlabel-boot.device/start timed out.\n" +
            "systemd[1]: Timed out waiting for device /dev/disk/by-label/boot.\n");
    }

    [Fact]
    public void In_the_crash_kernel_it_is_the_dumps_target()
    {
        Verdict verdict = Explained.Verdict(Explained.CaptureBoot + TimedOut("/dev/disk/by-uuid/aaaa"));
        Assert.Contains(verdict.Findings, f => f.Id == "dump-target-missing");
        Assert.DoesNotContain(verdict.Findings, f => f.Id == "unit-device-missing");
    }

    [Theory]
    [InlineData("dev-ttyS0.device", "Serial Getty on ttyS0", "terminal /dev/ttyS0")]
    [InlineData("/dev/hvc0", "Serial Getty on hvc0", "terminal /dev/hvc0")]
    [InlineData("dev-ttyAMA0.device", "Serial Getty on ttyAMA0", "terminal /dev/ttyAMA0")]
    [InlineData("dev-virtio\\x2dports-org.qemu.guest_agent.0.device", "QEMU Guest Agent", "channel org.qemu.guest_agent.0")]
    [InlineData("sys-subsystem-net-devices-eth0.device", "ifup for eth0", "network interface eth0")]
    [InlineData("dev-zram0.device", "Create swap on /dev/zram0", "compressed swap")]
    [InlineData("dev-system-swap.device", "Swap", "/dev/system/swap, a swap")]
    [InlineData("dev-mapper-fedora\\x2dswap.device", "Resume from hibernation using device /dev/mapper/fedora-swap", "the swap to resume " +
        "from")]
    [InlineData("/dev/tpmrm0", "TPM PCR Measurements", "/dev/tpmrm0")]
    public void What_the_start_goes_on_without_is_a_warning_in_its_own_words(string device, string needed, string says)
    {
        Finding finding = Single(TimedOut(device) + $"[DEPEND] Dependency failed for {needed}.\n");
        Assert.Equal(Severity.Warning, finding.Severity);
        Assert.Contains(says, finding.Title, StringComparison.Ordinal);
        Assert.DoesNotContain("emergency", finding.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("by-uuid", "UUID")]
    [InlineData("by-label", "LABEL")]
    [InlineData("by-partuuid", "PARTUUID")]
    public void A_name_that_ends_with_the_folder_has_no_value(string folder, string kind)
    {
        Finding finding = Single(TimedOut($"/dev/disk/{folder}") + "[DEPEND] Dependency failed for /home.\n");
        Assert.Contains($"its {kind} is missing", finding.Title, StringComparison.Ordinal);
        Assert.Contains("/home", finding.Title, StringComparison.Ordinal);
    }

    [Fact]
    public void Volumes_that_nobody_asked_for_are_told_together()
    {
        const string log = "dracut-initqueue[1293]: Scanning devices md126 for LVM logical volumes vg/root vg/swap\n" +
            "systemd[1]: Timed out waiting for device dev-mapper-vg\\x2dhome.device - /dev/mapper/vg-home.\n" +
            "systemd[1]: Dependency failed for sysroot-home.mount - /sysroot/home.\n" +
            "systemd[1]: Timed out waiting for device dev-mapper-vg\\x2dmy\\x2d\\x2dvar.device - /dev/mapper/vg-my--var.\n";
        Finding finding = Single(log);
        Assert.Contains("vg/home, vg/my-var", finding.Title, StringComparison.Ordinal);
        Assert.Contains("rd.lvm.lv=", finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_volume_that_was_asked_for_is_told_by_itself()
    {
        Finding finding = Single("dracut-initqueue[1]: Scanning devices sda2 for LVM logical volumes vg/home\n" +
            TimedOut("/dev/mapper/vg-home"));
        Assert.DoesNotContain("not activated: the initramfs was told", finding.Title, StringComparison.Ordinal);
        Assert.Contains("logical volume", finding.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stuck at `A start job is running for dev-vda1.device` forever")]
    [InlineData("[ *** ] A start job is running for dev-vda1.device (Xs / 1min 30s)")]
    [InlineData("[ *** ] A start job is running for dev-vda1.device (1min 20s / 1min 30s)")]
    public void A_wait_that_somebody_tells_of_needs_no_time(string line) =>
        Assert.Contains("still waited for", Single(line + "\n").Title, StringComparison.Ordinal);

    [Theory]
    [InlineData("[ *** ] A start job is running for dev-vda1.device (4s / 1min 30s)\n")]
    [InlineData("[ *** ] A start job is running for dev-vda1.device (40s / 1min 30s)\n[  OK  ] Found device /dev/vda1.\n")]
    public void A_short_wait_and_one_that_ended_are_nothing(string log) =>
        Assert.DoesNotContain(Explained.Verdict(log).Findings, f => f.Id == "unit-device-missing");

    [Theory]
    [InlineData("[FAILED] Failed to start udev Kernel Device Manager.")]
    [InlineData("[FAILED] Failed to start systemd-udevd.service - Rule-based Manager for Device Events and Files.")]
    [InlineData("systemd[1]: systemd-udevd.service: Failed with result 'exit-code'.")]
    public void Without_udev_no_device_is_called_missing_or_wrongly_named(string udev)
    {
        Verdict verdict = Explained.Verdict(udev + "\n[ TIME ] Timed out waiting for device dev-sda2.device.\n" +
            "[DEPEND] Dependency failed for /boot.\n[ TIME ] Timed out waiting for device dev-ttyS0.device.\n");
        Finding devices = Assert.Single(verdict.Findings, f => f.Id == "unit-device-missing");
        Assert.Contains("2 devices", devices.Title, StringComparison.Ordinal);
        Assert.Equal("udev-not-started", verdict.Chain[0].Id);
        Assert.DoesNotContain(verdict.Findings, f => f.Id == "dump-target-missing");
    }

    [Fact]
    public void The_kernel_that_arms_kdump_is_not_the_one_that_writes_the_dump()
    {
        Verdict verdict = Explained.Verdict("[ TIME ] Timed out waiting for device dev-sdb1.device.\n" +
            "[DEPEND] Dependency failed for /data.\n[FAILED] Failed to start Crash recovery kernel arming.\n");
        Assert.Contains(verdict.Findings, f => f.Id == "unit-device-missing");
        Assert.DoesNotContain(verdict.Findings, f => f.Id == "dump-target-missing");
        Assert.DoesNotContain("dev-sdb1", Assert.Single(verdict.Findings, f => f.Id == "kdump-service-failed").Why,
            StringComparison.Ordinal);
    }
}
