using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class DriverProbeFailedTests
{
    [Theory]
    [InlineData("[    5.000000] virtio_blk: probe of virtio0 failed with error -12")]
    [InlineData("[    5.000000] virtio_blk virtio0: probe with driver virtio_blk failed with error -12")]
    public void Both_wordings_of_the_driver_core_are_read(string line)
    {
        Finding finding = Assert.Single(Explained.Findings("driver-probe-failed", Explained.CaptureBoot + line + "\n"));
        Assert.Equal("virtio_blk could not start virtio0: -12 (ENOMEM)", finding.Title);
        Assert.Equal(Severity.Error, finding.Severity);
    }

    [Fact]
    public void A_driver_that_complains_and_goes_on_is_no_failed_probe()
    {
        Assert.Empty(Explained.Findings("driver-probe-failed",
            Explained.CaptureBoot + "[    5.000000] nvme nvme0: failed to set APST feature (-19)\n"));
    }

    [Fact]
    public void The_same_failure_before_the_crash_is_not_blamed()
    {
        Assert.Empty(Explained.Findings("driver-probe-failed",
            Explained.FirstBoot + "[    5.000000] virtio_blk: probe of virtio0 failed with error -12\n" + Explained.CaptureBoot));
    }

    [Fact]
    public void A_keyboard_is_a_warning()
    {
        Assert.Equal(Severity.Warning,
            Assert.Single(Explained.Findings("driver-probe-failed",
            Explained.CaptureBoot + "[    5.000000] atkbd: probe of serio0 failed with error -5\n")).Severity);
    }

    [Fact]
    public void Without_a_crash_kernel_in_sight_the_ordinary_kernels_failure_is_told()
    {
        Finding finding = Assert.Single(
            Explained.Findings("driver-probe-failed",
            Explained.FirstBoot + "[   37.536789] mlx5_core: probe of 0000:31:00.0 failed with error -12\n"));
        Assert.Equal("mlx5_core could not start 0000:31:00.0: -12 (ENOMEM)", finding.Title);
    }

    [Fact]
    public void The_ordinary_kernel_does_not_fail_for_what_its_reservation_lacks()
    {
        Finding finding = Assert.Single(
            Explained.Findings("driver-probe-failed",
            Explained.FirstBoot + "[   37.536789] mlx5_core: probe of 0000:31:00.0 failed with error -12\n[   38.000000] DMAR: Failed to " +
            "get a private domain.\n"));
        Assert.Equal(["iommu-group-failed"], finding.CausedBy);
    }

    [Fact]
    public void What_a_subsystem_said_of_the_device_by_name_is_its_reason()
    {
        Finding finding = Assert.Single(Explained.Findings("driver-probe-failed",
            "[25338.496174] genirq: Flags mismatch irq 0. 00000080 (virtio418) vs. 00015a00 (timer)\n" +
            "[25338.633395] virtio_blk: probe of virtio418 failed with error -16\n"));
        Assert.Contains("Flags mismatch irq 0", finding.Why, StringComparison.Ordinal);
        Assert.Contains("MSI-X", finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_said_of_a_device_with_a_longer_name_is_not()
    {
        Finding finding = Assert.Single(Explained.Findings("driver-probe-failed",
            "[25338.496174] genirq: Flags mismatch irq 0. 00000080 (virtio418) vs. 00015a00 (timer)\n" +
            "[25338.633395] virtio_blk: probe of virtio41 failed with error -16\n"));
        Assert.DoesNotContain("Flags mismatch", finding.Why, StringComparison.Ordinal);
    }
}
