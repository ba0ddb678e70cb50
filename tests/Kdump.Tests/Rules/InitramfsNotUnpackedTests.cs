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

    [Theory]
    [InlineData("[    3.589343] VFS: Mounted root (ext4 filesystem) on device 179:9.")]
    [InlineData("[   14.316258] systemd[1]: Created slice User and Session Slice.")]
    [InlineData("[   14.316258] systemd[1]: Switching root.")]
    [InlineData("[   14.316258] systemd[1]: Reached target multi-user.target - Multi-User System.")]
    public void A_machine_that_started_nevertheless_is_not_one_that_could_not_start(string reached)
    {
        const string Board = "[    0.000000] Booting Linux on physical CPU 0x0\n[    0.000000] Linux version 5.4.0 (builder@host)\n" +
            "[    0.846614] Initramfs unpacking failed: invalid magic at start of compressed archive\n";
        Finding finding = Assert.Single(Explained.Findings("initramfs-unpack-failed", $"{Board}{reached}\n"));
        Assert.Equal(Severity.Warning, finding.Severity);
        Assert.Contains("started nevertheless", finding.Title, StringComparison.Ordinal);
        Assert.DoesNotContain(finding.Fixes, f => f.Command?.Contains("kdump", StringComparison.Ordinal) == true);
        Assert.Equal(2, finding.Evidence.Count);
        Assert.Equal(Severity.Critical, Assert.Single(Explained.Findings("initramfs-unpack-failed", Board)).Severity);
    }

    [Theory]
    [InlineData("[    1.589343] VFS: Mounted root (ext2 filesystem) readonly on device 1:0.")]
    [InlineData("[   14.316258] systemd[1]: Not switching root: /sysroot does not seem to be an OS tree. os-release file is missing.")]
    public void An_initrd_in_memory_or_a_switch_that_failed_is_no_root(string line)
    {
        Finding finding = Assert.Single(Explained.Findings("initramfs-unpack-failed",
            "[    0.000000] Linux version 5.4.0 (builder@host)\n" + $"[    0.846614] Initramfs unpacking failed: no cpio magic\n{line}\n"));
        Assert.Equal(Severity.Critical, finding.Severity);
    }
}
