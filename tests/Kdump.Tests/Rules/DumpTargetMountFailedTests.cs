using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class DumpTargetMountFailedTests
{
    private const string Given = "kdump: mounting failed (mount point: /kdumproot//mnt, option: rw,vers=3)\nkdump: saving vmcore failed\n";

    [Theory]
    [InlineData("mount.nfs: rpc.statd is not running but is required for remote locking.", "statd")]
    [InlineData("mount.nfs: access denied by server while mounting 192.0.2.1:/d", "export does not allow")]
    [InlineData("mount.nfs: Connection timed out", "did not answer")]
    [InlineData("mount.nfs4: No route to host", "no way")]
    [InlineData("mount.nfs: Failed to resolve server nas: Name or service not known", "nas")]
    [InlineData("mount: /kdumproot: unknown filesystem type 'xfs'.", "xfs")]
    [InlineData("mount: /kdumproot: special device /dev/sdb1 does not exist.", "/dev/sdb1")]
    [InlineData("mount: /mnt: wrong fs type, bad option, bad superblock on /dev/sdb1, missing codepage or helper program", "/dev/sdb1")]
    public void Mounts_own_words_are_the_reason(string words, string why)
    {
        Finding finding = Assert.Single(Explained.Findings("dump-target-mount-failed",
            "kdump: dump target nas:/d is not mounted, trying to mount...\n" + words + "\n" + Given));
        Assert.Contains(why, finding.Why, StringComparison.Ordinal);
        Assert.NotEmpty(finding.Fixes);
    }

    /// <summary>mount(8) of util-linux 2.36 to 2.41 and busybox, and the kernel's line that tells why.</summary>
    [Theory]
    [InlineData("EXT4-fs (vda): Cannot load crc32c driver.", "mount(2) system call failed: No such file or directory.", "crc32c")]
    [InlineData("JBD2: Cannot load crc32c driver.", "fsconfig() failed: No such file or directory.", "crc32c")]
    [InlineData("F2FS-fs (vda): Cannot load crc32 driver.", "mount(2) system call failed: No such file or directory.", "crc32")]
    [InlineData("BTRFS error (device vda): error allocating xxhash64 hash for checksum", "fsconfig system call failed: -2.", "xxhash64")]
    [InlineData("FAT-fs (vda): IO charset ascii not found", "wrong fs type, bad option, bad superblock on /dev/vda, missing", "ascii")]
    [InlineData("", "mount(2) system call failed: Structure needs cleaning.", "Structure needs cleaning")]
    [InlineData("", "fsconfig() failed: /dev/vda: Can't open blockdev.", "Can't open blockdev")]
    [InlineData("", "cannot mount; probably corrupted filesystem on /dev/vda.", "damaged")]
    public void A_systemd_mount_of_the_target_that_the_kernel_refused_names_the_kernels_reason(string kernel, string mount, string why)
    {
        Finding finding = Assert.Single(Explained.Findings("dump-target-mount-failed", Explained.CaptureBoot +
            (kernel.Length > 0 ? $"[   50.702887] {kernel}\n" : "") +
            $"[   50.896859] mount[161]: mount: /kdumproot/mnt: {mount}\n" +
            "[   51.207305] systemd[1]: kdumproot-mnt.mount: Mount process exited, code=exited, status=32/n/a\n"));
        Assert.Contains(why, finding.Why, StringComparison.Ordinal);
        Assert.NotEmpty(finding.Fixes);
    }

    [Fact]
    public void Without_a_reason_it_says_so()
    {
        Assert.Contains("no reason", Assert.Single(Explained.Findings("dump-target-mount-failed", Given)).Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mount_of_an_ordinary_boot_is_no_dump_target()
    {
        Assert.Empty(Explained.Findings("dump-target-mount-failed", Explained.FirstBoot +
            "mount.nfs: Connection timed out\nmount: /srv: special device /dev/sdz1 does not exist.\n"));
    }
}
