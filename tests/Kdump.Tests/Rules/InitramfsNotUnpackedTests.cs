using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class InitramfsNotUnpackedTests
{
    [Fact]
    public void A_full_file_system_and_a_damaged_image_are_told_apart()
    {
        Finding full = Assert.Single(
            Explained.Findings("initramfs-unpack-failed",
            Explained.CaptureBoot + "[    2.000000] Initramfs unpacking failed: write error\n"));
        Assert.Contains("was full", full.Why, StringComparison.Ordinal);
        Finding damaged = Assert.Single(
            Explained.Findings("initramfs-unpack-failed",
            Explained.CaptureBoot + "[    2.000000] rootfs image is not initramfs (no cpio magic); looks like an initrd\n"));
        Assert.Contains("truncated, damaged", damaged.Why, StringComparison.Ordinal);
        Assert.Contains("no cpio magic", damaged.Title, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_kernels_initramfs_is_not_the_dumps()
    {
        Assert.Empty(Explained.Findings("initramfs-unpack-failed",
            Explained.FirstBoot + "[    2.000000] Initramfs unpacking failed: junk within compressed archive\n"));
        Assert.Empty(Explained.Findings("initramfs-unpack-failed",
            Explained.CaptureBoot + "[    2.000000] Trying to unpack rootfs image as initramfs...\n"));
    }
}
