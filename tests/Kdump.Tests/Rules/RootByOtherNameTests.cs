using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>A root that was to be found by systemd, over the network, below LUKS, or by a script's own mount.</summary>
public sealed class RootByOtherNameTests
{
    [Theory]
    [InlineData("[ TIME ] Timed out waiting for device /dev/gpt-auto-root.\n", "/dev/gpt-auto-root", "GPT type")]
    [InlineData("dracut-initqueue[5]: Warning: /lib/dracut/hooks/initqueue/finished/devexists-\\x2fdev\\x2froot.sh: \"[ -e x ]\"\n",
        "/dev/root", "network")]
    [InlineData("systemd[1]: Timed out waiting for device dev-mapper-live\\x2drw.device.\n", "/dev/mapper/live-rw", "live")]
    [InlineData("mount: mounting /dev/mmcblk0p2 on /root failed: No such file or directory\n", "/dev/mmcblk0p2", "driver")]
    [InlineData("mount: mounting /dev/disk/by-uuid/77 on /mnt-root failed: No such file or directory\n", "/dev/disk/by-uuid/77", "driver")]
    [InlineData("mount: mounting /dev/mmcblk0p2 on /rootfs failed: No such device\n", "/dev/mmcblk0p2",
        "no driver for its file system type")]
    [InlineData("mount: /new_root: unknown filesystem type 'bcachefs'.\nYou are now being dropped into an emergency shell.\n",
        "root file system", "no driver for its file system type")]
    [InlineData(":: mounting ' ' on real root\nmount: /new_root: no filesystem type specified.\n", "root file system", "hook")]
    [InlineData("Partition with root filesystem not found. Waiting...\nGiving up...\n", "root file system", "driver")]
    [InlineData("systemd[1]: Timed out waiting for device /dev/disk/by-label/cryptroot.\n" +
        "systemd[1]: Dependency failed for Cryptography Setup for luksroot.\nsystemd[1]: Dependency failed for Initrd Root Device.\n",
        "cryptroot", "encrypted")]
    public void It_is_the_root_that_is_missing_and_no_dump_target(string lines, string device, string why)
    {
        Verdict verdict = Explained.Verdict(lines);
        Finding finding = Assert.Single(verdict.Findings, f => f.Id == "root-not-found");
        Assert.Contains(device, finding.Title, StringComparison.Ordinal);
        Assert.Contains(why, finding.Why, StringComparison.Ordinal);
        Assert.DoesNotContain(verdict.Findings, f => f.Id == "dump-target-missing");
    }

    [Theory]
    [InlineData("Usage: switch_root [-c CONSOLE_DEV] NEW_ROOT NEW_INIT [ARGS]\n")]
    [InlineData("switch_root: can't execute '/sbin/init': No such file or directory\n")]
    [InlineData("run-init: current directory on the same filesystem as the root: error 0\n")]
    public void A_switch_to_a_root_that_is_not_mounted_is_told(string line) =>
        Assert.Contains("none was mounted", Assert.Single(Explained.Findings("root-not-found", line)).Title, StringComparison.Ordinal);

    [Fact]
    public void The_emergency_shells_own_report_is_pointed_at() => Assert.Contains("rdsosreport", Assert.Single(Explained.Findings(
        "root-not-found", "Warning: /dev/disk/by-uuid/77 does not exist\n\nGenerating \"/run/initramfs/rdsosreport.txt\"\n")).Fixes[0]
        .Command,
        StringComparison.Ordinal);

    [Fact]
    public void A_job_that_systemd_cut_short_is_still_a_wait_for_a_device() => Assert.Contains("by", Assert.Single(Explained.Findings(
        "dump-target-missing", Explained.CaptureBoot +
        "[  *** ] Job dev-disk-by\\x2dpath-pci\\x2d0000…tart running (1min 48s / no limit)\n")).Title, StringComparison.Ordinal);
}
