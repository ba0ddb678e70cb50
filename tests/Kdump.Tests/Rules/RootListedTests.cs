using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>The root as command line, list of devices, panic and initramfs name it.</summary>
public sealed class RootListedTests
{
    private const string Asked = "BOOT_IMAGE=/vmlinuz-5.14.0-427.el9.x86_64 root=UUID=1f8a2a5c-1111-2222-3333-4444aaaabbbb ro\n",
        Others = "/dev/sda1: UUID=\"9C2B-11AA\" TYPE=\"vfat\" PARTUUID=\"01\"\n/dev/sda2: UUID=\"{0}\" TYPE=\"xfs\" PARTUUID=\"02\"\n";

    private static string Listed(string uuid) => "$ cat /proc/cmdline\n" + Asked + "$ blkid\n" + Others.Replace("{0}", uuid);

    [Fact]
    public void A_root_that_no_listed_device_has_is_found_by_comparing()
    {
        Finding f = Assert.Single(Explained.Findings("root-not-found", Listed("7777a2a5-1111-2222-3333-444455556666")));
        Assert.Contains("1f8a2a5c-1111-2222-3333-4444aaaabbbb, which blkid lists on no device", f.Title, StringComparison.Ordinal);
        Assert.Empty(Explained.Findings("root-not-found", Listed("1f8a2a5c-1111-2222-3333-4444aaaabbbb")));
    }

    [Theory]
    [InlineData("VFS: Unable to mount root fs on \"/dev/ram0\" or unknown-block(1,0)", "root=/dev/ram0 is a RAM disk (initrd)")]
    [InlineData("VFS: Unable to mount root fs on \"/dev/sda9\" or unknown-block(0,0)", "(/dev/sda9)")]
    [InlineData("VFS: Unable to mount root fs on \"UUID=ab\" or unknown-block(0,0)", "root=UUID=ab itself")]
    public void The_name_in_quotes_of_newer_kernels_is_the_root(string panic, string title) =>
        Assert.Contains(title, Assert.Single(Explained.Findings("root-not-found",
            $"[ 7.620629] Kernel panic - not syncing: {panic}\n")).Title, StringComparison.Ordinal);

    [Theory]
    [InlineData("signal", "ended by a signal")]
    [InlineData("exit-code", "to the root file system failed")]
    public void A_switch_that_was_killed_says_nothing_of_the_root(string result, string title)
    {
        Finding f = Assert.Single(Explained.Findings("root-not-found",
            $"[ 5.0] systemd[1]: initrd-switch-root.service: Failed with result '{result}'.\n"));
        Assert.Contains(title, f.Title, StringComparison.Ordinal);
        Assert.DoesNotContain("none was mounted", f.Title, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[ 5.0] systemd[1]: No /sbin/init, trying fallback\n[ 5.1] systemd[1]: Failed to execute /bin/sh, giving up: No such " +
        "file or directory\n")]
    public void Systemd_that_finds_no_init_there_is_told(string log) =>
        Assert.Contains("has no first program", Explained.Findings("init-not-started", log)[0].Title, StringComparison.Ordinal);

    [Theory]
    [InlineData("dracut-initqueue[418]: Failed to start systemd-cryptsetup@luks\\x2dab.service: Unit " +
        "systemd-cryptsetup@luks\\x2dab.service not found.", "encrypted-volume-locked", "there is no unit for it")]
    [InlineData("dracut-initqueue[418]: Failed to start systemd-veritysetup@root.service: Unit systemd-veritysetup@root.service not found.",
        "encrypted-volume-locked", "dm-verity")]
    [InlineData("dracut-pre-pivot[463]: mount: special device /dev/dm-2 does not exist", "unit-mount-failed", "there is no /dev/dm-2")]
    [InlineData("BTRFS error (device sda3): super_total_bytes 509246177280 mismatch with fs_devices total_rw_bytes 509246181376",
        "filesystem-not-mounted", "sda3")]
    public void What_the_initramfs_could_not_do_is_named(string line, string id, string says) =>
        Assert.Contains(says, Assert.Single(Explained.Findings(id, $"[ 1.2] {line}\n")).Title, StringComparison.Ordinal);
}
