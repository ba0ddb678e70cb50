using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class RebindWithoutEffectTests
{
    private const string Nvme = "lrwxrwxrwx 1 root 0 13 Jul  3 03:54 pci-0000:01:00.0-nvme-1 -> ../../nvme0n1\n";

    [Fact]
    public void A_bind_that_brings_no_disk_is_told_with_one_that_did()
    {
        Finding finding = Assert.Single(
            Explained.Findings("rebind-without-effect",
            File.ReadAllText(Repository.Path("fixtures", "cases", "vector-exhaustion", "by-path.txt"))));
        Assert.Equal("0000:1d:00.0", finding.Subject);
        Assert.Contains("0000:01:00.0 (nvme)", finding.Why, StringComparison.Ordinal);
        Assert.Equal(Severity.Info, finding.Severity);
    }

    [Fact]
    public void Without_a_listing_after_the_bind_nothing_is_said()
    {
        Assert.Empty(Explained.Findings("rebind-without-effect",
            "# ls -l /dev/disk/by-path\n" + Nvme + "sh:/sys/bus/pci/drivers/virtio-pci# echo 0000:1d:00.0 > bind\n"));
    }

    [Fact]
    public void An_unbind_is_meant_to_take_the_disk_away()
    {
        Assert.Empty(Explained.Findings("rebind-without-effect",
            "sh:/sys/bus/pci/drivers/virtio-pci# echo 0000:1d:00.0 > unbind\n# ls -l /dev/disk/by-path\n" + Nvme));
    }
}
