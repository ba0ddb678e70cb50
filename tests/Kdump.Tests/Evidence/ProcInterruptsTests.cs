using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Tests.Evidence;

public sealed class ProcInterruptsTests
{
    [Fact]
    public void The_table_of_the_field_is_read_between_shell_lines()
    {
        InterruptTable table = Field();
        Assert.Equal([0], table.Cpus);
        Assert.Equal(160, table.VectorsHeld);
        Assert.Equal(("pcieport", 101), table.Owners()[0]);
        Assert.Equal("timer", table.Rows[0].Actions);
        Assert.Equal(67, table.Rows[0].Total);
    }

    [Fact]
    public void Blocks_that_the_table_does_not_show_are_counted_from_the_gaps()
    {
        VectorUse use = VectorUse.Of(Field());
        Assert.Equal((160, 201), (use.Shown, use.Total));
        Assert.Equal([8, 8, 9, 8, 8], use.Hidden.Select(h => h.Count));
        Assert.Equal("0000:06:00.0", use.Hidden[0].Device);
    }

    [Fact]
    public void Chips_since_6_2_name_the_device_themselves()
    {
        InterruptTable table = Read(
            "           CPU0\n 30:  0  PCI-MSI-0000:00:1f.2    0-edge      ahci0\n 31:  0  PCI-MSI-0000:00:1f.2    1-edge      ahci1\n " +
            "38:  0  PCI-MSIX-0000:00:03.0   0-edge      virtio0-config\n");
        HiddenVectors hidden = Assert.Single(VectorUse.Of(table).Hidden);
        Assert.Equal(("0000:00:1f.2", 2, 8), (hidden.Device, hidden.Shown, hidden.Allocated));
    }

    [Fact]
    public void Interrupts_that_nobody_asked_for_and_those_of_other_chips_hold_no_vector()
    {
        InterruptTable table = Read(
            "           CPU0       CPU1\n 30:   0  0  IR-PCI-MSI 2048-edge      eth0\n 31:   0   0  IR-PCI-MSI 4096-edge\n 40:  0   0  " +
            "INT34C6:00  129  touch\n");
        Assert.Equal(1, table.VectorsHeld);
    }

    [Fact]
    public void A_header_without_rows_is_no_table()
    {
        Assert.Empty(Explained.Facts("           CPU0       CPU1\n\n").Of<InterruptTable>());
    }

    [Theory]
    [InlineData("CPU-1")]
    [InlineData("CPU99999")]
    [InlineData("CPU0 MEM0")]
    [InlineData("CPUx")]
    public void What_looks_like_a_header_and_is_none_starts_nothing(string header)
    {
        Assert.Empty(Explained.Facts($"  {header}\n 30:   0  IR-PCI-MSI 2048-edge      eth0\n").Of<InterruptTable>());
    }

    private static InterruptTable Field() =>
        Read(File.ReadAllText(Repository.Path("fixtures", "cases", "vector-exhaustion", "interrupts.txt")));

    private static InterruptTable Read(string text) => Assert.Single(Explained.Facts(text).Of<InterruptTable>());
}
