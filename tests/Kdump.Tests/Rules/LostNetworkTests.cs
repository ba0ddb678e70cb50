using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>A server that was not reached over ssh or NFS: what failed first in the network is the reason.</summary>
public sealed class LostNetworkTests
{
    private const string Ssh = "[   20.200000] kdump.sh[401]: ssh: connect to host 10.0.0.9 port 22: No route to host\n" +
            "[   20.400000] kdump[402]: saving vmcore failed\n",
        Nfs = "[   20.200000] kdump.sh[401]: mount.nfs: Network is unreachable\n" +
            "[   20.300000] kdump.sh[401]: kdump: mounting failed (mount point: /kdumproot//mnt, option: rw)\n" +
            "[   20.400000] kdump[402]: saving vmcore failed\n";

    [Theory]
    [InlineData("[    3.100000] mlx5_core: probe of 0000:81:00.0 failed with error -28\n", "mlx5_core 0000:81:00.0")]
    [InlineData("[    3.100000] bnx2x 0000:04:00.0: Direct firmware load for bnx2x/bnx2x-e2-7.13.21.0.fw failed with error -2\n",
        "firmware")]
    [InlineData("[    9.100000] igb 0000:01:00.0 eno1: igb: eno1 NIC Link is Down\n", "network did not come up")]
    [InlineData("[    9.100000] NetworkManager[300]: <warn>  [1.0] dhcp4 (eno1): request timed out\n", "network did not come up")]
    [InlineData("[    9.100000] dhclient[300]: No DHCPOFFERS received.\n", "network did not come up")]
    public void The_first_failure_of_the_network_is_told_with_the_target(string line, string why)
    {
        Assert.Contains(why, Assert.Single(Explained.Findings("dump-write-failed", Explained.CaptureBoot + line + Ssh)).Title,
            StringComparison.Ordinal);
        Assert.Contains(why, Assert.Single(Explained.Findings("dump-target-mount-failed", Explained.CaptureBoot + line + Nfs)).Title,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[   20.200000] kdump.sh[401]: Host key verification failed.\n")]
    [InlineData("[   20.200000] kdump.sh[401]: root@s: Permission denied (publickey,password).\n")]
    public void A_server_that_was_reached_and_refused_is_no_matter_of_the_network(string refused) => Assert.DoesNotContain("network",
        Assert.Single(Explained.Findings("dump-write-failed", Explained.CaptureBoot +
            "[    9.100000] igb 0000:01:00.0 eno1: igb: eno1 NIC Link is Down\n" + refused +
            "[   20.400000] kdump[402]: saving vmcore failed\n")).Title, StringComparison.Ordinal);

    [Fact]
    public void A_link_that_is_down_on_an_ordinary_machine_says_nothing_here() => Assert.DoesNotContain(
        Explained.Verdict(Explained.FirstBoot + "[    9.100000] igb 0000:01:00.0 eno1: igb: eno1 NIC Link is Down\n").Findings,
        f => f.Id is "dump-write-failed" or "dump-target-mount-failed");
}
