using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class MountFailedTests
{
    [Theory]
    [InlineData("mount.nfs: requested NFS version or transport protocol is not supported", "version of NFS")]
    [InlineData("mount.nfs: Connection refused for server:/export on /mnt", "no NFS service listens")]
    [InlineData("mount.nfs: No route to host for server:/export on /mnt", "no way")]
    public void A_mount_tried_by_hand_tells_its_reason(string line, string why)
    {
        Finding finding = Assert.Single(Explained.Findings("mount-failed", "# mount -t nfs server:/export /mnt\n" + line + "\n"));
        Assert.Contains(why, finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void The_crash_kernels_mount_is_told_by_its_own_rule() => Assert.Empty(Explained.Findings("mount-failed",
        "kdump: dump target 192.0.2.1:/dump is not mounted, trying to mount...\nmount.nfs: Connection refused\n" +
        "kdump: mounting failed (mount point: /kdumproot//mnt, option: rw)\nkdump: saving vmcore failed\n"));
}
