using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>A network card that got no interrupts takes the dump target behind it along.</summary>
public sealed class LostNetworkTargetTests
{
    private const string Id = "dump-target-mount-failed",
        Lost = "[   20.200000] kdump.sh[401]: mount.nfs: Network is unreachable\n" +
            "[   20.300000] kdump.sh[401]: kdump: mounting failed (mount point: /kdumproot//mnt, option: rw)\n" +
            "[   20.400000] kdump[402]: saving vmcore failed\n";

    [Theory]
    [InlineData("[    3.100000] ixgbe 0000:03:00.0 eth0: request_irq for MSIX interrupt Error: -28\n", "ixgbe 0000:03:00.0")]
    [InlineData("[    3.100000] e1000e 0000:00:19.0: probe with driver e1000e failed with error -28\n", "e1000e 0000:00:19.0")]
    [InlineData("[    3.100000] mlx5_core: probe of 0000:81:00.0 failed with error -12\n", "mlx5_core 0000:81:00.0")]
    public void The_mount_that_finds_no_way_names_the_card_that_did_not_start(string line, string card)
    {
        Finding finding = Assert.Single(Explained.Findings(Id, Explained.CaptureBoot + line + Lost));
        Assert.Contains(card, finding.Title, StringComparison.Ordinal);
        Assert.Contains(finding.Evidence, e => e.Text.Contains(card.Split(' ')[1], StringComparison.Ordinal));
    }

    [Fact]
    public void A_disk_that_failed_is_no_way_to_a_server() => Assert.DoesNotContain("card", Assert.Single(Explained.Findings(Id,
        Explained.CaptureBoot + "[    3.100000] nvme: probe of 0000:81:00.0 failed with error -12\n" + Lost)).Title,
        StringComparison.Ordinal);

    [Fact]
    public void A_server_that_says_no_is_reached_all_the_same() => Assert.DoesNotContain("card", Assert.Single(Explained.Findings(Id,
        Explained.CaptureBoot + "[    3.100000] mlx5_core: probe of 0000:81:00.0 failed with error -12\n" +
        Lost.Replace("Network is unreachable", "access denied by server while mounting s:/x", StringComparison.Ordinal))).Title,
        StringComparison.Ordinal);
}
