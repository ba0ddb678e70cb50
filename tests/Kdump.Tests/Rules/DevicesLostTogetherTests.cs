using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>Devices that are lost in the same moment are one event, and it is told of what they have in common.</summary>
public sealed class DevicesLostTogetherTests
{
    private const string Id = "devices-lost-together";

    private static string Left(params (double At, string Port)[] gone) => string.Concat(gone.Select(g =>
        FormattableString.Invariant($"[{g.At,12:0.000000}] usb {g.Port}: USB disconnect, device number 5\n")));

    [Fact]
    public void A_hub_goes_with_what_is_behind_it()
    {
        Finding f = Assert.Single(Explained.Findings(Id, Left((100, "1-1.4"), (100.1, "1-1.4.1"), (100.2, "1-1.4.3"))));
        Assert.Equal("the USB hub 1-1.4 left the bus, and with it 1-1.4.1, 1-1.4.3", f.Title);
        // Nothing that used them failed: somebody may have unplugged the dock.
        Assert.Equal(Severity.Info, f.Severity);
        Assert.Contains("usb-device-left:1-1.4.3", f.Explains);
    }

    [Fact]
    public void Devices_of_one_hub_that_stayed_are_told_of_the_hub()
    {
        Finding f = Assert.Single(Explained.Findings(Id, Left((100, "2-1.1"), (100.1, "2-1.2"), (100.2, "2-1.3"))));
        Assert.Equal("2-1", f.Subject);
        Assert.StartsWith("3 USB devices left the bus at once", f.Title, StringComparison.Ordinal);
        Assert.Equal("usb3", Assert.Single(Explained.Findings(Id, Left((100, "3-1"), (100.1, "3-2")))).Subject);
    }

    [Fact]
    public void A_disk_behind_the_hub_that_failed_makes_it_a_trouble()
    {
        Finding f = Assert.Single(Explained.Findings(Id, Left((100, "1-1"), (100.1, "1-1.2")) +
            "[  100.200000] I/O error, dev sdb, sector 8 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2\n"));
        Assert.Equal(Severity.Warning, f.Severity);
        Assert.Contains("disk-io-error:sdb", f.Explains);
    }

    [Theory]
    [InlineData("1-1.4", "1-1.5", 100, 160)]
    [InlineData("1-1.4", "2-1.4", 100, 100.1)]
    [InlineData("1-1", "1-12", 100, 160)]
    public void Devices_that_have_nothing_in_common_or_left_one_by_one_are_told_each(string one, string other, double first, double then) =>
        Assert.Empty(Explained.Findings(Id, Left((first, one), (then, other))));

    [Fact]
    public void Links_of_disks_that_go_down_together_are_one_event()
    {
        static string Gone(double at, string link) => FormattableString.Invariant($"[{at,12:0.000000}] {link}.00: disabled\n");
        Finding f = Assert.Single(Explained.Findings(Id, Gone(100, "ata1") + Gone(100.2, "ata2") + Gone(100.9, "ata4")));
        Assert.Equal("3 SATA links were lost at once: ata1, ata2, ata4", f.Title);
        Assert.Contains("supply", f.Fixes[0].Text, StringComparison.Ordinal);
        Assert.Empty(Explained.Findings(Id, Gone(100, "ata1") + Gone(500, "ata2")));
        Assert.Empty(Explained.Findings(Id, Gone(100, "ata1") + Gone(100.1, "ata1")));
    }

    [Fact]
    public void Disks_of_one_controller_are_told_together_and_of_two_not()
    {
        static string Failed(double at, string place, string disk) => FormattableString.Invariant(
            $"[{at,12:0.000000}] sd {place}: [{disk}] tag#1 FAILED Result: hostbyte=DID_NO_CONNECT driverbyte=DRIVER_OK\n") +
            FormattableString.Invariant($"[{at + 0.001,12:0.000000}] I/O error, dev {disk}, sector 8 op 0x0:(READ) flags 0x0\n");
        Finding f = Assert.Single(Explained.Findings(Id, Failed(100, "8:0:1:0", "sdb") + Failed(100.3, "8:0:2:0", "sdc")));
        Assert.Contains("scsi host 8 failed at once: sdb, sdc", f.Title, StringComparison.Ordinal);
        Assert.Empty(Explained.Findings(Id, Failed(100, "8:0:1:0", "sdb") + Failed(100.3, "9:0:2:0", "sdc")));
    }

    [Theory]
    [InlineData("0000:02:00.0", "0000:03:00.0", 1)]
    [InlineData("0000:02:00.1", "0000:02:00.2", 0)]
    public void Functions_of_one_card_are_one_device(string one, string other, int found) => Assert.Equal(found,
        Explained.Findings(Id, $"[  100.000000] nvme {one}: controller is down; will reset: CSTS=0xffffffff, PCI_STATUS=0xffff\n" +
            $"[  100.100000] nvme {other}: controller is down; will reset: CSTS=0xffffffff, PCI_STATUS=0xffff\n" +
            $"[  101.000000] nvme {one}: Disabling device after reset failure: -19\n" +
            $"[  101.100000] nvme {other}: Disabling device after reset failure: -19\n").Count);
}
