using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class InterruptWithoutHandlerTests
{
    private const string Id = "interrupt-without-handler",
        Head = "[    5.228854] irq 27: nobody cared (try booting with the \"irqpoll\" option)\n" +
            "[    5.228929] CPU: 1 PID: 0 Comm: swapper/1 Not tainted 6.1.0-50-amd64 #1\n[    5.228930] Call Trace:\n" +
            "[    5.228931]  <IRQ>\n[    5.228932]  __report_bad_irq+0x3a/0xaf\n[    5.228933]  </IRQ>\n";

    [Fact]
    public void The_handlers_on_the_line_are_named()
    {
        Finding finding = Assert.Single(Explained.Findings(Id, Explained.FirstBoot + Head + "[    5.300000] handlers:\n" +
            "[    5.400000] [<00000000b4b77e32>] ssp_int [spi_pxa2xx_platform]\n" +
            "[    5.500000] [<00000000aaaaaaaa>] irq_default_primary_handler threaded [<00000000bbbbbbbb>] ucsi_work [ucsi_acpi]\n" +
            "[    5.600000] Disabling IRQ #27\n"));
        Assert.Contains("interrupt 27", finding.Title, StringComparison.Ordinal);
        Assert.Contains("ssp_int [spi_pxa2xx_platform], ucsi_work [ucsi_acpi]", finding.Title, StringComparison.Ordinal);
        Assert.Contains("disabled the line", finding.Why, StringComparison.Ordinal);
        Assert.Contains(finding.Evidence, e => e.Text.Contains("Disabling IRQ #27", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_the_list_it_is_told_all_the_same()
    {
        Finding finding = Assert.Single(Explained.Findings(Id, Explained.FirstBoot + Head));
        Assert.DoesNotContain("on this line", finding.Title, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_sentence_about_an_interrupt_is_nothing() => Assert.Empty(Explained.Findings(Id, Explained.FirstBoot +
        "[    5.200000] irq 27: Affinity broken due to vector space exhaustion.\n"));

    [Theory]
    [InlineData("kernel:do_IRQ: 8.71 No irq handler for vector (irq -1)", "CPU 8", "vector 71")]
    [InlineData("[ 9.1] __common_interrupt: 10.232 No irq handler for vector", "CPU 10", "vector 232")]
    [InlineData("(XEN) CPU2: No irq handler for vector eb (IRQ -23, LAPIC)", "CPU 2", "IRQ 22")]
    public void A_vector_without_an_owner_is_told_with_its_CPU(string line, string cpu, string what)
    {
        Finding finding = Assert.Single(Explained.Findings("vector-without-handler", line + "\n"));
        Assert.Contains(cpu, finding.Title, StringComparison.Ordinal);
        Assert.Contains(what, finding.Title + finding.Why, StringComparison.Ordinal);
    }
}
