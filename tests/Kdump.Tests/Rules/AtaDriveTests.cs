using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>A drive for CDs is no hard disk, and a PATA port no SATA link.</summary>
public sealed class AtaDriveTests
{
    private const string Frozen = "[  100.000000] ata5.00: exception Emask 0x0 SAct 0x0 SErr 0x0 action 0x6 frozen\n";

    private static Finding Of(string log) => Assert.Single(Explained.Findings("disk-link-frozen", log));

    [Theory]
    [InlineData("[    1.000000] ata5.00: ATAPI: _NEC DVD_RW ND-2510A, 2.18, max UDMA/33\n" + Frozen)]
    [InlineData("[    1.000000] ata5: PATA max UDMA/133 cmd 0x1f0 ctl 0x3f6 bmdma 0xf000 irq 14\n" +
        "[    2.000000] ata5.01: ATAPI: _NEC DVD_RW ND-2510A, 2.18, max UDMA/33\n" + Frozen)]
    public void A_drive_is_called_by_its_model(string log)
    {
        Finding f = Of(log);
        Assert.Contains("link ata5 of an ATAPI drive", f.Title, StringComparison.Ordinal);
        Assert.DoesNotContain("SATA", f.Title, StringComparison.Ordinal);
        Assert.Contains("_NEC DVD_RW ND-2510A", f.Why, StringComparison.Ordinal);
        Assert.Contains(f.Fixes, x => x.Text.Contains("medium", StringComparison.Ordinal));
        Assert.DoesNotContain(f.Fixes, x => x.Command?.Contains("smartctl", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void A_disk_at_a_PATA_port_is_a_disk_without_a_SATA_link()
    {
        Finding f = Of("[    1.000000] ata5: PATA max UDMA/133 cmd 0x1f0 ctl 0x3f6 bmdma 0xf000 irq 14\n" + Frozen);
        Assert.DoesNotContain("SATA", f.Title, StringComparison.Ordinal);
        Assert.DoesNotContain("ATAPI", f.Title + f.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disk_beside_such_a_drive_is_not_taken_for_it()
    {
        Finding f = Of("[    1.000000] ata5: PATA max UDMA/133 cmd 0x1f0 ctl 0x3f6 bmdma 0xf000 irq 14\n" +
            "[    2.000000] ata5.00: ATA-7: Maxtor 6Y080L0, YAR41BW0, max UDMA/133\n" +
            "[    2.100000] ata5.01: ATAPI: _NEC DVD_RW ND-2510A, 2.18, max UDMA/33\n" + Frozen);
        Assert.DoesNotContain("ATAPI", f.Title + f.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[    1.000000] ata6.00: ATAPI: _NEC DVD_RW ND-2510A, 2.18, max UDMA/33\n")]
    [InlineData("[    1.000000] ata5: SATA max UDMA/133 abar m2048@0xf7f16000 port 0xf7f16100 irq 25\n")]
    public void Of_other_ports_nothing_is_taken(string before) =>
        Assert.Contains("SATA link ata5", Of(before + Frozen).Title, StringComparison.Ordinal);
}
