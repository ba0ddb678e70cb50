using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class InitramfsNotBuiltTests
{
    private const string Id = "initramfs-not-built", Begin = "update-initramfs: Generating /boot/initrd.img-6.1.0-6-arm64\n",
        End = "update-initramfs: failed for /boot/initrd.img-6.1.0-6-arm64 with 1.\n";

    [Theory]
    [InlineData("cpio: write error: No space left on device")]
    [InlineData("zstd: error 25 : Write error : No space left on device (cannot write compressed block)")]
    [InlineData("zstd: error 70 : Write error : cannot write block : No space left on device")]
    [InlineData("Error 24 : Write error : cannot write compressed block")]
    [InlineData("gzip: stdout: No space left on device")]
    [InlineData("xz: (stdout): Write error: No space left on device")]
    [InlineData("lzop: <stdout>: No space left on device")]
    [InlineData("pigz: abort: write error on <stdout> (No space left on device)")]
    public void A_full_file_system_is_told_in_every_packers_words(string line)
    {
        Finding finding = Assert.Single(Explained.Findings(Id, Begin + line + "\nE: mkinitramfs failure cpio 141 gzip 1\n" + End));
        Assert.Contains("/boot/initrd.img-6.1.0-6-arm64", finding.Title, StringComparison.Ordinal);
        Assert.Contains("no space", finding.Title, StringComparison.Ordinal);
        Assert.Contains(finding.Fixes, f => f.Command?.Contains("df -h /boot", StringComparison.Ordinal) == true);
    }

    [Theory]
    [InlineData("==> ERROR: file not found: `fsck.xfs'", "fsck.xfs")]
    [InlineData("==> ERROR: binary not found: 'cryptsetup'", "cryptsetup")]
    [InlineData("==> ERROR: module not found: 'nvidia_drm'", "nvidia_drm")]
    [InlineData("==> ERROR: Hook 'zfs' cannot be found", "zfs")]
    [InlineData("==> ERROR: invalid kernel specified: '/boot/vmlinuz-linux'", "/boot/vmlinuz-linux")]
    public void What_mkinitcpio_missed_is_named(string line, string what)
    {
        Finding finding = Assert.Single(Explained.Findings(Id, line +
            "\n==> Creating zstd-compressed initcpio image: '/boot/initramfs-linux.img'\n" +
            "==> WARNING: errors were encountered during the build. The image may not be complete.\n"));
        Assert.Contains("/boot/initramfs-linux.img", finding.Title, StringComparison.Ordinal);
        Assert.Contains(what, finding.Title + finding.Why, StringComparison.Ordinal);
        Assert.NotEmpty(finding.Fixes);
    }

    [Fact]
    public void Two_images_are_told_of_each_with_its_own_reason()
    {
        List<Finding> findings = Explained.Findings(Id, Begin + "cpio: write error: No space left on device\n" + End +
            Begin.Replace("6.1.0-6", "6.1.0-7", StringComparison.Ordinal) + "mkinitramfs: failed to determine device for /\n" +
            End.Replace("6.1.0-6", "6.1.0-7", StringComparison.Ordinal));
        Assert.Equal(2, findings.Count);
        Assert.Contains(findings, f => f.Title.Contains("6.1.0-7", StringComparison.Ordinal) &&
            f.Title.Contains("could not be determined", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("dracut-install: Failed to find module 'crc32c'\ndracut: FAILED:  /usr/lib/dracut/dracut-install -m crc32c\n", "crc32c")]
    [InlineData("[  310s] dracut-install: Failed to find module 'pcie_qcom'\n[  310s] dracut[E]: FAILED:  /usr/lib/x\n", "pcie_qcom")]
    [InlineData("dracut: installkernel failed in module kernel-modules-extra\n", "depmod")]
    public void A_build_that_dracut_gave_up_is_told_with_its_reason(string lines, string what)
    {
        Finding finding = Assert.Single(Explained.Findings(Id, lines));
        Assert.Contains(what, finding.Why, StringComparison.Ordinal);
        Assert.NotEmpty(finding.Fixes);
    }

    [Fact]
    public void The_crash_kernels_own_image_is_another_matter() => Assert.Empty(Explained.Findings(Id,
        "update-initramfs: Generating /var/lib/kdump/initrd.img-6.1.0-6-arm64\ncpio: write error: No space left on device\n" +
        "update-initramfs: failed for /var/lib/kdump/initrd.img-6.1.0-6-arm64 with 1.\n"));

    [Fact]
    public void A_build_that_went_well_is_nothing() => Assert.Empty(Explained.Verdict(Begin +
        "I: The initramfs will attempt to resume from /dev/sda2\n" +
        "==> Creating zstd-compressed initcpio image: '/boot/initramfs-linux.img'\n" +
        "==> Image generation successful\n").Findings);

    [Theory]
    [InlineData("dracut[F]: --regenerate-all cannot be called with a kernel version", "exclude each other")]
    [InlineData("dracut[F]: Invalid tmpdir '/var/tmp'.", "temporary files")]
    [InlineData("dracut[F]: /lib/modules/6.12.0-1.el10/modules.dep is missing.", "kernel 6.12.0-1.el10 are not there")]
    [InlineData("dracut[F]: The frob is not what it should be", "dracut says \"The frob is not what it should be\"")]
    public void What_dracut_gives_as_its_reason_is_told_as_that(string line, string title)
    {
        Finding finding = Assert.Single(Explained.Findings("initramfs-not-built", line + "\n"));
        Assert.Contains(title, finding.Title, StringComparison.Ordinal);
        Assert.DoesNotContain("no line says why", finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_helper_said_before_dracut_gave_up_is_its_reason()
    {
        Finding finding = Assert.Single(Explained.Findings("initramfs-not-built", "cpio: etc/shadow: Cannot open: Permission denied\n" +
            "dracut[F]: Creation of /boot/initrd.img-7.0.0 failed\n"));
        Assert.Contains("/boot/initrd.img-7.0.0 could not be built: cpio says \"Permission denied\"", finding.Title,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_packer_that_was_killed_for_lack_of_memory_comes_before_the_image_that_is_missing()
    {
        Verdict verdict = Explained.Verdict("Out of memory: Killed process 12696 (zstd) total-vm:376528kB, anon-rss:159016kB\n" +
            "dracut[F]: Creation of /boot/initrd.img-7.0.0-27-generic.tmp failed\n");
        Assert.Equal(["out-of-memory", "initramfs-not-built"], verdict.Chain.Select(f => f.Id));
    }

    [Fact]
    public void Each_missing_thing_is_named()
    {
        Finding finding = Assert.Single(Explained.Findings("initramfs-not-built", "==> ERROR: file not found: `memdiskfind'\n" +
            "==> ERROR: Hook 'archiso' cannot be found\n==> ERROR: Hook 'udev' cannot be found\n"));
        Assert.Contains("2 more things: the hook archiso is missing; the hook udev is missing", finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_dracut_cannot_write_to_is_named() =>
        Assert.Contains("/boot/efi/abc/6.8.9", Assert.Single(Explained.Findings("initramfs-not-built",
            "dracut[F]: Can't write to /boot/efi/abc/6.8.9: Directory /boot/efi/abc/6.8.9 does not exist or is not accessible.\n")).Why,
            StringComparison.Ordinal);
}
