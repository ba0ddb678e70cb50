using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Tests.Evidence;

public sealed class ProbeErrorsTests
{
    [Theory]
    [InlineData("[    5.0000] nvme nvme0: Removing after probe failure status: -28", "nvme", "nvme0", 28)]
    [InlineData("[   57.333335] xhci_hcd 0000:ec:00.4: startup error -28", "xhci_hcd", "0000:ec:00.4", 28)]
    [InlineData("[   57.334354] xhci_hcd 0000:ec:00.4: init 0000:ec:00.4 fail, -28", "xhci_hcd", "0000:ec:00.4", 28)]
    public void Drivers_own_words_are_read(string line, string driver, string device, int errno)
    {
        DriverError error = Assert.Single(Explained.Facts(line + "\n").Of<DriverError>());
        Assert.Equal((driver, device, errno), (error.Driver, error.Device, error.Errno));
    }

    [Theory]
    [InlineData("[    5.0000] virtio_blk virtio0: 1/0/0 default/read/poll queues")]
    [InlineData("[    5.0000] pci 0000:00:1f.0: quirk: error range 0600-067f")]
    [InlineData("[    5.0000] x: probe of y failed with error -99999")]
    [InlineData("[    5.0000] x: probe of  failed with error -5")]
    public void Numbers_in_harmless_or_broken_lines_are_none(string line)
    {
        Assert.DoesNotContain(Explained.Facts(line + "\n").All, f => f is DriverError or ProbeFailed);
    }
}
