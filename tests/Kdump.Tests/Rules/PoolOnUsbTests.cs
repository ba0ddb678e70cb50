using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>A ZFS pool on a USB disk: that the disk left is the beginning, however long before the pool noticed.</summary>
public sealed class PoolOnUsbTests
{
    private const string Left = "[391233.163062] usb 1-2: USB disconnect, device number 3\n";

    private const string Pool =
        "[391300.979724] zio pool=back vdev=/dev/disk/by-id/usb-SAMSUNG_HD753LJ_1-0:0-part1 error=5 type=1 offset=5\n" +
        "[391300.980022] WARNING: Pool 'back' has encountered an uncorrectable I/O failure and has been suspended.\n";

    private static string Chain(string log) => string.Join(" ", Explained.Verdict(log).Chain.Select(f => f.Id));

    [Fact]
    public void The_disk_that_left_comes_first()
    {
        Assert.Equal("usb-device-left volume-io-error pool-suspended", Chain(Left + Pool));
        Finding f = Explained.Verdict(Left + Pool).Findings.Single(f => f.Id == "volume-io-error");
        Assert.Contains("usb device 1-2 left", f.Why, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("not a physical disk", f.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[391233.163062] usb 1-2: USB disconnect, device number 3\n[391233.263062] usb 3-1: USB disconnect, device number 4\n")]
    public void Of_several_or_none_it_is_not_known(string before) => Assert.Equal("volume-io-error pool-suspended", Chain(before + Pool));

    [Fact]
    public void A_disk_that_is_not_behind_USB_did_not_leave_with_it() => Assert.Equal("volume-io-error pool-suspended",
        Chain(Left + Pool.Replace("by-id/usb-", "by-id/ata-", StringComparison.Ordinal)));

    [Fact]
    public void Errors_of_another_pool_are_not_the_cause() =>
        Assert.DoesNotContain("volume-io-error pool", Chain(Pool.Replace("Pool 'back'", "Pool 'tank'", StringComparison.Ordinal)),
            StringComparison.Ordinal);
}
